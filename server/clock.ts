import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Random } from '../engine/index.ts'

/** The time of this machine. */
export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error) => {
      throw signal?.reason ?? error
    }),
})

/** Randomness of this machine; ids are from the cryptographic source. */
export const SYSTEM_RANDOM: Random = Object.freeze({
  next: () => Math.random(),
  id: (length = 22) =>
    randomBytes(Math.ceil((length * 3) / 4))
      .toString('base64url')
      .slice(0, length),
})
