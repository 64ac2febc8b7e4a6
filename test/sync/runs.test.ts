import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { startPostgres } from '../stores/postgres.ts'
import { CUSTOMERS, openSyncStand, PAYOUTS, type SyncStand } from './stand.ts'

const OLD = Date.UTC(2025, 0, 1) / 1000

const runsOf = async (stand: SyncStand, job: string) =>
  (await stand.call('GET', `/sync-job-run?sync_job_id=${job}&limit=100`)).body.result

describe('a schedule', () => {
  it('starts runs when they are due: what is new often, everything seldom', async () => {
    const stand = await openSyncStand()
    stand.ledger.add(20, OLD, 10)
    const { id, run_id } = await stand.sync([CUSTOMERS], { schedule: '10m', full_schedule: '0 5 * * *' })
    await stand.ended(run_id)
    const job = (await stand.call('GET', `/sync-job/${id}`)).body
    expect(job).toMatchObject({ schedule: '10m', next_full_at: '2026-01-01T05:00:00.000Z', is_paused: false })
    for (let minute = 0; minute < 25; minute++) {
      await stand.clock.advance(60_000)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await expect.poll(async () => (await runsOf(stand, id)).length).toBe(3)
    expect((await runsOf(stand, id)).map(({ mode }: { mode: string }) => mode)).toEqual(['auto', 'auto', 'auto'])
    await stand.clock.leap(5 * 3_600_000)
    await expect
      .poll(async () => {
        await stand.clock.advance(60_000)
        return (await runsOf(stand, id)).some(
          ({ mode, status }: { mode: string; status: string }) => mode === 'full' && status === 'succeeded',
        )
      })
      .toBe(true)
    expect((await stand.call('GET', `/sync-job/${id}`)).body.next_full_at).toBe('2026-01-02T05:00:00.000Z')
  })

  it('that starts later waits, and what is no schedule is refused', async () => {
    const stand = await openSyncStand()
    stand.ledger.add(5, OLD, 10)
    const job = await stand.sync([CUSTOMERS], { start_at: '2026-01-01T01:00:00Z' })
    expect(job.run_id).toBeNull()
    await stand.clock.advance(3_500_000)
    expect(await runsOf(stand, job.id)).toEqual([])
    await expect
      .poll(async () => {
        await stand.clock.advance(60_000)
        return (await runsOf(stand, job.id))[0]?.status
      })
      .toBe('succeeded')
    for (const schedule of ['', '5', '30s', '0m', '* * * * * *', 'often', '61 * * * *', '400d']) {
      const body = { integrated_account_id: 'acme-s', resources: [CUSTOMERS], schedule }
      expect((await stand.call('POST', '/sync-job', { body })).body).toMatchObject({
        code: 'invalid_parameter',
        where: 'schedule',
      })
    }
    for (const body of [
      { resources: [CUSTOMERS] },
      { integrated_account_id: 'acme-s', tenant_id: 't', resources: [CUSTOMERS] },
    ]) {
      expect((await stand.call('POST', '/sync-job', { body })).body).toMatchObject({ code: 'ambiguous_account' })
    }
    const odd = { integrated_account_id: 'acme-s', resources: ['payment-gateway/nothing'] }
    expect((await stand.call('POST', '/sync-job', { body: odd })).body).toMatchObject({ code: 'unknown_resource' })
  })
})

describe('a job of a tenant', () => {
  it('syncs every active account, and names those that are not', async () => {
    const stand = await openSyncStand()
    const { stores } = stand.server.services
    stand.ledger.add(30, OLD, 10)
    for (const [id, status] of [
      ['acme-t', 'active'],
      ['acme-u', 'disabled'],
    ] as const) {
      await stores.accounts.create(
        'default',
        {
          ...{ id, integration: 'acme', tenantId: 'tenant-s', status, authenticationMethod: 'key' },
          credentials: new Secret({ key: 'key_1' }),
          settings: { base_url: stand.ledger.upstream.url },
        },
        stand.clock.now(),
      )
    }
    const body = { tenant_id: 'tenant-s', resources: [CUSTOMERS] }
    const { run_id } = (await stand.call('POST', '/sync-job', { body })).body
    expect(await stand.ended(run_id)).toMatchObject({ status: 'failed', error: { code: 'account_not_active' } })
    const { resources } = (await stand.call('GET', `/sync-job-run/${run_id}`)).body
    const states = resources.map((one: Record<string, unknown>) => [one.integrated_account_id, one.state, one.added])
    expect(states.sort()).toEqual([
      ['acme-s', 'done', 30],
      ['acme-t', 'done', 30],
      ['acme-u', 'failed', 0],
    ])
  })
})

describe('the rate limit of the account', () => {
  it('lets people go before a sync that fills it', async () => {
    const stand = await openSyncStand()
    const { ledger, clock } = stand
    ledger.add(20_000, OLD, 1_000)
    const asked: string[] = []
    ledger.onPage = ({ query }) => {
      asked.push(query.limit === '3' ? 'live' : 'sync')
      return undefined
    }
    const rest = () => new Promise((resolve) => setTimeout(resolve, 150))
    // Window by window, until as many lanes wait as the next one lets through.
    const { run_id } = await stand.sync([CUSTOMERS])
    for (let window = 0; window < 4; window++) {
      await rest()
      await clock.advance(150)
    }
    await rest()
    const before = asked.length
    const live = stand.call('GET', '/unified/payment-gateway/customers?integrated_account_id=acme-s&limit=3')
    await rest()
    expect(asked.length).toBe(before)
    await clock.advance(150)
    await rest()
    expect(asked.slice(before).filter((who) => who === 'sync')).toHaveLength(14)
    expect(asked.slice(before)).toContain('live')
    expect(await live).toMatchObject({ status: 200, body: { result_count: 3 } })
    await stand.call('POST', `/sync-job-run/${run_id}/cancel`)
  }, 60_000)
})

describe('on Postgres', () => {
  it('a backfill, a full run and the deletion of the account do what they do on SQLite', async (context) => {
    const postgres = await startPostgres().catch((error: unknown) => error as Error)
    if (postgres instanceof Error) {
      if (process.env.CI) throw postgres
      return context.skip(`Postgres did not start: ${postgres.message}`)
    }
    onTestFinished(() => postgres.stop())
    const DATABASE_URL = await postgres.freshUrl()
    const stand = await openSyncStand({ DATABASE_URL, ONEFOLD_MASTER_KEY: randomBytes(32).toString('base64') }, false)
    onTestFinished(() => stand.shut())
    const { ledger } = stand
    ledger.add(2_500, OLD, 1_000)
    ledger.payouts.set('po_1', { id: 'po_1', created: OLD, amount: 1, currency: 'EUR' })
    const { id, run_id } = await stand.sync([CUSTOMERS, PAYOUTS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    expect([...(await stand.kept()).keys()].sort()).toEqual([...ledger.customers.keys()].sort())
    await stand.clock.advance(1_000)
    ledger.customers.delete('cus_0000000')
    const full = (await stand.call('POST', `/sync-job/${id}/run`, { body: { mode: 'full' } })).body
    expect(await stand.ended(full.id)).toMatchObject({ status: 'succeeded' })
    expect((await stand.kept()).size).toBe(2_499)
    const changes = '/unified/payment-gateway/customers/changes?integrated_account_id=acme-s&limit=2'
    expect((await stand.call('GET', changes)).body).toMatchObject({ has_more: true, result: [{ change: 'added' }, {}] })
    const list = '/unified/payment-gateway/customers?integrated_account_id=acme-s&source=synced&limit=2'
    expect((await stand.call('GET', list)).body.result).toMatchObject([{ id: 'cus_0002499' }, { id: 'cus_0002498' }])
    expect((await stand.call('DELETE', '/integrated-account/acme-s')).status).toBe(200)
    const left = await stand.server.services.stores.database.db
      .selectFrom('synced_records')
      .select('record_id')
      .execute()
    expect(left).toEqual([])
  }, 120_000)
})
