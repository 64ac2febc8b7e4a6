import { afterAll, beforeAll, describe } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { toRow } from '../../server/sync/rows.ts'
import { openStand, type Stand } from '../http/stand.ts'
import { newKey } from '../stores/backends.ts'
import { startPostgres, type TestPostgres } from '../stores/postgres.ts'

/** What was synced, put into the database as a run leaves it. */
export interface Seed {
  readonly account: string
  /** Such as `payment-gateway/payments`. */
  readonly of: string
  readonly records: readonly JsonRecord[]
  /** Whether the list has come to its end; true by default. */
  readonly isComplete?: boolean
}

/** Puts records of an account in, with their changes; they were read at the clock of the stand. */
export async function seed(
  { server, clock }: Stand,
  { account, of, records, isComplete = true }: Seed,
): Promise<number> {
  const { synced, database, accounts } = server.services.stores
  const now = clock.now()
  const [model = '', resource = ''] = of.split('/')
  if ((await accounts.get('default', account)) === null) {
    const known = {
      integration: 'acme',
      tenantId: 'tenant-1',
      status: 'active',
      mode: 'test',
      livemode: false,
    } as const
    await accounts.create('default', { ...known, id: account, authenticationMethod: 'key' }, now)
  }
  const set = await synced.ensure({ environmentId: 'default', integratedAccountId: account, model, resource }, now)
  await database.db.transaction().execute(async (trx) => {
    for (const [at, record] of records.entries()) {
      const { recordId, createdAt, hash, data } = toRow(record)
      const row = { set_id: set.id, record_id: recordId, created_at: createdAt ?? 0, version: 1, seen: 1, is_told: 0 }
      await trx
        .insertInto('synced_records')
        .values({ ...row, hash, data, observed_at: now })
        .execute()
      const seq = set.lastChange + at + 1
      await trx
        .insertInto('synced_changes')
        .values({ set_id: set.id, seq, record_id: recordId, change: 'added', at: now })
        .execute()
    }
    await trx
      .updateTable('synced_sets')
      .set({ last_change: set.lastChange + records.length })
      .where('id', '=', set.id)
      .execute()
  })
  if (isComplete) await synced.complete(set.id, now, 1)
  return set.id
}

/** A stand on each database, opened once for all tests inside. */
export function onBothStands(
  tests: (stand: () => Stand, url: () => string | null) => void,
  settings: Record<string, string> = {},
): void {
  describe('on sqlite', () => {
    let stand: Stand
    beforeAll(async () => {
      stand = await openStand(settings)
    })
    afterAll(() => stand.close())
    tests(
      () => stand,
      () => null,
    )
  })
  describe('on postgres', () => {
    let stand: Stand
    let postgres: TestPostgres
    let url: string
    beforeAll(async () => {
      postgres = await startPostgres()
      url = await postgres.freshUrl()
      stand = await openStand({ DATABASE_URL: url, ONEFOLD_MASTER_KEY: newKey(), ...settings })
    })
    afterAll(async () => {
      await stand.close()
      await postgres.stop()
    })
    tests(
      () => stand,
      () => url,
    )
  })
}
