import { type Account, EngineError } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import type { NewPartition, SyncFailure, SyncJob, SyncPlan, SyncRun } from '../stores/sync-types.ts'
import type { Target } from './page.ts'
import { isNewestFirst, planOf } from './plan.ts'
import type { SyncServices as Services } from './services.ts'

const MOST_ACCOUNTS = 1_000

/** An account of a run, with why it cannot be read where that is so. */
interface Party {
  readonly stored: IntegratedAccount
  readonly account: Account
}

/** Decides how each resource of each account is read, and stores it with the first parts. */
export async function makePlan(services: Services, job: SyncJob, run: SyncRun): Promise<readonly SyncPlan[]> {
  const { stores, clock } = services
  const found: SyncPlan[] = []
  for (const party of await partiesOf(services, job)) {
    for (const name of job.resources) found.push(await planResource(services, party, name, run))
  }
  const now = clock.now()
  const fresh = found
    .filter(({ state }) => state === 'reading')
    .map(({ setId, since }, at): NewPartition => ({ n: at + 1, setId, lower: since, upper: null }))
  await stores.database.db.transaction().execute(async (trx) => {
    for (const { setId, scope, state } of found) {
      if (scope === 'full' && state === 'reading') await stores.synced.nextGeneration(trx, setId)
    }
    await stores.syncRuns.savePlan(run.id, found, { trx, fresh, now })
  })
  return found
}

/** The account of the job, or every account of its tenant. */
async function partiesOf(services: Services, job: SyncJob): Promise<readonly Party[]> {
  const { accounts } = services.stores
  const { environmentId, integratedAccountId, tenantId } = job
  if (integratedAccountId !== null) {
    const stored = await accounts.get(environmentId, integratedAccountId)
    return stored === null ? [] : [await partyOf(services, stored)]
  }
  const { result } = await accounts.list(environmentId, { tenantId: tenantId ?? '', limit: MOST_ACCOUNTS })
  return Promise.all(result.map((stored) => partyOf(services, stored)))
}

async function partyOf({ stores }: Services, stored: IntegratedAccount): Promise<Party> {
  const overrides = await stores.overrides.layers(stored.environmentId, stored.integration, stored.id)
  return { stored, account: toEngineAccount(stored, overrides) }
}

async function planResource(
  { stores, engine, clock }: Services,
  party: Party,
  name: string,
  run: SyncRun,
): Promise<SyncPlan> {
  const { stored, account } = party
  const [model = '', resource = ''] = name.split('/')
  const address = { environmentId: stored.environmentId, integratedAccountId: stored.id, model, resource }
  const set = await stores.synced.ensure(address, clock.now())
  const known = engine.capabilities(account).models[model]?.[resource]
  if (known?.methods.includes('list') !== true) {
    const message = `${stored.integration} cannot list ${name}`
    return { ...planOf(set, NOTHING, run.mode), state: 'failed', error: { code: 'unsupported_method', message } }
  }
  const plan = planOf(set, known, run.mode)
  const error = closedBecause(stored)
  return error === null ? plan : { ...plan, state: 'failed', error }
}

const NOTHING = {
  methods: [],
  filters: {},
  sort: [],
  expand: [],
  stability: 'best_effort',
  canGoBack: false,
  fields: {},
} as const

function closedBecause({ id, status }: IntegratedAccount): SyncFailure | null {
  if (status === 'active') return null
  return { code: 'account_not_active', message: `The integrated account ${id} is ${status}, not active` }
}

/** What the lists of a plan that are not done are read with. Throws `unknown_account` never: a list whose account is gone is left out. */
export async function targetsOf(
  services: Services,
  environmentId: string,
  plan: readonly SyncPlan[],
): Promise<ReadonlyMap<number, Target>> {
  const targets = new Map<number, Target>()
  const accounts = new Map<string, Account | null>()
  for (const one of plan.filter(({ state }) => state === 'reading')) {
    const { integratedAccountId: id, model, resource, setId } = one
    if (!accounts.has(id)) {
      const stored = await services.stores.accounts.get(environmentId, id)
      accounts.set(id, stored === null ? null : (await partyOf(services, stored)).account)
    }
    const account = accounts.get(id) ?? null
    if (account === null) continue
    const known = services.engine.capabilities(account).models[model]?.[resource]
    if (known === undefined)
      throw new EngineError('unsupported_resource', `${account.integration} has no ${model}/${resource}`)
    targets.set(setId, { plan: one, account, isOrdered: isNewestFirst(known) })
  }
  return targets
}
