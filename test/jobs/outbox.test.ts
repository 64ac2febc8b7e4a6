import { describe, expect, it } from 'vitest'
import { onBothDatabases, T0 } from '../stores/backends.ts'
import { newJob, openDesk } from './desk.ts'

const acme = { id: 'a', integration: 'acme', tenantId: 't' }

onBothDatabases((backend) => {
  /** Every event is followed by a job that delivers it, as a webhook would be. */
  async function outbox() {
    const desk = await openDesk(backend)
    const { jobs, stores } = desk
    const delivered: unknown[] = []
    stores.events.follow((trx, { id, environmentId }) =>
      jobs.enqueue(trx, newJob({ name: 'acme.deliver', payload: { event: id }, environmentId, queue: 'one' })),
    )
    jobs.handle('acme.deliver', async ({ event }, { environmentId }) => {
      const found = await stores.events.get(environmentId ?? '', String(event))
      delivered.push(found?.type.replace('integrated_account.', ''))
    })
    return { ...desk, delivered }
  }

  describe('what follows from an event', () => {
    it('is enqueued in the transaction of the change, and finds the event there', async () => {
      const { jobs, stores, delivered, all } = await outbox()
      await jobs.start()
      await stores.accounts.create('default', acme, T0)
      await stores.accounts.update('default', 'a', { status: 'active' }, { now: T0 })
      await stores.accounts.update('default', 'a', { mode: 'live' }, { now: T0 })
      await expect.poll(() => delivered).toEqual(['created', 'active', 'updated'])
      await expect.poll(all).toEqual([])
    })

    it('is not there when the change is not', async () => {
      const { jobs, stores, delivered, all } = await outbox()
      await stores.accounts.create('default', acme, T0)
      const { db } = stores.database
      await expect(
        db.transaction().execute(async (trx) => {
          const event = {
            ...{ integratedAccountId: null, tenantId: null, integration: null, livemode: null },
            data: {},
          }
          await stores.events.append(trx, 'default', [{ ...event, type: 'acme.lost' }], T0)
          throw new Error('rolled back')
        }),
      ).rejects.toThrow('rolled back')
      await expect(stores.accounts.create('default', acme, T0)).rejects.toMatchObject({ code: 'conflict' })
      expect(await all()).toHaveLength(1)
      await jobs.start()
      await expect.poll(() => delivered).toEqual(['created'])
    })

    it('of an account may be more than its event: a change takes its own job along', async () => {
      const { jobs, stores, all } = await outbox()
      const follow =
        (fails: boolean) =>
        async (trx: Parameters<typeof jobs.enqueue>[0], { id }: { id: string }) => {
          await jobs.enqueue(trx, newJob({ name: 'acme.revoke', payload: { id } }))
          if (fails) throw new Error('no')
        }
      await stores.accounts.create('default', acme, T0)
      await expect(stores.accounts.delete('default', 'a', { now: T0, follow: follow(true) })).rejects.toThrow('no')
      expect((await all()).map(({ name }) => name)).toEqual(['acme.deliver'])
      await stores.accounts.delete('default', 'a', { now: T0, follow: follow(false) })
      expect((await all()).map(({ name }) => name).sort()).toEqual(['acme.deliver', 'acme.deliver', 'acme.revoke'])
    })
  })
})
