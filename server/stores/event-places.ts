import { EngineError } from '../../engine/index.ts'

const SEQ_DIGITS = 14

const WHERE = { where: 'after', hint: 'Give the id of an event, or next_cursor of an earlier answer.' }

/** The place behind the event of a number. */
export const positionOf = (seq: number): string => `evt_${String(seq).padStart(SEQ_DIGITS, '0')}`

/** The place before the first event of any environment. */
export const START = positionOf(0)

/** The number that an id or a place starts with, or null. */
export function seqOf(text: string): number | null {
  const digits = /^evt_(\d{14})[0-9a-f]{0,32}$/.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** The number of a place, null where none is given. Throws `invalid_cursor` for what is none. */
export function placeOf(after: string | undefined): number | null {
  if (after === undefined) return null
  const seq = seqOf(after)
  if (seq === null) throw new EngineError('invalid_cursor', 'This is no place among the events', WHERE)
  return seq
}

/** Throws `invalid_cursor` for a place that has not been, `expired_cursor` where events after it are gone. */
export function checkPlace(after: number | null, last: number, swept: number): void {
  if (after === null) return
  if (after > last) throw new EngineError('invalid_cursor', 'No event has been there yet', WHERE)
  if (after >= swept) return
  throw new EngineError(
    'expired_cursor',
    'Events after this place are gone: past their retention, or not in the backup that was restored',
    {
      where: 'after',
      hint: 'Read your accounts anew, then go on from the oldest event: leave `after` out.',
    },
  )
}
