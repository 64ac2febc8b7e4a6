import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { openStores, type Stores } from '../../server/stores/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows, rawRun } from './raw.ts'

const TOKENS = { access_token: 'at-secret-1', refresh_token: 'rt-secret-1' }
const grant = (tokenVersion: number, extra: object = {}) => ({
  ...{
    tokenVersion,
    credentials: new Secret({ access_token: 'at-2' }),
    expiresAt: T0 + 9,
    renewAt: T0 + 5,
    now: T0 + 1,
  },
  ...extra,
})

async function withAccount(stores: Stores): Promise<Stores> {
  const account = { id: 'a', integration: 'acme', tenantId: 't', status: 'active' } as const
  const times = { expiresAt: T0 + 3, renewAt: T0 + 2 }
  await stores.accounts.create('default', { ...account, ...times, credentials: new Secret(TOKENS) }, T0)
  return stores
}

onBothDatabases((backend) => {
  describe('a grant', () => {
    it('is read with its times and version, and replaced in place of that version only', async () => {
      const { grants } = await withAccount(await backend.open())
      const before = await grants.read('default', 'a')
      expect(before.credentials.reveal()).toEqual(TOKENS)
      expect(before).toMatchObject({ expiresAt: T0 + 3, renewAt: T0 + 2, tokenVersion: 1, pendingFence: null })
      expect(await grants.replace('default', 'a', grant(1))).toBe(true)
      expect(
        await grants.replace('default', 'a', grant(1, { credentials: new Secret({ access_token: 'late' }) })),
      ).toBe(false)
      const after = await grants.read('default', 'a')
      expect(after.credentials.reveal()).toEqual({ access_token: 'at-2' })
      expect(after).toMatchObject({ expiresAt: T0 + 9, renewAt: T0 + 5, tokenVersion: 2 })
    })

    it('of another environment, or gone, is unknown; without credentials it needs them', async () => {
      const { grants, accounts } = await withAccount(await backend.open())
      await expect(grants.read('other', 'a')).rejects.toMatchObject({ code: 'unknown_account' })
      expect(await grants.replace('other', 'a', grant(1))).toBe(false)
      await accounts.update('default', 'a', { credentials: null }, { now: T0 })
      await expect(grants.read('default', 'a')).rejects.toMatchObject({ code: 'needs_reauth' })
      expect(await grants.replace('default', 'a', grant(1))).toBe(false)
    })

    it('has a note of a renewal from before it is sent until it is stored or taken back by its fence', async () => {
      const { grants } = await withAccount(await backend.open())
      const begin = (tokenVersion: number, fence: number) =>
        grants.begin('default', 'a', { tokenVersion, fence, now: T0 })
      expect(await begin(2, 1)).toBe(false)
      expect(await begin(1, 1)).toBe(true)
      expect(await begin(1, 2)).toBe(true)
      await grants.settle('default', 'a', 1)
      expect(await grants.read('default', 'a')).toMatchObject({ pendingFence: 2 })
      await grants.settle('default', 'a', 2)
      expect(await grants.read('default', 'a')).toMatchObject({ pendingFence: null })
      await begin(1, 3)
      await grants.replace('default', 'a', grant(1))
      expect(await grants.read('default', 'a')).toMatchObject({ pendingFence: null, isOver: false })
    })

    it('is given up for its version only; new credentials begin anew', async () => {
      const { grants, accounts } = await withAccount(await backend.open())
      const end = { reason: 'grant_refused', now: T0 } as const
      await grants.begin('default', 'a', { tokenVersion: 1, fence: 1, now: T0 })
      expect(await grants.giveUp('default', 'a', { ...end, tokenVersion: 2 })).toBe(false)
      expect(await grants.giveUp('default', 'a', { ...end, tokenVersion: 1 })).toBe(true)
      expect(await accounts.get('default', 'a')).toMatchObject({ status: 'needs_reauth' })
      expect(await grants.read('default', 'a')).toMatchObject({ isOver: true })
      await accounts.update('default', 'a', { credentials: new Secret(TOKENS) }, { now: T0 })
      expect(await grants.read('default', 'a')).toMatchObject({ isOver: false, tokenVersion: 2, expiresAt: null })
    })

    it('that is renewed while its account is moved to another host does not come back', async () => {
      const { grants, accounts } = await withAccount(await backend.open())
      await accounts.update('default', 'a', { settings: { base_url: 'https://evil.test' } }, { now: T0 })
      expect(await grants.replace('default', 'a', grant(1))).toBe(false)
      expect(await accounts.get('default', 'a')).toMatchObject({ hasCredentials: false })
    })
  })

  describe('an app of an environment', () => {
    const key = { environmentId: 'default', integration: 'acme', method: 'oauth' }

    it('is kept sealed, replaced whole, and known in its environment only', async () => {
      const place = await backend.place()
      const { oauthApps } = await openAt(place)
      await expect(oauthApps.load('default', 'acme', 'oauth')).rejects.toMatchObject({ code: 'oauth_app_missing' })
      await oauthApps.set(key, new Secret({ client_id: 'id-secret-1', client_secret: 'cs-secret-1' }), T0)
      await oauthApps.set(key, new Secret({ client_id: 'id-secret-2' }), T0 + 1)
      const found = await oauthApps.get('default', 'acme', 'oauth')
      expect(found?.fields.reveal()).toEqual({ client_id: 'id-secret-2' })
      expect(found).toMatchObject({ createdAt: T0, updatedAt: T0 + 1 })
      expect(await oauthApps.get('other', 'acme', 'oauth')).toBeNull()
      expect(JSON.stringify(await rawRows(place, 'select * from oauth_apps'))).not.toContain('secret-')
      expect(await oauthApps.delete(key)).toBe(true)
      expect(await oauthApps.delete(key)).toBe(false)
      const unknown = oauthApps.set({ ...key, environmentId: 'nowhere' }, new Secret({}), T0)
      await expect(unknown).rejects.toMatchObject({ code: 'not_found' })
    })

    it('opens at its own address only', async () => {
      const place = await backend.place()
      const { oauthApps } = await openAt(place)
      await oauthApps.set(key, new Secret({ client_id: 'a' }), T0)
      await oauthApps.set({ ...key, method: 'other' }, new Secret({ client_id: 'b' }), T0)
      const other = "(select fields from oauth_apps where method = 'other')"
      await rawRun(place, `update oauth_apps set fields = ${other} where method = 'oauth'`)
      await expect(oauthApps.get('default', 'acme', 'oauth')).rejects.toMatchObject({ code: 'internal' })
    })

    it('moves to the first master key and stops a start without its key', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const first = await openAt(place, { masterKeys: [old] })
      await first.oauthApps.set(key, new Secret({ client_id: 'a' }), T0)
      await first.close()
      await expect(openStores({ ...place, masterKeys: [next] })).rejects.toMatchObject({ code: 'key_missing' })
      const second = await openAt(place, { masterKeys: [next, old] })
      expect(await second.rotate({ clock: SYSTEM_CLOCK })).toMatchObject({ rows: 1 })
      await second.close()
      const third = await openAt(place, { masterKeys: [next] })
      expect((await third.oauthApps.load('default', 'acme', 'oauth')).reveal()).toEqual({ client_id: 'a' })
    })
  })

  describe('a lock', () => {
    it('has one holder at a time, and a fence that grows', async () => {
      const clock = new VirtualClock()
      const lock = (await backend.open()).lock(clock)
      const fences: number[] = []
      let held = 0
      const turn = () =>
        lock.run('one', 60_000, async (fence) => {
          held += 1
          expect(held).toBe(1)
          fences.push(fence)
          await new Promise((resolve) => setImmediate(resolve))
          held -= 1
        })
      await clock.drive(Promise.all(Array.from({ length: 8 }, turn)))
      expect(fences).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(await lock.run('two', 60_000, (fence) => Promise.resolve(fence))).toBe(1)
    })

    it('passes over a holder whose time is over, in the time of the database', async () => {
      const clock = new VirtualClock()
      const lock = (await backend.open()).lock(clock)
      const fences: number[] = []
      await lock.run('one', 0, async (first) => {
        await lock.run('one', 60_000, (second) => Promise.resolve(fences.push(first, second)))
      })
      expect(fences).toEqual([1, 2])
    })

    it('that is not free in time is told, and is given back when the work fails', async () => {
      const clock = new VirtualClock()
      const lock = (await backend.open()).lock(clock)
      await lock.run('one', 60_000, async () => {
        const waiting = lock.run('one', 100, () => Promise.resolve())
        await expect(clock.drive(waiting)).rejects.toMatchObject({ code: 'overloaded', retryable: true })
      })
      await expect(lock.run('one', 60_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
      expect(await lock.run('one', 60_000, (fence) => Promise.resolve(fence))).toBe(3)
    })

    it('that nobody held for a day is forgotten by the sweep, and no other', async () => {
      const place = await backend.place()
      const stores = await openAt(place)
      const clock = new VirtualClock()
      for (const name of ['old', 'new']) await stores.lock(clock).run(name, 60_000, () => Promise.resolve())
      await rawRun(place, "update locks set until = until - 86500000 where name = 'old'")
      await stores.sweep(T0)
      expect((await rawRows(place, 'select name from locks')).map(({ name }) => name)).toEqual(['new'])
    })
  })
})
