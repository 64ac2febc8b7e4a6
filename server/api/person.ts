import type { JsonRecord } from '../../engine/index.ts'
import { folded, type IsTerm, jsonOrText, mentions } from '../stores/mentions.ts'
import { PLACES, rowsAbout, shownRow } from '../stores/person-places.ts'
import type { SyncedSet } from '../stores/sync-types.ts'
import type { Services } from './context.ts'
import { recordOf } from './synced-scan.ts'

const BATCH = 500
/** A person may have several records that tell of each other: so often it is looked for more. */
const MOST_ROUNDS = 5

/** Whose data, and where. */
export interface PersonScope {
  readonly environmentId: string
  /** Null is every account of the environment. */
  readonly accountIds: readonly string[] | null
}

type With = Pick<Services, 'stores'>

/**
 * What else a person is recognised by: the ids and addresses of the customers that have one of the known ids or addresses.
 * `add` is given what is new and makes it known.
 */
export async function widen(
  services: With,
  scope: PersonScope,
  isTerm: IsTerm,
  add: (words: readonly string[]) => Promise<IsTerm>,
): Promise<IsTerm> {
  let known = isTerm
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = new Set<string>()
    for await (const customer of customersOf(services, scope)) {
      const own = [customer.id, customer.email].filter((word) => typeof word === 'string' && word !== '') as string[]
      if (!own.some((word) => known(folded(word)))) continue
      for (const word of own) if (!known(folded(word))) found.add(word)
    }
    if (found.size === 0) return known
    known = await add([...found])
  }
  return known
}

async function* customersOf({ stores }: With, scope: PersonScope): AsyncGenerator<JsonRecord> {
  for await (const { set, rows } of recordsOf({ stores }, scope)) {
    if (set.resource === 'customers') for (const { record } of rows) yield record
  }
  const place = PLACES.find(({ table }) => table === 'seen_records')
  if (place === undefined) return
  for await (const rows of rowsAbout(stores.database, stores.vault, place, scope, () => true)) {
    for (const row of rows) if (String(row.resource).endsWith('/customers')) yield jsonOrText(row.record) as JsonRecord
  }
}

async function* recordsOf({ stores }: With, { environmentId, accountIds }: PersonScope) {
  for (const set of await stores.syncedReads.setsOf(environmentId, accountIds)) {
    for (let after: { createdAt: number; recordId: string } | null = null; ; ) {
      const kept = await stores.syncedReads.records(set.id, { descending: false, after, limit: BATCH })
      yield { set, rows: kept.map((one) => ({ id: one.recordId, record: recordOf(one) })) }
      const last = kept.at(-1)
      if (kept.length < BATCH || last === undefined) break
      after = { createdAt: last.createdAt, recordId: last.recordId }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** Synced records about a person, batch by batch. */
export async function* syncedAbout(
  services: With,
  scope: PersonScope,
  isTerm: IsTerm,
): AsyncGenerator<{
  readonly set: SyncedSet
  readonly rows: readonly { readonly id: string; readonly record: JsonRecord }[]
}> {
  for await (const { set, rows } of recordsOf(services, scope)) {
    const meant = rows.filter(({ record }) => mentions(record, isTerm))
    if (meant.length > 0) yield { set, rows: meant }
  }
}

/** Everything that is kept about a person, one entry for each row. */
export async function* allAbout({ stores }: With, scope: PersonScope, isTerm: IsTerm): AsyncGenerator<JsonRecord> {
  for await (const { set, rows } of syncedAbout({ stores }, scope, isTerm)) {
    const { model, resource, integratedAccountId } = set
    for (const { record } of rows) {
      yield {
        in: 'synced_records',
        resource: `${model}/${resource}`,
        integrated_account_id: integratedAccountId,
        record,
      }
    }
  }
  for (const place of PLACES) {
    for await (const rows of rowsAbout(stores.database, stores.vault, place, scope, isTerm)) {
      for (const row of rows) yield { in: place.table, row: shownRow(place, row, stores.vault) }
    }
  }
}
