import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { CUSTOMERS, openSyncStand, type SyncStand } from './stand.ts'

const OLD = Date.UTC(2025, 0, 1) / 1000

const full = async (stand: SyncStand, job: string) => {
  await stand.clock.advance(1_000)
  return (await stand.call('POST', `/sync-job/${job}/run`, { body: { mode: 'full' } })).body.id
}

const progress = async (stand: SyncStand, run: string) =>
  (await stand.call('GET', `/sync-job-run/${run}`)).body.progress

describe('a record that a full list lacks', () => {
  it('is read by itself, and deleted and told only when it is gone', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    ledger.add(40, OLD, 1_000)
    const { id, run_id } = await stand.sync([CUSTOMERS])
    await stand.ended(run_id)
    const [gone = '', hidden = '', changed = ''] = [...ledger.customers.keys()]
    for (const one of [hidden, changed]) {
      const record = ledger.customers.get(one)
      if (record !== undefined) ledger.hidden.set(one, { ...record, ...(one === changed ? { note: 'changed' } : {}) })
    }
    for (const one of [gone, hidden, changed]) ledger.customers.delete(one)
    const run = await full(stand, id)
    expect(await stand.ended(run)).toMatchObject({ status: 'succeeded' })
    expect(ledger.read.sort()).toEqual([gone, hidden, changed])
    expect((await progress(stand, run)).deleted).toBe(1)
    const kept = await stand.kept()
    expect([kept.size, kept.has(gone), kept.get(changed)?.record.description]).toEqual([39, false, 'changed'])
    const { result } = (await stand.call('GET', '/event?type=record:*')).body
    expect(result).toMatchObject([
      { type: 'record:updated', resource_id: changed, changes: { description: { from: null, to: 'changed' } } },
      { type: 'record:deleted', resource_id: gone, data: { id: gone, is_deleted: true }, resource: 'customers' },
    ])
  })

  it('stays while the provider cannot say whether it is gone, and the run goes on from there', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    ledger.add(20, OLD, 1_000)
    const { id, run_id } = await stand.sync([CUSTOMERS], { push: 'none' })
    await stand.ended(run_id)
    const [gone = ''] = [...ledger.customers.keys()]
    ledger.customers.delete(gone)
    let failures = 0
    ledger.onPage = ({ path }) => (path.endsWith(gone) && failures++ < 2 ? { status: 503, body: {} } : undefined)
    expect(await stand.ended(await full(stand, id))).toMatchObject({ status: 'succeeded' })
    expect(failures).toBe(3)
    expect((await stand.kept()).has(gone)).toBe(false)
    expect((await stand.call('GET', '/event?type=record:*')).body.result).toEqual([])
  })
})

describe('an account', () => {
  it('that was disabled while its run rested is read no more', async () => {
    const stand = await openSyncStand()
    const { ledger, clock } = stand
    ledger.add(600, OLD, 1_000)
    let job = ''
    ledger.onPage = async (_request, pages) => {
      if (pages === 1) await stand.call('POST', `/sync-job/${job}/pause`)
      return undefined
    }
    const made = await stand.sync([CUSTOMERS])
    job = made.id
    const status = async () => (await stand.call('GET', `/sync-job-run/${made.run_id}`)).body
    await expect.poll(async () => (await status()).status, { timeout: 10_000 }).toBe('paused')
    expect((await status()).progress.eta_seconds).toBeNull()
    await stand.server.services.stores.accounts.update(
      'default',
      'acme-s',
      { status: 'disabled' },
      { now: clock.now() },
    )
    // What was under way when it was paused is on its way still.
    await new Promise((resolve) => setTimeout(resolve, 100))
    await expect.poll(() => ledger.upstream.open).toBe(0)
    const asked = ledger.upstream.received.length
    await stand.call('POST', `/sync-job/${job}/resume`)
    expect(await stand.ended(made.run_id)).toMatchObject({ status: 'failed', error: { code: 'account_not_active' } })
    expect(ledger.upstream.received.length).toBe(asked)
  })

  it('of a tenant is synced, however many there are', async () => {
    const stand = await openSyncStand()
    const { accounts } = stand.server.services.stores
    for (let at = 0; at < 205; at++) {
      const rest = { integration: 'acme', tenantId: 'many', status: 'disabled', authenticationMethod: 'key' } as const
      const credentials = new Secret({ key: 'k' })
      await accounts.create('default', { id: `many-${at}`, credentials, ...rest }, stand.clock.now())
    }
    const { run_id } = (await stand.call('POST', '/sync-job', { body: { tenant_id: 'many', resources: [CUSTOMERS] } }))
      .body
    await stand.ended(run_id)
    expect((await stand.call('GET', `/sync-job-run/${run_id}`)).body.resources).toHaveLength(205)
  })
})
