import { EngineError, type JsonRecord } from '../../engine/index.ts'
import { type Identity, type Joined, join, type Link } from '../identity/join.ts'
import { type CustomerSet, readCustomers, type SyncedCustomer } from '../identity/read.ts'
import { type CustomerPlace, type IdentityVerdict, inOrder } from '../stores/identity-verdicts.ts'
import type { IntegratedAccount, JsonObject } from '../stores/index.ts'
import { type AccountChoice, chooseStored } from './accounts.ts'
import { audit } from './audit.ts'
import type { CallContext, Reply } from './context.ts'
import { leftOut } from './left-out.ts'
import { severalAccounts } from './several-accounts.ts'
import { instant } from './wire.ts'

/** What was found out about the customers of some accounts. */
interface Compared {
  readonly customers: readonly SyncedCustomer[]
  readonly accounts: ReadonlyMap<string, CustomerSet>
  readonly joined: Joined
  readonly missing: readonly IntegratedAccount[]
}

/** Which identities, and how many. */
export interface IdentityQuery extends AccountChoice {
  readonly limit: number
  /** How many to pass over. */
  readonly from: number
  /** Single customers, too. */
  readonly all: boolean
}

/** Customers that are the same person or company, over accounts. Throws as `severalAccounts`, `not_synced`, `too_much_data`. */
export async function listIdentities(
  context: CallContext,
  query: IdentityQuery,
): Promise<JsonObject & { next: number | null }> {
  const compared = await compare(context, await severalAccounts(context, query))
  const shown = compared.joined.identities.filter(({ members }) => query.all || members.length > 1)
  const page = shown.slice(query.from, query.from + query.limit)
  const next = query.from + query.limit < shown.length ? query.from + query.limit : null
  return { next, ...(await answer(context, compared, page)), ignored: compared.joined.ignored }
}

/** The identity of one customer, among the accounts of its tenant. Throws as above, and record_not_found. */
export async function getIdentity(
  context: CallContext,
  accountId: string | undefined,
  id: string,
): Promise<JsonObject> {
  const account = await chooseStored(context, accountId)
  const compared = await compare(context, await severalAccounts(context, { tenantId: account.tenantId }))
  const at = compared.customers.findIndex(({ place }) => place.accountId === account.id && place.customerId === id)
  const identity = compared.joined.identities.find(({ members }) => members.includes(at))
  if (identity === undefined) {
    throw new EngineError('record_not_found', `No synced customer of ${account.id} has the id ${id.slice(0, 128)}`)
  }
  const { result, ...rest } = await answer(context, compared, [identity])
  return { ...(result[0] as JsonObject), ...rest }
}

async function compare(context: CallContext, accounts: readonly IntegratedAccount[]): Promise<Compared> {
  const { stores } = context.services
  const [first] = accounts
  if (first === undefined) throw notSynced()
  const { environmentId } = first
  const ids = accounts.map(({ id }) => id)
  const sets = (await stores.syncedReads.setsOf(environmentId, ids)).filter(({ resource }) => resource === 'customers')
  const found = new Map<string, CustomerSet>()
  for (const set of [...sets].sort((a, b) => (a.model < b.model ? -1 : 1))) {
    const account = accounts.find(({ id }) => id === set.integratedAccountId)
    if (account !== undefined && !found.has(account.id)) found.set(account.id, { account, set })
  }
  if (found.size === 0) throw notSynced()
  const { identityRules } = await settingsOf(context, environmentId)
  const read = await readCustomers(stores, [...found.values()], identityRules)
  const customers = [...read].sort((a, b) => inOrder(a.place, b.place))
  const verdicts = await stores.identityVerdicts.within(environmentId, ids)
  const missing = accounts.filter(({ id }) => !found.has(id))
  return { customers, accounts: found, joined: join(customers, verdicts), missing }
}

async function settingsOf({ services }: CallContext, environmentId: string) {
  const environment = await services.stores.environments.get(environmentId)
  if (environment === null) throw new EngineError('not_found', `There is no environment ${environmentId}`)
  return environment.settings
}

const notSynced = (): EngineError =>
  new EngineError('not_synced', 'No customers of these accounts were synced', {
    hint: 'Make a sync job for customers of each of them: POST /sync-job.',
  })

