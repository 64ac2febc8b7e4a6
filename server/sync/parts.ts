import type { SyncPartition } from '../stores/sync-types.ts'

/** Records that a part is worth: one that is smaller is not divided. */
const LEAST = 200
/** Where dividing begins when nobody says how old the oldest record is; what is older stays in the last part. */
const EARLIEST = Date.UTC(2000, 0, 1)
const SECOND = 1_000

/** What is known of a part while it is read. */
export interface PartProgress extends Pick<SyncPartition, 'lower' | 'upper' | 'position' | 'isDone'> {
  /** Instant of the first record that this process has read of it; until then where it began. */
  readonly top: number
  /** Records from there to `position`. */
  readonly read: number
}

/** How many records a part still holds, judged by how dense it was so far; null before its first page. */
export function recordsLeft(part: PartProgress): number | null {
  const { lower, position, read, isDone } = part
  if (isDone) return 0
  if (position === null) return null
  return (read / covered(part, position)) * Math.max(0, position - (lower ?? EARLIEST))
}

/**
 * How many records all parts of a list still hold: one of which nothing was read yet is taken to be as dense as the others
 * were so far. Null where nothing tells how far it goes.
 */
export function allRecordsLeft(parts: readonly PartProgress[]): number | null {
  const begun = parts.flatMap((part) => (part.position === null ? [] : [{ ...part, position: part.position }]))
  // Where the first part began in truth may be long ago.
  const dense = begun.some(({ upper }) => upper !== null) ? begun.filter(({ upper }) => upper !== null) : begun
  const read = dense.reduce((sum, part) => sum + part.read, 0)
  const time = dense.reduce((sum, part) => sum + covered(part, part.position), 0)
  let left = 0
  for (const part of parts) {
    const some =
      recordsLeft(part) ?? (part.lower === null || time === 0 ? null : (read / time) * (part.top - part.lower))
    if (some === null) return null
    left += some
  }
  return left
}

const covered = ({ top }: PartProgress, position: number): number => Math.max(SECOND, top - position)

/**
 * The instant at which a part is divided in two that are each worth it, on a whole second; null when it is not. Where nobody
 * says how far it goes, in the middle of the orders of magnitude: halves would be empty one after the other.
 */
export function splitPoint(part: PartProgress): number | null {
  const { lower, position } = part
  const left = recordsLeft(part)
  if (left === null || left < 2 * LEAST || position === null) return null
  const reach = lower === null ? Math.sqrt(covered(part, position) * (position - EARLIEST)) : (position - lower) / 2
  const middle = Math.floor((position - reach) / SECOND) * SECOND
  return middle > (lower ?? EARLIEST) && middle < position ? middle : null
}
