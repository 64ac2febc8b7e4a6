import type { Account } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { IntegratedAccount, Keyset, Page } from '../stores/index.ts'
import type { NewPartition, SyncFailure, SyncJob, SyncPlan, SyncRun } from '../stores/sync-types.ts'
import { isNewestFirst, planOf } from './plan.ts'
import type { SyncServices as Services } from './services.ts'
import type { Target } from './target.ts'

const ACCOUNTS_AT_ONCE = 200

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
    for (const name of job.resources)
      found.push(await planResource(services, party, name, { mode: run.mode, push: job.push }))
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
  const found: Party[] = []
  for (let after: Keyset | null = null; ; ) {
    const page: Page<IntegratedAccount> = await accounts.list(environmentId, {
      ...{ tenantId: tenantId ?? '', limit: ACCOUNTS_AT_ONCE, after },
    })
    for (const stored of page.result) found.push(await partyOf(services, stored))
    if (page.next === null) return found
    after = page.next
  }
}

async function partyOf({ stores }: Services, stored: IntegratedAccount): Promise<Party> {
  const overrides = await stores.overrides.layers(stored.environmentId, stored.integration, stored.id)
  return { stored, account: toEngineAccount(stored, overrides) }
}

type Asked = Parameters<typeof planOf>[2]

async function planResource(
  { stores, engine, clock }: Services,
  party: Party,
  name: string,
  asked: Asked,
): Promise<SyncPlan> {
  const { stored, account } = party
  const [model = '', resource = ''] = name.split('/')
  const address = { environmentId: stored.environmentId, integratedAccountId: stored.id, model, resource }
  const set = await stores.synced.ensure(address, clock.now())
  const known = engine.capabilities(account).models[model]?.[resource]
  if (known?.methods.includes('list') !== true) {
    const message = `${stored.integration} cannot list ${name}`
    return { ...planOf(set, NOTHING, asked), state: 'failed', error: { code: 'unsupported_method', message } }
  }
  const plan = planOf(set, known, asked)
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

/** What the lists of a plan that are not done are read with, and those that cannot be read any more, by set. */
export interface Targets {
  readonly open: ReadonlyMap<number, Target>
  readonly closed: ReadonlyMap<number, SyncFailure>
}

/** Looks at the accounts of a plan anew: they may have changed since it was made. */
export async function targetsOf(
  services: Services,
  environmentId: string,
  plan: readonly SyncPlan[],
): Promise<Targets> {
  const open = new Map<number, Target>()
  const closed = new Map<number, SyncFailure>()
  const parties = new Map<string, Party | null>()
  for (const one of plan.filter(({ state }) => state === 'reading')) {
    const { integratedAccountId: id, setId } = one
    if (!parties.has(id)) {
      const stored = await services.stores.accounts.get(environmentId, id)
      parties.set(id, stored && (await partyOf(services, stored)))
    }
    const target = targetOf(services, parties.get(id) ?? null, one)
    if ('code' in target) closed.set(setId, target)
    else open.set(setId, target)
  }
  return { open, closed }
}

function targetOf({ engine }: Services, party: Party | null, plan: SyncPlan): Target | SyncFailure {
  const { model, resource, integratedAccountId: id, tells } = plan
  if (party === null) return { code: 'unknown_account', message: `There is no integrated account ${id}` }
  const { stored, account } = party
  const failure = closedBecause(stored)
  if (failure !== null) return failure
  const known = engine.capabilities(account).models[model]?.[resource]
  if (known?.methods.includes('list') !== true) {
    return { code: 'unsupported_resource', message: `${account.integration} has no list of ${model}/${resource}` }
  }
  const { environmentId, tenantId, integration, livemode } = stored
  const of = { environmentId, integratedAccountId: id, tenantId, integration, livemode, model, resource }
  const isTold = engine.integration(account).webhooks !== undefined
  return { plan, account, isOrdered: isNewestFirst(known), telling: tells ? of : null, isTold }
}
