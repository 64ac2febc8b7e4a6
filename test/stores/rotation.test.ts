import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { SYSTEM_CLOCK as clock } from '../../server/clock.ts'
import { type NewAccount, openStores } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows } from './raw.ts'

const acme: NewAccount = { integration: 'acme', tenantId: 'tenant-1' }
const key = (value: string) => new Secret({ api_key: value })

onBothDatabases((backend) => {
  describe('master keys', () => {
    it('stop the start when one that is in use is missing', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const first = await openAt(place, { masterKeys: [old] })
      const keyId = first.vault.keyId
      await first.close()
      await (await openStores({ ...place, masterKeys: [next] })).close()
      const second = await openAt(place, { masterKeys: [old] })
      await second.accounts.create('default', { ...acme, id: 'a', credentials: key('k') }, T0)
      await second.close()
      const refused = await openStores({ ...place, masterKeys: [next] }).catch((error) => error)
      expect(refused).toMatchObject({ code: 'key_missing' })
      expect(refused.message).toContain(keyId)
      const both = await openAt(place, { masterKeys: [next, old] })
      expect((await both.accounts.load('default', 'a')).reveal()).toEqual({ api_key: 'k' })
    })

    it('rotate: all rows move to the first key, then the old one can go', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const attempt = { environmentId: 'default', integratedAccountId: 'a0', operation: 'o', key: 'k' }
      const whole = { ...attempt, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 9 }
      const first = await openAt(place, { masterKeys: [old] })
      for (const i of [0, 1, 2]) {
        await first.accounts.create('default', { ...acme, id: `a${i}`, credentials: key(`k${i}`) }, T0)
      }
      const begun = await first.idempotency.begin(whole, T0)
      const response = { status: 201, headers: {}, body: '{}' }
      expect(begun.state === 'new' && (await first.idempotency.complete(attempt, begun.lease, response))).toBe(true)
      await first.close()
      const second = await openAt(place, { masterKeys: [next, old] })
      const [oldId, nextId] = [second.vault.keyId, second.vault.ring.firstId]
      expect(oldId).not.toBe(nextId)
      const told: string[] = []
      const onProgress = (done: number, total: number) => void told.push(`${done}/${total}`)
      expect(await second.rotate({ clock, onProgress })).toEqual({ keyId: nextId, rows: 4, retired: [oldId] })
      expect(told.at(-1)).toBe('4/4')
      expect(await second.rotate({ clock })).toEqual({ keyId: nextId, rows: 0, retired: [] })
      await second.close()
      const third = await openAt(place, { masterKeys: [next] })
      expect((await third.accounts.load('default', 'a2')).reveal()).toEqual({ api_key: 'k2' })
      expect(await third.idempotency.begin(whole, T0)).toEqual({ state: 'done', response, createdAt: T0 })
      expect((await third.accounts.get('default', 'a2'))?.version).toBe(1)
    })

    it('a process that still has the old key in mind writes with the new one', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const server = await openAt(place, { masterKeys: [next, old] })
      await server.accounts.create('default', { ...acme, id: 'before', credentials: key('k') }, T0)
      const oldId = server.vault.keyId
      const tool = await openAt(place, { masterKeys: [next, old], role: 'tool' })
      const { keyId } = await tool.rotate({ clock })
      expect(server.vault.keyId).toBe(oldId)
      await server.accounts.create('default', { ...acme, id: 'after', credentials: key('k') }, T0)
      expect(server.vault.keyId).toBe(keyId)
      const rows = await rawRows(place, 'select credentials_key_id as id from integrated_accounts')
      expect(rows.map(({ id }) => id)).toEqual([keyId, keyId])
    })

    it('a server between two keys makes no row that nobody can open: update and kept answer too', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const server = await openAt(place, { masterKeys: [next, old] })
      const attempt = { environmentId: 'default', integratedAccountId: 'a', operation: 'o', key: 'k' }
      const whole = { ...attempt, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 9 }
      await server.accounts.create('default', { ...acme, id: 'a', credentials: key('k') }, T0)
      const begun = await server.idempotency.begin(whole, T0)
      const tool = await openAt(place, { masterKeys: [next, old], role: 'tool' })
      const { keyId } = await tool.rotate({ clock })
      const response = { status: 201, headers: {}, body: '{}' }
      expect(begun.state === 'new' && (await server.idempotency.complete(attempt, begun.lease, response))).toBe(true)
      await server.accounts.update('default', 'a', { credentials: key('k2') }, { now: T0 })
      const only = await openAt(place, { masterKeys: [next], role: 'tool' })
      expect((await only.accounts.load('default', 'a')).reveal()).toEqual({ api_key: 'k2' })
      expect(await rawRows(place, 'select response_key_id as id from idempotency_records')).toEqual([{ id: keyId }])
    })

    it('waits for a server that lacks the new key, and changes nothing before', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const server = await openAt(place, { masterKeys: [old] })
      await server.keys.beat(clock.now())
      const tool = await openAt(place, { masterKeys: [next, old], role: 'tool' })
      const refused = await tool.rotate({ clock, patienceMs: 0 }).catch((error) => error)
      expect(refused).toMatchObject({ code: 'key_missing', message: expect.stringContaining(`${process.pid}@`) })
      await server.accounts.create('default', { ...acme, id: 'a', credentials: key('k') }, T0)
      const oldId = server.vault.keyId
      await server.close()
      expect(await tool.rotate({ clock, patienceMs: 0 })).toMatchObject({ rows: 1, retired: [oldId] })
    })

    // Two handles of one process would wait for each other on SQLite; there, test/http/key-rotation.test.ts has processes.
    const onPostgres = backend.name === 'postgres' ? it : null
    onPostgres?.('a row that is held by somebody is waited for, and nobody else gives way', async () => {
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      const server = await openAt(place, { masterKeys: [next, old] })
      const tool = await openAt(place, { masterKeys: [next, old], role: 'tool' })
      const writes = Array.from({ length: 60 }, (_none, i) =>
        server.accounts.create('default', { ...acme, id: `w${i}`, credentials: key(`k${i}`) }, T0),
      )
      const [{ keyId }] = await Promise.all([tool.rotate({ clock }), ...writes])
      const rows = await rawRows(place, 'select distinct credentials_key_id as id from integrated_accounts')
      expect(rows).toEqual([{ id: keyId }])
      const only = await openAt(place, { masterKeys: [next], role: 'tool' })
      expect((await only.accounts.load('default', 'w59')).reveal()).toEqual({ api_key: 'k59' })
    })
  })
})
