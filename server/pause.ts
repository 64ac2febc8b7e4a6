/** Longest that a piece of work keeps the process from others, in milliseconds; a good page never takes it. */
const SLICE_MS = 4

/** The engine's `pause`: lets whatever waits have the process when the last pause was a while ago. */
export function createPause(now: () => number = () => performance.now()): () => Promise<void> | undefined {
  let turnedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - turnedAt < SLICE_MS) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        turnedAt = now()
        resolve()
      })
    })
  }
}
