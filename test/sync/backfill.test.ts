import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ADMIN } from '../http/stand.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'
import type { Ledger } from './ledger.ts'
import { CUSTOMERS, openSyncStand, PAYOUTS, type SyncStand } from './stand.ts'

/** Unix seconds of the ledger's oldest record. */
const OLD = Date.UTC(2025, 0, 1) / 1000

/** Every record of the provider is kept as it is there, once, under the hash of what is kept; and nothing else is. */
async function expectEqual(stand: SyncStand, ledger: Ledger): Promise<void> {
  const kept = await stand.kept()
  const ours = [...kept].map(([id, { record }]) => [id, record.name, record.email, record.description ?? null])
  const theirs = [...ledger.customers.values()].map(({ id, name, email, note }) => [id, name, email, note ?? null])
  expect(ours.sort()).toEqual(theirs.sort())
  for (const { hash: stored, record } of kept.values()) {
    expect(stored).toBe(hash('sha256', JSON.stringify(record), 'base64url'))
  }
}

/** Parts that are read at once, as docs/sync.md says. */
const LANES = 24

const onefold = (...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...args], { env: plainEnvironment({ ONEFOLD_TOKEN: ADMIN }) })

const progress = async (stand: SyncStand, run: string) => (await stand.call('GET', `/sync-job-run/${run}`)).body

