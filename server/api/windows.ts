import type { Services } from './context.ts'

const WINDOW_MS = 60_000
const MOST_KNOWN = 10_000

/** A minute in which something is counted. */
export interface Window {
  /** Epoch ms. */
  readonly endsAt: number
  readonly count: number
}

const windows = new WeakMap<Services['stores'], Map<string, Window>>()

/** Counts one more of a kind in this process: the minute that it falls into, with how many there were in it so far. */
export function countInMinute({ stores, clock }: Pick<Services, 'stores' | 'clock'>, kind: string): Window {
  const known = windows.get(stores) ?? new Map<string, Window>()
  windows.set(stores, known)
  const now = clock.now()
  const current = known.get(kind)
  const isOver = current === undefined || current.endsAt <= now
  if (isOver && known.size >= MOST_KNOWN) known.clear()
  const next = isOver ? { endsAt: now + WINDOW_MS, count: 1 } : { ...current, count: current.count + 1 }
  known.set(kind, next)
  return next
}
