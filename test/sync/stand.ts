import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { Secret } from '../../engine/index.ts'
import type { SyncRun } from '../../server/stores/sync-types.ts'
import { openStand, type Stand } from '../http/stand.ts'
import { type Ledger, startLedger } from './ledger.ts'

export const SYNC_DEFINITIONS = join(import.meta.dirname, 'definitions')
export const CUSTOMERS = 'payment-gateway/customers'
export const PAYOUTS = 'payment-gateway/payouts'

/** A server whose account `acme-s` syncs from a ledger. */
export interface SyncStand extends Stand {
  readonly ledger: Ledger
  shut(): Promise<void>
  /** Makes a sync job over the API; answers its id and that of its first run. */
  sync(resources: readonly string[], more?: Record<string, unknown>): Promise<{ id: string; run_id: string }>
  /** Waits until a run is over, moving the clock whenever somebody sleeps on it. */
  ended(runId: string): Promise<SyncRun>
  /** What is kept: native-like facts by id. */
  kept(resource?: string): Promise<Map<string, { readonly hash: string; readonly record: Record<string, unknown> }>>
}

/** Opens a stand; it is shut when the test ends, unless that is left to `shut`. */
export async function openSyncStand(settings: Record<string, string> = {}, isShut = true): Promise<SyncStand> {
  const ledger = await startLedger()
  const stand = await openStand(settings, SYNC_DEFINITIONS)
  const { stores } = stand.server.services
  await stores.accounts.create(
    'default',
    {
      ...{ id: 'acme-s', integration: 'acme', tenantId: 'tenant-s', status: 'active', authenticationMethod: 'key' },
      credentials: new Secret({ key: 'key_1' }),
      settings: { base_url: ledger.upstream.url },
    },
    stand.clock.now(),
  )
  const shut = async () => {
    await stand.close()
    await ledger.close()
  }
  if (isShut) onTestFinished(shut)
  return {
    ...stand,
    shut,
    ledger,
    sync: async (resources, more = {}) => {
      const body = { integrated_account_id: 'acme-s', resources, ...more }
      const answer = await stand.call('POST', '/sync-job', { body })
      expect(answer.body).toMatchObject({ id: expect.any(String) })
      return answer.body
    },
    ended: async (runId) => {
      for (let turn = 0; turn < 20_000; turn++) {
        const run = await stores.syncRuns.get(['default'], runId)
        if (run !== null && run.endedAt !== null) return run
        if (ledger.upstream.open === 0) await stand.clock.advance(100)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      const jobs = await stand.server.services.jobs.list({ environments: ['default'], limit: 10 })
      const told = stand.log.told.filter(({ level }) => level !== 'info' && level !== 'debug')
      throw new Error(
        `the run does not end: ${JSON.stringify({ jobs, told: told.slice(-5), pages: ledger.pages.length })}`,
      )
    },
    kept: async (resource = CUSTOMERS) => {
      const [model = '', name = ''] = resource.split('/')
      const set = await stores.synced.find({
        environmentId: 'default',
        integratedAccountId: 'acme-s',
        model,
        resource: name,
      })
      const rows = await stores.database.db
        .selectFrom('synced_records')
        .selectAll()
        .where('set_id', '=', set?.id ?? -1)
        .execute()
      return new Map(rows.map(({ record_id, hash, data }) => [record_id, { hash, record: JSON.parse(data) }]))
    },
  }
}