describe('a backfill', () => {
  it('reads a list that can be filtered by time in parts, each record once, and says why', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    ledger.add(6_000, OLD, 1_000)
    const { run_id } = await stand.sync([CUSTOMERS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded', error: null })
    await expectEqual(stand, ledger)
    const read = ledger.pages.flatMap(({ ids }) => ids)
    expect(new Set(read).size).toBe(6_000)
    const run = await progress(stand, run_id)
    expect(run.progress).toMatchObject({ added: 6_000, updated: 0, deleted: 0, eta_seconds: 0 })
    expect(run.progress.partitions).toBeGreaterThan(2)
    expect(run.progress.partitions).toBe(run.progress.partitions_done)
    expect(run.resources).toMatchObject([{ state: 'done', way: 'windows', scope: 'full', since: null }])
    expect(run.resources[0].why).toContain('in parts of time')
    // Parts are at least 200 records by the reckoning, so that few records are read on both sides of a cut.
    expect(read.length).toBeLessThan(7_500)
  })

  it('tells how fast it reads and how long it will take while it does, over HTTP and on the command line', async () => {
    const stand = await openSyncStand()
    const { ledger, clock } = stand
    ledger.add(6_000, OLD, 1_000)
    let release = (): void => undefined
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined)
    })
    ledger.onPage = (_request, pages) => (pages < 25 ? undefined : held)
    const { run_id } = await stand.sync([CUSTOMERS])
    const records = async () => (await progress(stand, run_id)).progress.records
    for (let before = -1; ledger.pages.length < 25 || before !== (await records()); ) {
      before = await records()
      if (ledger.upstream.open === 0) await clock.advance(100)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await clock.advance(10_000)
    const { progress: told, started_at: startedAt } = await progress(stand, run_id)
    const rate = told.records / ((clock.now() - Date.parse(startedAt)) / 1_000)
    expect(told.records_per_second).toBeCloseTo(rate, 0)
    const reckoned = told.records + told.eta_seconds * told.records_per_second
    // Each part is reckoned by the density of its own pages, and those at its ends are not whole.
    expect(Math.abs(reckoned - 6_000)).toBeLessThan(1_200)
    const { stdout } = await onefold('sync', 'status', run_id, '--url', stand.url)
    expect(stdout).toContain(`${told.records} read`)
    expect(stdout).toContain(`${told.records_per_second}/s  ${told.eta_seconds} s left`)
    ledger.onPage = undefined
    release()
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    await expectEqual(stand, ledger)
  }, 30_000)

  it('reads others page by page', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    for (let at = 0; at < 250; at++) {
      ledger.payouts.set(`po_${at}`, { id: `po_${at}`, created: OLD + at, amount: at, currency: 'EUR' })
    }
    const { run_id } = await stand.sync([PAYOUTS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    const kept = await stand.kept(PAYOUTS)
    expect(kept.size).toBe(250)
    expect(kept.get('po_7')?.record).toMatchObject({ amount: 7, currency: 'EUR', integrated_account_id: 'acme-s' })
    expect(ledger.pages.map(({ ids }) => ids.length)).toEqual([100, 100, 50])
    expect((await progress(stand, run_id)).resources[0].why).toContain('page by page')
  })

  it('keeps many records of one second, also where a page ends among them', async () => {
    const stand = await openSyncStand()
    stand.ledger.add(950, OLD, 0)
    stand.ledger.add(950, OLD + 86_400, 0.01)
    const { run_id } = await stand.sync([CUSTOMERS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    await expectEqual(stand, stand.ledger)
  })

  it('ends with the failure of a list that the provider refuses, and with the others read', async () => {
    const stand = await openSyncStand()
    stand.ledger.add(120, OLD, 10)
    stand.ledger.onPage = ({ path }) =>
      path.endsWith('payouts') ? { status: 403, body: { error: { message: 'not for you' } } } : undefined
    const { run_id } = await stand.sync([PAYOUTS, CUSTOMERS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'failed', error: { code: 'provider_forbidden' } })
    await expectEqual(stand, stand.ledger)
    const { resources } = await progress(stand, run_id)
    expect(resources.map(({ state }: { state: string }) => state)).toEqual(['failed', 'done'])
  })

  it('goes on where it was after the provider failed for a while', async () => {
    const stand = await openSyncStand()
    stand.ledger.add(1_500, OLD, 10)
    let failures = 0
    stand.ledger.onPage = (_request, pages) => {
      if (pages < 5 || failures >= 3) return undefined
      failures += 1
      return { status: 503, body: {} }
    }
    const { run_id } = await stand.sync([CUSTOMERS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    await expectEqual(stand, stand.ledger)
    expect(stand.ledger.pages.length).toBeLessThanOrEqual(15 + 16 * failures)
  })
})

describe('a run', () => {
  it('rests within a page when its job is paused, goes on where it was, and can be canceled', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    ledger.add(6_000, OLD, 10)
    let id = ''
    ledger.onPage = async (_request, pages) => {
      if (pages === 4)
        expect((await stand.call('POST', `/sync-job/${id}/pause`)).body).toMatchObject({ is_paused: true })
      return undefined
    }
    const made = await stand.sync([CUSTOMERS])
    id = made.id
    const status = async () => (await progress(stand, made.run_id)).status
    await expect.poll(status, { timeout: 10_000 }).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const readBefore = ledger.pages.length
    // A page of each lane was under way.
    expect(readBefore).toBeLessThanOrEqual(4 + LANES)
    const before = (await stand.kept()).size
    expect(before).toBeGreaterThan(0)
    expect((await stand.call('POST', `/sync-job/${id}/run`)).status).toBe(409)
    ledger.onPage = undefined
    expect((await stand.call('POST', `/sync-job/${id}/resume`)).body).toMatchObject({ is_paused: false })
    expect(await stand.ended(made.run_id)).toMatchObject({ status: 'succeeded' })
    await expectEqual(stand, ledger)
    expect(ledger.pages.flatMap(({ ids }) => ids).length).toBeLessThanOrEqual(7_500 + LANES * 100)

    ledger.onPage = async ({ query }, pages) => {
      if (query.after !== undefined && pages > 0) await stand.call('POST', `/sync-job-run/${again.id}/cancel`)
      return undefined
    }
    const again = (await stand.call('POST', `/sync-job/${id}/run`, { body: { mode: 'full' } })).body
    expect(await stand.ended(again.id)).toMatchObject({ status: 'canceled' })
    expect((await stand.call('POST', `/sync-job-run/${again.id}/cancel`)).status).toBe(409)
  })
})

describe('a full run', () => {
  it('finds what was changed and deleted, and a later run what is new', async () => {
    const stand = await openSyncStand()
    const { ledger, clock } = stand
    ledger.add(300, OLD, 1_000)
    const { id, run_id } = await stand.sync([CUSTOMERS])
    await stand.ended(run_id)
    await clock.advance(86_400_000)
    const [first, second] = [...ledger.customers.keys()]
    ledger.customers.delete(first ?? '')
    Object.assign(ledger.customers.get(second ?? '') ?? {}, { note: 'changed' })
    ledger.add(3, Math.floor(clock.now() / 1000) - 100, 10)
    ledger.pages.length = 0
    const recent = (await stand.call('POST', `/sync-job/${id}/run`)).body
    await stand.ended(recent.id)
    expect((await progress(stand, recent.id)).resources).toMatchObject([
      { scope: 'recent', added: 3, updated: 0, deleted: 0 },
    ])
    expect(ledger.pages).toHaveLength(1)
    const full = (await stand.call('POST', `/sync-job/${id}/run`, { body: { mode: 'full' } })).body
    await stand.ended(full.id)
    expect((await progress(stand, full.id)).progress).toMatchObject({ added: 0, updated: 1, deleted: 1 })
    await expectEqual(stand, ledger)
  })

  it('refuses to delete more than may be, says so, and does so when told', async () => {
    const stand = await openSyncStand()
    const { ledger } = stand
    ledger.add(100, OLD, 1_000)
    const { id, run_id } = await stand.sync([CUSTOMERS], { max_deleted_share: 0.2 })
    await stand.ended(run_id)
    await stand.clock.advance(1)
    for (const gone of [...ledger.customers.keys()].slice(0, 40)) ledger.customers.delete(gone)
    const refused = (await stand.call('POST', `/sync-job/${id}/run`, { body: { mode: 'full' } })).body
    expect(await stand.ended(refused.id)).toMatchObject({ status: 'failed', error: { code: 'deletions_refused' } })
    expect((await stand.kept()).size).toBe(100)
    const body = { mode: 'full', max_deleted_share: 1 }
    const told = (await stand.call('POST', `/sync-job/${id}/run`, { body })).body
    expect(await stand.ended(told.id)).toMatchObject({ status: 'succeeded' })
    await expectEqual(stand, ledger)
  })
})
