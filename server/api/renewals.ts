import type { CancelSignal } from '../../engine/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

const RENEW = 'grant.renew'
const FIND = 'grant.find_due'
const HOURLY = '0 * * * *'
const JOBS_A_PAGE = 1_000

type Needed = Pick<Services, 'stores' | 'engine' | 'clock' | 'log' | 'jobs'>

/**
 * Has tokens renewed that nobody calls with, since a refresh token that is never used may expire: each token that is stored
 * brings the job that renews it, and once an hour those are looked for that are due and have none.
 */
export function registerRenewals(services: Needed): void {
  const { jobs, stores } = services
  jobs.handle(RENEW, ({ integrated_account_id: id }, { id: job, environmentId, signal }) =>
    renewGrant(services, { environmentId: environmentId ?? '', id: String(id) }, { job, signal }),
  )
  jobs.handle(FIND, () => findDue(services))
  jobs.schedule(FIND, HOURLY)
  stores.grantTimes.follow((trx, { environmentId, accountId, renewAt }) =>
    jobs.enqueue(trx, renewalJob(environmentId, accountId, renewAt)),
  )
}

const renewalJob = (environmentId: string, id: string, runAt: number) => ({
  ...{ name: RENEW, payload: { integrated_account_id: id }, environmentId },
  ...{ key: id, runAt },
})

interface Place {
  readonly environmentId: string
  readonly id: string
}

/** A grant that is over is told by its account; every other failure is tried again. */
async function renewGrant(
  { stores, engine, log }: Needed,
  { environmentId, id }: Place,
  { job, signal }: { readonly job: string; readonly signal: CancelSignal },
): Promise<void> {
  const stored = await stores.accounts.get(environmentId, id)
  if (stored?.status !== 'active') return
  const options = { requestId: `renew_${job}`, priority: 'sync', onLimit: 'wait', signal } as const
  try {
    await engine.renew(toEngineAccount(stored), options)
  } catch (thrown) {
    const { code } = asEngineError(thrown)
    log.warn({ integrated_account_id: id, code }, 'an idle grant was not renewed')
    if (code !== 'needs_reauth' && code !== 'unknown_account') throw thrown
  }
}

/** Accounts of before there were jobs, or written by a tool; those whose job waits, runs or is dead are passed over. */
async function findDue({ stores, jobs, clock, log }: Needed): Promise<void> {
  const now = clock.now()
  const due = await stores.grants.due(now)
  const environments = [...new Set(due.map(({ environmentId }) => environmentId))]
  const known = due.length === 0 ? new Set<string>() : await withJob(jobs, environments)
  const without = due.filter((place) => !known.has(keyOf(place)))
  for (const { environmentId, id } of without) await jobs.add(renewalJob(environmentId, id, now))
  if (without.length > 0) log.info({ accounts: without.length }, 'grants that were due had no job')
}

const keyOf = ({ environmentId, id }: Place): string => `${environmentId}/${id}`

async function withJob(jobs: Needed['jobs'], environments: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (let before: number | undefined; ; ) {
    const page = await jobs.list({ environments, name: RENEW, limit: JOBS_A_PAGE, before })
    for (const { environmentId, payload } of page) {
      found.add(keyOf({ environmentId: environmentId ?? '', id: String(payload.integrated_account_id) }))
    }
    if (page.length < JOBS_A_PAGE) return found
    before = Number(page.at(-1)?.id)
  }
}
