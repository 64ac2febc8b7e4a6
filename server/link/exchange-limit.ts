import { EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import type { LinkToken } from '../stores/index.ts'

const WINDOW_MS = 60_000
const MOST = 30
const MOST_KNOWN = 10_000

interface Window {
  readonly endsAt: number
  count: number
}

const windows = new WeakMap<Services['stores'], Map<string, Window>>()

/** Counts an exchange of a link's token; each process lets through 30 a minute. Throws token_rate_limited. */
export function countExchange({ stores, clock }: Pick<Services, 'stores' | 'clock'>, { id }: LinkToken): void {
  const known = windows.get(stores) ?? new Map<string, Window>()
  windows.set(stores, known)
  const now = clock.now()
  const current = known.get(id)
  if (current === undefined || current.endsAt <= now) {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(id, { endsAt: now + WINDOW_MS, count: 1 })
    return
  }
  current.count += 1
  if (current.count <= MOST) return
  throw new EngineError('token_rate_limited', 'This link was opened too often in the last minute', {
    waitMs: current.endsAt - now,
  })
}
