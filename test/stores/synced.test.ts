import { describe, expect, it } from 'vitest'
import type { SyncJob, SyncRun } from '../../server/stores/sync-types.ts'
import { holdSets } from '../../server/stores/synced-log.ts'
import { onBothDatabases, T0 } from './backends.ts'
import { asked, log, row, rows, running } from './syncing.ts'

onBothDatabases((backend) => {
  describe('a page', () => {
    it('is stored with its place; what is the same is neither written nor told', async () => {
      const stores = await backend.open()
      const { synced, syncRuns } = stores
      const { page, run, address } = await running(stores)
      expect(await synced.write([page([row('p1'), row('p2')])], T0)).toEqual([{ added: 2, updated: 0 }])
      const again = page([row('p1'), row('p2', 'y'), row('p3')], { cursor: null, isDone: true, observedAt: T0 + 5 })
      expect(await synced.write([again], T0 + 5)).toEqual([{ added: 1, updated: 1 }])
      expect(await log(stores)).toEqual(['1 added p1', '2 added p2', '3 updated p2', '4 added p3'])
      expect((await rows(stores)).map(({ version, observed_at }) => [version, observed_at - T0])).toEqual([
        [1, 0],
        [2, 5],
        [1, 5],
      ])
      expect(await syncRuns.partitions(run.id)).toMatchObject([
        { isDone: true, pages: 2, records: 5, added: 3, updated: 1, cursor: null },
      ])
      expect(await synced.find(address)).toMatchObject({ lastChange: 4 })
      // A part that is done takes no page any more: a lane that lost touch writes nothing.
      expect(await synced.write([page([row('p9')])], T0)).toEqual([null])
    })

    it('is left out whole when its run does not run, and when its account is gone', async () => {
      const stores = await backend.open()
      const { synced, syncRuns, accounts } = stores
      const { page, run } = await running(stores)
      await syncRuns.move(run.id, ['running'], 'paused', { now: T0 })
      expect(await synced.write([page([row('p1')])], T0)).toEqual([null])
      expect(await rows(stores)).toEqual([])
      expect(await syncRuns.partitions(run.id)).toMatchObject([{ pages: 0, cursor: null }])
      await syncRuns.move(run.id, ['paused'], 'running', { now: T0 })
      expect(await synced.write([page([row('p1')])], T0)).toEqual([{ added: 1, updated: 0 }])
      await accounts.delete('default', 'a', { now: T0 })
      expect(await synced.write([page([row('p2')])], T0)).toEqual([null])
      expect([await rows(stores), await log(stores), await syncRuns.get(['default'], run.id)]).toEqual([[], [], null])
    })

    it('does not put an older reading over a newer one', async () => {
      const stores = await backend.open()
      const { page } = await running(stores)
      await stores.synced.write([page([row('p1', 'new')], { observedAt: T0 + 10 })], T0)
      await stores.synced.write([page([row('p1', 'old')], { observedAt: T0 + 9 })], T0)
      expect(JSON.parse((await rows(stores))[0]?.data ?? '')).toMatchObject({ text: 'new' })
    })

    it('may hold a record twice, and many pages may be stored at once', async () => {
      const stores = await backend.open()
      const { page } = await running(stores)
      const pages = Array.from({ length: 7 }, (_, n) =>
        page(Array.from({ length: 130 }, (_, at) => row(`p${n}-${at % 125}`))),
      )
      const outcomes = await Promise.all(pages.map((one) => stores.synced.write([one], T0)))
      expect(outcomes.flat()).toEqual(Array.from({ length: 7 }, () => ({ added: 125, updated: 0 })))
      const seqs = (await log(stores)).map((text) => Number(text.split(' ')[0]))
      expect(seqs).toEqual(Array.from({ length: 875 }, (_, at) => at + 1))
    })
  })

  describe('a part', () => {
    it('is divided while its run runs, and not when it is done', async () => {
      const stores = await backend.open()
      const { page, run, set } = await running(stores)
      const { syncRuns } = stores
      const rest = { n: 2, setId: set.id, lower: null, upper: 500 }
      expect(await syncRuns.split(run.id, 1, rest, T0)).toBe(true)
      expect(await syncRuns.partitions(run.id)).toMatchObject([
        { n: 1, askedFrom: null, lower: 500, upper: null },
        { n: 2, askedFrom: null, lower: null, upper: 500 },
      ])
      await stores.synced.write([page([], { isDone: true })], T0)
      expect(await syncRuns.split(run.id, 1, { ...rest, n: 3 }, T0)).toBe(false)
      await syncRuns.move(run.id, ['running'], 'paused', { now: T0 })
      expect(await syncRuns.split(run.id, 2, { ...rest, n: 3 }, T0)).toBe(false)
    })

    // On SQLite there is one connection, and a transaction holds it.
    if (backend.name === 'postgres') {
      it('is divided while somebody writes its set: neither waits for the other', async () => {
        const stores = await backend.open()
        const { run, set } = await running(stores)
        const rest = { n: 2, setId: set.id, lower: null, upper: 500 }
        await stores.database.db.transaction().execute(async (trx) => {
          await holdSets(trx, stores.database, [set.id])
          expect(await stores.syncRuns.split(run.id, 1, rest, T0)).toBe(true)
        })
      })
    }
  })

  describe('pages of one transaction', () => {
    it('are of several parts, and of two pages for one part the first is stored', async () => {
      const stores = await backend.open()
      const { page, run, set } = await running(stores)
      const { synced, syncRuns } = stores
      await syncRuns.split(run.id, 1, { n: 2, setId: set.id, lower: null, upper: 500 }, T0)
      const pages = [
        page([row('p1'), row('p2')], { isDone: true, cursor: null }),
        page([row('p2', 'newer'), row('p3')], { n: 2, observedAt: T0 + 1 }),
        page([row('p9')]),
      ]
      expect(await synced.write(pages, T0)).toEqual([{ added: 2, updated: 0 }, { added: 1, updated: 1 }, null])
      expect(await log(stores)).toEqual(['1 added p1', '2 added p2', '3 updated p2', '4 added p3'])
      expect(await syncRuns.partitions(run.id)).toMatchObject([
        { n: 1, lower: 500, isDone: true, pages: 1, records: 2, added: 2, updated: 0, cursor: null },
        { n: 2, upper: 500, isDone: false, pages: 1, records: 2, added: 1, updated: 1, cursor: 'c' },
      ])
    })
  })

  describe('a full list', () => {
    it('has what it has not seen deleted, and told, but nothing that was read since it began', async () => {
      const stores = await backend.open()
      const { synced } = stores
      const { page, set, run } = await running(stores)
      await synced.write([page([row('p1'), row('p2'), row('p3')])], T0)
      const second = { generation: 2, observedAt: T0 + 100 }
      await synced.write([page([row('p1'), row('p4')], second)], T0 + 100)
      await synced.write([page([row('p2', 'late')], { generation: 1, isFull: false, observedAt: T0 + 100 })], T0 + 100)
      const gone = { setId: set.id, before: 2, observedBefore: T0 + 50 }
      const { syncedGone, syncRuns } = stores
      expect(await syncedGone.missing(gone, null)).toEqual({ rows: 4, missing: ['p3'], last: null })
      const settling = {
        runId: run.id,
        gone,
        generation: 2,
        deleted: ['p1', 'p2', 'p3'],
        changed: [],
        found: [],
        observedAt: T0 + 150,
      }
      const settle = () => syncedGone.settle({ ...settling, telling: null }, T0 + 200, async () => undefined)
      await syncRuns.move(run.id, ['running'], 'paused', { now: T0 })
      expect(await settle()).toBeNull()
      await syncRuns.move(run.id, ['paused'], 'running', { now: T0 })
      expect(await settle()).toBe(1)
      expect((await rows(stores)).map(({ record_id }) => record_id)).toEqual(['p1', 'p2', 'p4'])
      expect((await log(stores)).at(-1)).toBe('6 deleted p3')
    })
  })

  describe('a sync job', () => {
    it('has one run at a time that is not over, and is found and deleted in its environment alone', async () => {
      const stores = await backend.open()
      const { syncJobs, syncRuns, database } = stores
      const { job, run } = await running(stores)
      const start = () =>
        database.db
          .transaction()
          .execute((trx) => syncRuns.create(trx, job, { mode: 'full', maxDeletedShare: 1, now: T0 + 1 }))
      expect(await start()).toBeNull()
      await syncRuns.move(run.id, ['running'], 'succeeded', { now: T0 + 1 })
      expect(await start()).toMatchObject({ mode: 'full', status: 'waiting' } satisfies Partial<SyncRun>)
      expect(await syncRuns.move(run.id, ['running'], 'failed', { now: T0 })).toBe(false)
      expect((await syncRuns.list({ environments: ['default'], jobId: job.id })).result).toHaveLength(2)
      expect(await syncJobs.get(['other'], job.id)).toBeNull()
      expect(await syncRuns.get(['other'], run.id)).toBeNull()
      expect((await syncJobs.list({ environments: ['other'] })).result).toEqual([])
      expect(await syncJobs.delete('other', job.id)).toBe(false)
      expect(await syncRuns.deleteEnded('default', T0 + 9)).toBe(1)
      expect(await syncJobs.delete('default', job.id)).toBe(true)
      expect((await syncRuns.list({ environments: ['default'] })).result).toEqual([])
    })

    it('is due when its time has come, and moved on by one process', async () => {
      const { syncJobs, database, accounts } = await backend.open()
      await accounts.create('default', { id: 'a', integration: 'acme', tenantId: 't' }, T0)
      const make = (more: Partial<SyncJob>) =>
        database.db.transaction().execute((trx) => syncJobs.create(trx, { ...asked, ...more }, T0))
      const soon = await make({ nextRunAt: T0 + 10 })
      await make({ nextRunAt: T0 + 1_000, nextFullAt: T0 + 1_000 })
      expect([await syncJobs.due(T0 + 9, 10), await syncJobs.due(T0 + 10, 10)]).toEqual([[], [soon]])
      const next = { nextRunAt: T0 + 70, nextFullAt: null }
      const moveOn = () => database.db.transaction().execute((trx) => syncJobs.moveOn(trx, soon, next))
      expect([await moveOn(), await moveOn(), await syncJobs.due(T0 + 10, 10)]).toEqual([true, false, []])
    })
  })
})
