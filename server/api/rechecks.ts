import type { CancelSignal, Ports } from '../../engine/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

const RECHECK = 'account.recheck'
/** How long a process asks nothing more about an account; a provider may refuse one kind of call for good. */
const QUIET_MS = 300_000
const MOST_KNOWN = 10_000

/** Has an account looked at whose provider refused its credentials while nothing can renew them, at most once in a while. */
export function createRechecks({
  jobs,
  clock,
  log,
}: Pick<Services, 'jobs' | 'clock' | 'log'>): Required<Ports>['refused'] {
  const asked = new Map<string, number>()
  return ({ environmentId, id }) => {
    const key = `${environmentId}/${id}`
    const now = clock.now()
    if ((asked.get(key) ?? 0) > now) return
    if (asked.size >= MOST_KNOWN) asked.clear()
    asked.set(key, now + QUIET_MS)
    const job = { name: RECHECK, payload: { integrated_account_id: id }, environmentId, key: id }
    jobs.add(job).catch((error: unknown) => {
      asked.delete(key)
      log.error(
        { err: error, integrated_account_id: id },
        'an account whose provider refused it could not be looked at',
      )
    })
  }
}

/** Does that: only when the definition's own call is refused as well does the account become `needs_reauth`. */
export function registerRechecks(services: Pick<Services, 'jobs' | 'stores' | 'engine' | 'clock' | 'log'>): void {
  services.jobs.handle(RECHECK, ({ integrated_account_id: id }, { id: job, environmentId, signal }) =>
    recheck(services, { environmentId: environmentId ?? '', id: String(id), requestId: `recheck_${job}`, signal }),
  )
}

interface Asked {
  readonly environmentId: string
  readonly id: string
  readonly requestId: string
  readonly signal: CancelSignal
}

async function recheck(
  { stores, engine, clock, log }: Parameters<typeof registerRechecks>[0],
  { environmentId, id, requestId, signal }: Asked,
): Promise<void> {
  const stored = await stores.accounts.get(environmentId, id)
  if (stored?.status !== 'active') return
  try {
    await engine.verify(toEngineAccount(stored), { requestId, priority: 'sync', onLimit: 'wait', signal })
  } catch (thrown) {
    const error = asEngineError(thrown)
    if (error.code !== 'needs_reauth') throw error
    const { version: ifVersion } = stored
    const change = { now: clock.now(), ifVersion, reason: 'credentials_refused' }
    await stores.accounts.update(environmentId, id, { status: 'needs_reauth' }, change).catch((late: unknown) => {
      const { code } = asEngineError(late)
      if (code !== 'conflict' && code !== 'unknown_account') throw late
    })
    log.warn({ integrated_account_id: id }, 'the credentials of an account are refused; it must be connected again')
  }
}
