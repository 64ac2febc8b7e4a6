import { EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { countInMinute } from '../api/windows.ts'
import type { LinkToken } from '../stores/index.ts'

const MOST = 30

/** Counts an exchange of a link's token; each process lets through 30 a minute. Throws token_rate_limited. */
export function countExchange(services: Pick<Services, 'stores' | 'clock'>, { id }: LinkToken): void {
  const { count, endsAt } = countInMinute(services, `exchange ${id}`)
  if (count <= MOST) return
  throw new EngineError('token_rate_limited', 'This link was opened too often in the last minute', {
    waitMs: endsAt - services.clock.now(),
  })
}
