import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import type { AccountPatch, NewAccount, NewEvent, StoredEvent, Stores } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows } from './raw.ts'

const DAY = 86_400_000
const acme: NewAccount = { id: 'a', integration: 'acme', tenantId: 't1', context: { note: 'x' }, livemode: false }

const event = (type: string, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ type, integratedAccountId: null, tenantId: null, integration: null, livemode: null, data: {} },
  ...more,
})

const write = ({ database, events }: Stores, environmentId: string, list: NewEvent[], now = T0) =>
  database.db.transaction().execute((trx) => events.append(trx, environmentId, list, now))

const typesOf = (events: readonly StoredEvent[]) => events.map(({ type }) => type.replace('integrated_account.', ''))

onBothDatabases((backend) => {
  describe('an account', () => {
    async function life() {
      const stores = await backend.open()
      const { accounts, events } = stores
      const change = (patch: AccountPatch, more: object = {}) =>
        accounts.update('default', 'a', patch, { now: T0 + 1, ...more })
      const told = async () => (await events.pull('default', { limit: 1_000 })).result
      await accounts.create('default', acme, T0)
      return { stores, accounts, change, told }
    }

    it('tells each step of its life', async () => {
      const { accounts, change, told } = await life()
      await change({ status: 'active', identity: 'acct_1' })
      await change({ status: 'needs_reauth' }, { reason: 'invalid_grant' })
      await change({ status: 'active' })
      await change({ status: 'disabled' })
      await change({ status: 'active' })
      await change({ status: 'validation_error' })
      await change({ status: 'active' })
      await change({ status: 'post_install_error' })
      await change({ context: { note: 'y' } })
      await change({}, { happening: 'reconnected' })
      await accounts.delete('default', 'a', { now: T0 + 2, reason: 'by_caller' })
      const all = await told()
      expect(typesOf(all)).toEqual(['deleted'])
      expect(all[0]).toMatchObject({ reason: 'by_caller', integratedAccountId: 'a', tenantId: 't1' })
      expect(all[0]?.data).toMatchObject({ id: 'a', has_credentials: false, identity: null, context: {}, settings: {} })
    })

    it('is told by type, with what changed, why, and how the API shows it', async () => {
      const { change, told } = await life()
      await change({ status: 'active', identity: 'acct_1' })
      await change({ status: 'needs_reauth' }, { reason: 'invalid_grant' })
      await change({ status: 'active' })
      await change({ status: 'disabled' })
      await change({ status: 'active' })
      await change({ status: 'validation_error' })
      await change({ status: 'active' })
      await change({ status: 'post_install_error' })
      await change({ context: { note: 'y' } })
      await change({}, { happening: 'reconnected' })
      const all = await told()
      expect(typesOf(all)).toEqual([
        ...['created', 'active', 'needs_reauth', 'reconnected', 'disabled', 'enabled'],
        ...['validation_error', 'reconnected', 'post_install_error', 'updated', 'reconnected'],
      ])
      const reauth = all[2]
      expect(reauth).toMatchObject({
        environmentId: 'default',
        integratedAccountId: 'a',
        tenantId: 't1',
        integration: 'acme',
        livemode: false,
        reason: 'invalid_grant',
        changes: { status: { from: 'active', to: 'needs_reauth' } },
        data: { id: 'a', status: 'needs_reauth', tenant_id: 't1', context: { note: 'x' } },
        createdAt: T0 + 1,
        rawEventId: null,
      })
      expect(all[9]?.changes).toEqual({ context: { from: { note: 'x' }, to: { note: 'y' } } })
      expect(all[0]?.changes).toBeNull()
    })

    it('with other tokens is no news, and no credential ever stands in an event', async () => {
      const { stores, accounts, told } = await life()
      const credentials = new Secret({ api_key: 'very-secret-value' })
      await accounts.update('default', 'a', { credentials }, { now: T0 })
      await accounts.update('default', 'a', { credentials: new Secret({ api_key: 'very-secret-next' }) }, { now: T0 })
      await accounts.update('default', 'a', { credentials: null }, { now: T0 })
      const all = await told()
      expect(typesOf(all)).toEqual(['created', 'updated', 'updated'])
      expect(all[1]?.changes).toEqual({ has_credentials: { from: false, to: true } })
      expect(JSON.stringify(all)).not.toContain('very-secret')
      await stores.close()
    })

    it('whose change fails tells nothing, and an event that cannot be followed undoes the change', async () => {
      const { stores, accounts, change, told } = await life()
      await expect(accounts.create('default', acme, T0)).rejects.toMatchObject({ code: 'conflict' })
      await expect(change({ mode: 'live' }, { ifVersion: 7 })).rejects.toMatchObject({ code: 'conflict' })
      await expect(change({ mode: 'live' }, { follow: () => Promise.reject(new Error('no')) })).rejects.toThrow('no')
      expect(await accounts.get('default', 'a')).toMatchObject({ version: 1, mode: null })
      stores.events.follow(() => Promise.reject(new Error('never')))
      await expect(change({ mode: 'live' })).rejects.toThrow('never')
      await expect(accounts.delete('default', 'a', { now: T0 })).rejects.toThrow('never')
      expect(await accounts.get('default', 'a')).toMatchObject({ version: 1, mode: null })
      expect(typesOf(await told())).toEqual(['created'])
    })

    it('takes its events along when it is deleted, and those of no other', async () => {
      const { accounts, told } = await life()
      await accounts.create('default', { ...acme, id: 'b' }, T0)
      await accounts.create('other', acme, T0)
      await accounts.delete('default', 'a', { now: T0 })
      expect((await told()).map(({ type, integratedAccountId }) => [type, integratedAccountId])).toEqual([
        ['integrated_account.created', 'b'],
        ['integrated_account.deleted', 'a'],
      ])
    })
  })

  describe('an event', () => {
    it('is followed within its transaction, once for each', async () => {
      const stores = await backend.open()
      const seen: string[] = []
      stores.events.follow(async (trx, { id, type }) => {
        seen.push(type)
        await trx.updateTable('environments').set({ name: id }).where('id', '=', 'default').execute()
      })
      const [first, second] = await write(stores, 'default', [event('x.one'), event('x.two')])
      expect(seen).toEqual(['x.one', 'x.two'])
      expect((await stores.environments.get('default'))?.name).toBe(second?.id)
      expect(await stores.events.get('default', first?.id ?? '')).toEqual(first)
    })

    it('of another environment is as unknown as any', async () => {
      const stores = await backend.open()
      const [theirs] = await write(stores, 'other', [event('x.theirs')])
      const id = theirs?.id ?? ''
      expect(await stores.events.get('default', id)).toBeNull()
      expect((await stores.events.pull('default')).result).toEqual([])
      await write(stores, 'default', [event('x.ours')])
      expect(await stores.events.get('default', id)).toBeNull()
      expect(typesOf((await stores.events.pull('default')).result)).toEqual(['x.ours'])
      for (const odd of ['', 'evt_', `${id}'`, id.slice(0, -1), 'evt_00000000000001', `evt_${'9'.repeat(30)}`]) {
        expect(await stores.events.get('other', odd)).toBeNull()
      }
    })
  })

  describe('a pull', () => {
    it('goes on after the last event seen, and from its place when nothing matched', async () => {
      const stores = await backend.open()
      const { events } = stores
      const start = await events.pull('default')
      expect(start).toMatchObject({ result: [], hasMore: false, limit: 20 })
      await write(
        stores,
        'default',
        [1, 2, 3, 4, 5].map((n) => event(`x.${n}`)),
      )
      const first = await events.pull('default', { limit: 2, after: start.next })
      expect(typesOf(first.result)).toEqual(['x.1', 'x.2'])
      expect(first.hasMore).toBe(true)
      expect(first.next).toBe(first.result[1]?.id)
      const rest = await events.pull('default', { after: first.next })
      expect(typesOf(rest.result)).toEqual(['x.3', 'x.4', 'x.5'])
      expect(rest.hasMore).toBe(false)
      const none = await events.pull('default', { after: first.next, type: 'y.never' })
      expect(none).toMatchObject({ result: [], hasMore: false })
      await write(stores, 'default', [event('y.never')])
      expect(typesOf((await events.pull('default', { after: none.next, type: 'y.never' })).result)).toEqual(['y.never'])
      expect((await events.pull('default', { after: rest.result[2]?.id })).result).toHaveLength(1)
    })

    it('filters by type, start of a type, account, tenant and integration', async () => {
      const stores = await backend.open()
      const of = (integratedAccountId: string, tenantId: string, integration: string) => ({
        ...{ integratedAccountId, tenantId, integration },
      })
      await write(stores, 'default', [
        event('payment.succeeded', of('a', 't1', 'acme')),
        event('payment.failed', of('b', 't1', 'acme')),
        event('paymentXfailed', of('b', 't2', 'bolt')),
        event('payment_method.expiring', of('a', 't1', 'acme')),
      ])
      const types = async (query: object) => typesOf((await stores.events.pull('default', query)).result)
      expect(await types({ type: 'payment.failed' })).toEqual(['payment.failed'])
      expect(await types({ type: 'payment.*' })).toEqual(['payment.succeeded', 'payment.failed'])
      expect(await types({ type: 'PAYMENT.*' })).toEqual([])
      expect(await types({ type: '%' })).toEqual([])
      expect(await types({ integratedAccountId: 'a' })).toEqual(['payment.succeeded', 'payment_method.expiring'])
      expect(await types({ tenantId: 't2' })).toEqual(['paymentXfailed'])
      expect(await types({ integration: 'acme', integratedAccountId: 'b' })).toEqual(['payment.failed'])
    })

    it('refuses what is no place, and a place that has not been', async () => {
      const stores = await backend.open()
      await write(stores, 'default', [event('x')])
      for (const after of ['x', 'evt_1', 'evt_99999999999999', `evt_00000000000001${'0'.repeat(40)}`, '1; drop']) {
        await expect(stores.events.pull('default', { after })).rejects.toMatchObject({ code: 'invalid_cursor' })
      }
      await expect(stores.events.pull('default', { limit: 0 })).rejects.toMatchObject({ code: 'invalid_parameter' })
    })

    it('says so when events that it has not seen are past their retention', async () => {
      const stores = await backend.open()
      const { events } = stores
      const ids: string[] = []
      for (let day = 0; day < 5; day++) {
        ids.push((await write(stores, 'default', [event(`x.${day}`)], T0 + day * DAY))[0]?.id ?? '')
      }
      expect(await events.deleteBefore('default', T0 + 2 * DAY)).toBe(2)
      expect(await events.deleteBefore('default', T0 + 2 * DAY)).toBe(0)
      await expect(events.pull('default', { after: ids[0] })).rejects.toMatchObject({ code: 'expired_cursor' })
      expect(typesOf((await events.pull('default', { after: ids[1] })).result)).toEqual(['x.2', 'x.3', 'x.4'])
      expect(typesOf((await events.pull('default')).result)).toEqual(['x.2', 'x.3', 'x.4'])
      expect(await events.deleteBefore('default', T0 + 9 * DAY)).toBe(3)
      expect((await events.pull('default', { after: ids[4] })).result).toEqual([])
      const [next] = await write(stores, 'default', [event('x.next')], T0 + 9 * DAY)
      expect((await events.pull('default', { after: ids[4] })).result).toEqual([next])
      expect(await events.deleteBefore('nowhere', T0 + 99 * DAY)).toBe(0)
    })

    it('skips and repeats nothing while many write at once', async () => {
      const place = await backend.place()
      const masterKeys = [newKey()]
      const first = await openAt(place, { masterKeys })
      const second = backend.name === 'postgres' ? await openAt(place, { masterKeys }) : first
      let isDone = false
      const seen: string[] = []
      const pulling = (async () => {
        for (let after: string | undefined; ; ) {
          const wasDone = isDone
          const page = await first.events.pull('default', { after, limit: 7 })
          seen.push(...page.result.map(({ id }) => id))
          after = page.next
          if (wasDone && !page.hasMore) return
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          const { accounts } = n % 2 === 0 ? first : second
          await accounts.create('default', { ...acme, id: `m${n}` }, T0)
          await accounts.update('default', `m${n}`, { status: 'active' }, { now: T0 })
        }),
      )
      isDone = true
      await pulling
      const stored = await rawRows(place, 'select id from events order by seq')
      expect(stored).toHaveLength(120)
      expect(seen).toEqual(stored.map(({ id }) => id))
      expect(seen).toEqual([...seen].sort())
    })
  })

  if (backend.name === 'postgres') {
    it('an event that was numbered first is seen first, however late it commits', async () => {
      const stores = await backend.open()
      let commit: () => void = () => undefined
      const held = new Promise<void>((resolve) => {
        commit = resolve
      })
      let isNumbered = false
      const early = stores.database.db.transaction().execute(async (trx) => {
        await stores.events.append(trx, 'default', [event('x.early')], T0)
        isNumbered = true
        await held
      })
      await expect.poll(() => isNumbered).toBe(true)
      let isLateDone = false
      const late = write(stores, 'default', [event('x.late')]).then(() => {
        isLateDone = true
      })
      await write(stores, 'other', [event('x.other')])
      expect(isLateDone).toBe(false)
      const before = await stores.events.pull('default')
      expect(before.result).toEqual([])
      commit()
      await Promise.all([early, late])
      expect(typesOf((await stores.events.pull('default', { after: before.next })).result)).toEqual([
        'x.early',
        'x.late',
      ])
    })
  }
})