/** What is known of the customers of some identities, and why they are one. */
async function answer(context: CallContext, compared: Compared, identities: readonly Identity[]) {
  const { customers, accounts, missing } = compared
  const records = await recordsOf(context, compared, identities)
  const place = (at: number): JsonObject => placeOut((customers[at] as SyncedCustomer).place)
  const linkOut = ({ a, b, by, value, verdictId }: Link): JsonObject => ({
    ...{ a: place(a), b: place(b), by, value, verdict_id: verdictId },
  })
  const result = identities.map(({ members, links, heldApart }) => ({
    customers: members.map((at) => customerOut(customers[at] as SyncedCustomer, accounts, records)),
    links: links.map(linkOut),
    held_apart: heldApart.map(linkOut),
  }))
  const completed = [...accounts.values()].map(({ set }) => set.completeUntil)
  const observed = completed.includes(null) ? null : Math.min(...(completed as number[]))
  const error = notSynced()
  return { result, observed_at: instant(observed), errors: missing.map((account) => leftOut({ account, error })) }
}

const placeOut = ({ accountId, customerId }: CustomerPlace): JsonObject => ({
  integrated_account_id: accountId,
  id: customerId,
})

function customerOut(
  { place, setId }: SyncedCustomer,
  accounts: Compared['accounts'],
  records: ReadonlyMap<string, JsonRecord>,
): JsonObject {
  const { account, set } = accounts.get(place.accountId) as CustomerSet
  const record = records.get(`${setId} ${place.customerId}`) ?? {}
  const { name = null, email = null, phone = null, created_at = null } = record
  return { ...placeOut(place), integration: account.integration, model: set.model, name, email, phone, created_at }
}

/** The records of what is shown; what is compared holds its keys only. */
async function recordsOf(
  { services }: CallContext,
  { customers }: Compared,
  identities: readonly Identity[],
): Promise<ReadonlyMap<string, JsonRecord>> {
  const wanted = new Map<number, string[]>()
  for (const at of identities.flatMap(({ members }) => members)) {
    const { setId, place } = customers[at] as SyncedCustomer
    wanted.set(setId, [...(wanted.get(setId) ?? []), place.customerId])
  }
  const found = new Map<string, JsonRecord>()
  for (const [setId, all] of wanted) {
    for (let from = 0; from < all.length; from += 500) {
      const ids = all.slice(from, from + 500)
      const rows = await services.stores.syncedReads.records(setId, { descending: false, after: null, ids, limit: 500 })
      for (const { recordId, data } of rows) found.set(`${setId} ${recordId}`, JSON.parse(data) as JsonRecord)
    }
  }
  return found
}

/** A customer as a body names it. */
export interface GivenPlace {
  readonly integrated_account_id: string
  readonly id: string
}

/** What is said of two customers. */
export interface GivenVerdict {
  readonly customers: readonly [GivenPlace, GivenPlace]
  readonly verdict: IdentityVerdict['verdict']
  readonly note?: string | null
}

/** Keeps what a person says of two customers of one tenant. Throws invalid_body and unknown_account. */
export async function putVerdict(context: CallContext, given: GivenVerdict): Promise<Reply> {
  const { services, caller } = context
  const [a, b] = [await named(context, given.customers[0]), await named(context, given.customers[1])]
  const isOne = a.account.id === b.account.id && a.place.customerId === b.place.customerId
  const why = isOne
    ? 'These are one and the same customer'
    : a.account.tenantId !== b.account.tenantId
      ? 'Customers of different tenants are never the same'
      : null
  if (why !== null) throw new EngineError('invalid_body', why, { where: '/customers' })
  const said = { pair: [a.place, b.place] as const, verdict: given.verdict, note: given.note ?? null }
  const { environmentId } = a.account
  const kept = await services.stores.identityVerdicts.put(
    environmentId,
    { ...said, madeBy: `token:${caller.token.id}` },
    services.clock.now(),
  )
  await audit(context, 'identity.verdict', `identity_verdict:${kept.id}`, 'succeeded', { verdict: given.verdict })
  return { status: 201, body: verdictOut(kept) }
}

async function named(context: CallContext, given: GivenPlace) {
  const account = await chooseStored(context, given.integrated_account_id)
  return { account, place: { accountId: account.id, customerId: given.id } }
}

/** A verdict on the wire. */
export const verdictOut = ({ id, pair, verdict, note, madeBy, createdAt }: IdentityVerdict): JsonObject => ({
  ...{ id, customers: pair.map(placeOut), verdict, note, by: madeBy, created_at: instant(createdAt) },
})
