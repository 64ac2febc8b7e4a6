import { createHash } from 'node:crypto'
import { EngineError, type ModelResource } from '../../engine/index.ts'

const PREFIX = 'chg_'
const VERSION = 2

/** Where a reader of changes stands. */
export interface Places {
  /** The number of the last change seen, by set. */
  readonly seen: ReadonlyMap<number, number>
  /** The set to begin with, so that a busy account does not keep the others waiting. */
  readonly first: number
}

/** A place as text. It never ends, so it is not encrypted: a master key may go before it. It holds numbers only and grants nothing. */
export function writePlaces({ seen, first }: Places, resource: ModelResource): string {
  const bytes = [VERSION, ...fingerprint(resource)]
  writeNumber(bytes, first)
  let before = 0
  for (const [setId, seq] of [...seen].sort(([a], [b]) => a - b)) {
    writeNumber(bytes, setId - before)
    writeNumber(bytes, seq)
    before = setId
  }
  return PREFIX + Buffer.from(bytes).toString('base64url')
}

/** Throws `invalid_cursor`, or `foreign_cursor` for a place among the changes of another resource. */
export function readPlaces(cursor: string | undefined, resource: ModelResource): Places {
  if (cursor === undefined) return { seen: new Map(), first: 0 }
  if (!/^chg_[\w-]{7,}$/.test(cursor)) throw badCursor()
  const bytes = Buffer.from(cursor.slice(PREFIX.length), 'base64url')
  if (bytes[0] !== VERSION || bytes.length < 5) throw badCursor()
  if (!bytes.subarray(1, 5).equals(fingerprint(resource))) {
    throw new EngineError('foreign_cursor', 'This is a place among the changes of another resource', {
      where: 'cursor',
      hint: 'Give next_cursor of an earlier answer for this resource.',
    })
  }
  const numbers = readNumbers(bytes.subarray(5))
  const [first = Number.NaN] = numbers
  if (numbers.length % 2 !== 1 || !numbers.every(Number.isSafeInteger)) throw badCursor()
  const seen = new Map<number, number>()
  let setId = 0
  for (let at = 1; at < numbers.length; at += 2) {
    setId += numbers[at] ?? 0
    seen.set(setId, numbers[at + 1] ?? 0)
  }
  return { seen, first }
}

/** The error for what is no place. */
export const badCursor = (): EngineError =>
  new EngineError('invalid_cursor', 'This is no place among the changes', {
    where: 'cursor',
    hint: 'Give next_cursor of an earlier answer.',
  })

const fingerprint = ({ model, name }: ModelResource): Buffer =>
  createHash('sha256').update(`${model}/${name}`).digest().subarray(0, 4)

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function writeNumber(bytes: number[], value: number): void {
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

/** NaN stands for bytes that end in the middle of a number. */
function readNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let value = 0
  let unit = 1
  for (const byte of bytes) {
    value += (byte % 128) * unit
    unit *= 128
    if (byte >= 128) continue
    numbers.push(value)
    value = 0
    unit = 1
  }
  return unit === 1 ? numbers : [...numbers, Number.NaN]
}
