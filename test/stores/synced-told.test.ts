import { describe, expect, it } from 'vitest'
import type { Stores } from '../../server/stores/index.ts'
import type { SyncedRow } from '../../server/stores/sync-types.ts'
import type { ToldState } from '../../server/stores/synced-told.ts'
import { PageWriter } from '../../server/sync/writer.ts'
import { onBothDatabases, T0 } from './backends.ts'
import { log, row, rows, running } from './syncing.ts'

onBothDatabases((backend) => {
  describe('what a provider tells', () => {
    const told = (recordId: string, text: string): SyncedRow => ({
      ...row(recordId, text),
      hash: `told ${text}`,
      isTold: true,
    })
    const put = ({ database, syncedTold }: Stores, states: readonly ToldState[], now: number) =>
      database.db.transaction().execute((trx) => syncedTold.put(trx, states, now))
    const OF = [{ resource: 'shop/payments', recordId: 'p1' }]

    it('is kept with its change, and a page asked for before brings nothing back', async () => {
      const stores = await backend.open()
      const { page, set } = await running(stores)
      await stores.synced.write([page([row('p1'), row('p2')])], T0)
      const { records, sets } = await stores.syncedTold.find('default', 'a', OF)
      const kept = records.get('shop/payments/p1')
      expect([kept?.record, sets.get('shop/payments')]).toEqual([{ id: 'p1', text: 'x' }, set.id])
      const states = [
        { setId: set.id, recordId: 'p1', kept, row: null },
        { setId: set.id, recordId: 'p3', kept: undefined, row: { ...told('p3', 'new'), observedAt: T0 + 5 } },
        { setId: set.id, recordId: 'p9', kept: undefined, row: null },
      ]
      await put(stores, states, T0 + 10)
      expect(await log(stores)).toEqual(['1 added p1', '2 added p2', '3 added p3', '4 deleted p1'])
      const late = [row('p1'), row('p3', 'list'), row('p9')]
      await stores.synced.write([page(late, { observedAt: T0 + 9 })], T0 + 11)
      expect((await rows(stores)).map(({ record_id, data }) => [record_id, JSON.parse(data).text])).toEqual([
        ['p2', 'x'],
        ['p3', 'new'],
      ])
      await stores.synced.write([page([row('p1')], { observedAt: T0 + 11 })], T0 + 12)
      expect((await log(stores)).at(-1)).toBe('5 added p1')
      await stores.syncedReads.deleteDeletionsBefore('default', T0 + 11)
      const left = stores.database.db.selectFrom('synced_deletions').selectAll().execute()
      expect(await left).toEqual([])
    })

    it('is refused where a sync was there first', async () => {
      const stores = await backend.open()
      const { page, set } = await running(stores)
      await stores.synced.write([page([row('p1')])], T0)
      const { records } = await stores.syncedTold.find('default', 'a', OF)
      await stores.synced.write([page([row('p1', 'newer')], { observedAt: T0 + 1 })], T0 + 1)
      const state = { setId: set.id, recordId: 'p1', kept: records.get('shop/payments/p1'), row: null }
      await expect(put(stores, [state], T0 + 2)).rejects.toMatchObject({ code: 'conflict' })
      expect(await rows(stores)).toHaveLength(1)
    })

    it('is not replaced by what a list shows of it, which is noted', async () => {
      const stores = await backend.open()
      const { page, set } = await running(stores)
      await put(stores, [{ setId: set.id, recordId: 'p1', kept: undefined, row: told('p1', 'whole') }], T0)
      const same = [{ recordId: 'p1', version: 1, hash: 'of the list' }]
      const later = { observedAt: T0 + 9, generation: 3, same }
      await stores.synced.write([page([row('p1', 'less')], later)], T0 + 9)
      expect(await rows(stores)).toMatchObject([{ hash: 'of the list', seen: 3, version: 1, is_told: 1 }])
      expect(JSON.parse((await rows(stores))[0]?.data ?? '')).toEqual({ id: 'p1', text: 'whole' })
    })
  })

  describe('pages that wait', () => {
    it('are stored although one among them cannot be', async () => {
      const stores = await backend.open()
      const { page } = await running(stores)
      const writer = new PageWriter(
        stores.synced,
        () => T0,
        async () => undefined,
      )
      const first = writer.write(page([row('p1')]))
      const bad = page([{ ...row('p2'), data: null as unknown as string }])
      const others = await Promise.allSettled([first, writer.write(bad), writer.write(page([row('p3')]))])
      expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await rows(stores)).map(({ record_id }) => record_id)).toEqual(['p1', 'p3'])
    })
  })

  describe('changes past their retention', () => {
    it('are deleted from the oldest on, and whoever stands before them is told', async () => {
      const stores = await backend.open()
      const { page, address } = await running(stores)
      await stores.synced.write([page([row('p1'), row('p2')])], T0)
      await stores.synced.write([page([row('p3')])], T0 + 100)
      await stores.synced.write([page([row('p4')])], T0 + 50)
      expect(await stores.syncedReads.deleteChangesBefore('default', T0 + 60)).toBe(2)
      expect(await log(stores)).toEqual(['3 added p3', '4 added p4'])
      expect(await stores.synced.find(address)).toMatchObject({ sweptChange: 2, lastChange: 4 })
    })
  })
})
