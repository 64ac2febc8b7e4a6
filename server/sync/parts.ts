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
  const { lower, position, top, read, isDone } = part
  if (isDone) return 0
  if (position === null) return null
  const covered = Math.max(SECOND, top - position)
  return (read / covered) * Math.max(0, position - (lower ?? EARLIEST))
}

/** The instant at which a part is divided in two that are each worth it, on a whole second; null when it is not. */
export function splitPoint(part: PartProgress): number | null {
  const left = recordsLeft(part)
  if (left === null || left < 2 * LEAST || part.position === null) return null
  const lower = part.lower ?? EARLIEST
  const middle = Math.floor((part.position + lower) / 2 / SECOND) * SECOND
  return middle > lower && middle < part.position ? middle : null
}
