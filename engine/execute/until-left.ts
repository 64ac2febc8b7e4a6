import { EngineError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { CallOptions } from './contract.ts'

/**
 * Work that goes on whoever waits for it: the caller waits until the deadline or until it leaves. Throws timeout or
 * canceled, nothing sent, and what the work throws.
 */
export async function untilLeft<T>(
  work: Promise<T>,
  clock: Clock,
  { deadline, signal }: Pick<CallOptions, 'deadline' | 'signal'>,
): Promise<T> {
  if (deadline === undefined && signal === undefined) return await work
  const over = new AbortController()
  const leave = (): void => over.abort(LEFT)
  if (signal?.aborted) leave()
  signal?.addEventListener('abort', leave, { once: true })
  const leftMs = deadline === undefined ? FOREVER_MS : Math.max(0, deadline - clock.now())
  const late = clock.sleep(leftMs, over.signal).then(
    () =>
      Promise.reject(new EngineError('timeout', 'The deadline passed while the token was renewed', { sent: false })),
    (reason: unknown) =>
      reason === LEFT
        ? Promise.reject(new EngineError('canceled', 'The caller left while the token was renewed', { sent: false }))
        : new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort(DONE)
    signal?.removeEventListener('abort', leave)
  }
}

const LEFT = Symbol('left')
const DONE = Symbol('done')
/** Longer than any renewal takes. */
const FOREVER_MS = 3_600_000
