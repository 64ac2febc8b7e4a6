import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { type NewAccount, openStores } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'

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
      expect(await second.rewrap()).toBe(4)
      expect(await second.rewrap()).toBe(0)
      await second.close()
      const third = await openAt(place, { masterKeys: [next] })
      expect((await third.accounts.load('default', 'a2')).reveal()).toEqual({ api_key: 'k2' })
      expect(await third.idempotency.begin(whole, T0)).toEqual({ state: 'done', response, createdAt: T0 })
      expect((await third.accounts.get('default', 'a2'))?.version).toBe(1)
    })
  })
})
