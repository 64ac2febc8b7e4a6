import { randomBytes } from 'node:crypto'
import type { CancelSignal, Clock, Random } from '../engine/index.ts'

/** The time of this machine. */
export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => Date.now(),
  sleep: (ms: number, signal?: CancelSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal?.addEventListener('abort', leave, { once: true })
    }),
})

const POOL_BYTES = 8_192
let pool = Buffer.alloc(0)

/** Random bytes; the system is asked for many at a time, each is given out once. */
function take(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(Math.max(POOL_BYTES, count))
  const taken = pool.subarray(0, count)
  pool = pool.subarray(count)
  return taken
}

/** Randomness of this machine; ids are from the cryptographic source. */
export const SYSTEM_RANDOM: Random = Object.freeze({
  next: () => Math.random(),
  id: (length = 22) =>
    take(Math.ceil((length * 3) / 4))
      .toString('base64url')
      .slice(0, length),
})
