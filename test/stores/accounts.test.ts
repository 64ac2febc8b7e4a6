import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CredentialStore, Secret } from '../../engine/index.ts'
import type { AccountPatch, Keyset, NewAccount } from '../../server/stores/index.ts'
import { onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows, rawRun } from './raw.ts'

const acme: NewAccount = { integration: 'acme', tenantId: 'tenant-1' }
const key = (value: string) => new Secret({ api_key: value })

onBothDatabases((backend) => {
  describe('an account', () => {
    it('comes back as it was made, credentials apart', async () => {
      const { accounts } = await backend.open()
      const input = {
        ...acme,
        id: 'sandbox-acme',
        status: 'active',
        authenticationMethod: 'api_key',
        credentials: key('k-1'),
        settings: { base_url: 'https://acme.example', nested: { list: [1, null, 'ü\u0000'] } },
        context: { a: 1 },
        traits: { api_version: '2025-01-01' },
        identity: 'acct_1',
        mode: 'test',
        livemode: false,
        webhook: { state: 'polling', url: null, reason: 'acme', at: T0 },
      } as const
      const { credentials: _credentials, ...shown } = input
      const made = await accounts.create('default', input, T0)
      expect(made).toEqual({
        ...shown,
        environmentId: 'default',
        statusReason: null,
        hasCredentials: true,
        createdAt: T0,
        updatedAt: T0,
        version: 1,
      })
      expect(await accounts.get('default', 'sandbox-acme')).toEqual(made)
      const opened = await accounts.getWithCredentials('default', 'sandbox-acme')
      expect(opened?.account).toEqual(made)
      expect(opened?.credentials?.reveal()).toEqual({ api_key: 'k-1' })
      const port: CredentialStore = accounts
      expect((await port.load('default', 'sandbox-acme')).reveal()).toEqual({ api_key: 'k-1' })
    })

    it('has an id and empty JSON where none was given', async () => {
      const { accounts } = await backend.open()
      const made = await accounts.create('default', acme, T0)
      expect(made).toMatchObject({ status: 'connecting', settings: {}, livemode: null, hasCredentials: false })
      expect(made.id).toMatch(/^ia_[0-9a-f]{32}$/)
      await expect(accounts.load('default', made.id)).rejects.toMatchObject({ code: 'needs_reauth' })
    })

    it('is refused with a taken id, a bad id, an unknown environment and text that cannot be stored', async () => {
      const { accounts } = await backend.open()
      await accounts.create('default', { ...acme, id: 'one' }, T0)
      const made = (input: Partial<NewAccount>, environmentId = 'default') =>
        accounts.create(environmentId, { ...acme, ...input }, T0)
      await expect(made({ id: 'one' })).rejects.toMatchObject({ code: 'conflict' })
      await expect(made({ id: 'a,b' })).rejects.toMatchObject({ code: 'invalid_parameter' })
      await expect(made({ id: '' })).rejects.toMatchObject({ code: 'invalid_parameter' })
      await expect(made({}, 'nowhere')).rejects.toMatchObject({ code: 'not_found' })
      await expect(made({ tenantId: 'a\0b' })).rejects.toMatchObject({ code: 'invalid_parameter' })
      expect((await accounts.list('default')).result).toHaveLength(1)
    })

    it('of another environment is as unknown as any', async () => {
      const { accounts } = await backend.open()
      await accounts.create('other', { ...acme, id: 'theirs', credentials: key('k') }, T0)
      expect(await accounts.get('default', 'theirs')).toBeNull()
      expect(await accounts.getWithCredentials('default', 'theirs')).toBeNull()
      expect(await accounts.delete('default', 'theirs', { now: T0 })).toBe(false)
      expect((await accounts.list('default')).result).toEqual([])
      await expect(accounts.load('default', 'theirs')).rejects.toMatchObject({ code: 'unknown_account' })
      await expect(accounts.update('default', 'theirs', { status: 'disabled' }, { now: T0 })).rejects.toMatchObject({
        code: 'unknown_account',
      })
      await accounts.create('default', { ...acme, id: 'theirs' }, T0)
      expect(await accounts.get('other', 'theirs')).toMatchObject({ hasCredentials: true, status: 'connecting' })
    })
  })

  describe('credentials', () => {
    it('are stored nowhere in the clear and cannot print themselves', async () => {
      const place = await backend.place()
      const { accounts } = await openAt(place)
      await accounts.create('default', { ...acme, id: 'a', credentials: key('very-secret-value') }, T0)
      const rows = await rawRows(place, 'select * from integrated_accounts')
      expect(rows).toHaveLength(1)
      expect(JSON.stringify(rows)).not.toContain('very-secret-value')
      const opened = await accounts.getWithCredentials('default', 'a')
      expect(inspect(opened, { depth: 9 }) + JSON.stringify(opened)).not.toContain('very-secret-value')
    })

    it('do not open in the row of another account, nor of another environment', async () => {
      const place = await backend.place()
      const { accounts } = await openAt(place)
      await accounts.create('default', { ...acme, id: 'a', credentials: key('of a') }, T0)
      await accounts.create('default', { ...acme, id: 'b', credentials: key('of b') }, T0)
      await accounts.create('other', { ...acme, id: 'a', credentials: key('of the other a') }, T0)
      const swap = (to: string, from: string) =>
        rawRun(
          place,
          `update integrated_accounts set credentials = (select credentials from integrated_accounts where ${from}) where ${to}`,
        )
      await swap(`environment_id = 'default' and id = 'b'`, `environment_id = 'default' and id = 'a'`)
      await expect(accounts.getWithCredentials('default', 'b')).rejects.toMatchObject({ code: 'internal' })
      await swap(`environment_id = 'other' and id = 'a'`, `environment_id = 'default' and id = 'a'`)
      await expect(accounts.load('other', 'a')).rejects.toMatchObject({ code: 'internal' })
      expect((await accounts.load('default', 'a')).reveal()).toEqual({ api_key: 'of a' })
    })

    it('go when base_url changes, and the account must be connected again', async () => {
      const { accounts } = await backend.open()
      const settings = { base_url: 'https://one.example', region: 'eu' }
      const input: NewAccount = { ...acme, id: 'a', status: 'active', credentials: key('k'), settings }
      await accounts.create('default', input, T0)
      const change = (patch: AccountPatch) => accounts.update('default', 'a', patch, { now: T0 + 1 })
      expect(await change({ settings: { ...settings, region: 'us' } })).toMatchObject({ hasCredentials: true })
      const moved = await change({ settings: { base_url: 'https://two.example' }, status: 'active' })
      expect(moved).toMatchObject({ hasCredentials: false, status: 'needs_reauth', version: 3 })
      expect((await accounts.getWithCredentials('default', 'a'))?.credentials).toBeNull()
      const again = await change({ credentials: key('new'), status: 'active' })
      expect(again).toMatchObject({ hasCredentials: true, status: 'active' })
      expect(await change({ settings: {} })).toMatchObject({ hasCredentials: false, status: 'needs_reauth' })
    })

    it('given together with the new base_url stay', async () => {
      const { accounts } = await backend.open()
      await accounts.create('default', { ...acme, id: 'a', status: 'active', credentials: key('old') }, T0)
      const patch = { settings: { base_url: 'https://two.example' }, credentials: key('new') }
      const moved = await accounts.update('default', 'a', patch, { now: T0 })
      expect(moved.status).toBe('active')
      expect((await accounts.load('default', 'a')).reveal()).toEqual({ api_key: 'new' })
    })

    it('are cleared by null and kept by undefined', async () => {
      const { accounts } = await backend.open()
      await accounts.create('default', { ...acme, id: 'a', credentials: key('k'), identity: 'x' }, T0)
      const kept = await accounts.update('default', 'a', { credentials: undefined, identity: null }, { now: T0 })
      expect(kept).toMatchObject({ hasCredentials: true, identity: null })
      expect(await accounts.update('default', 'a', { credentials: null }, { now: T0 })).toMatchObject({
        hasCredentials: false,
      })
    })
  })

  describe('an update', () => {
    it('with a version is refused once another was first', async () => {
      const { accounts } = await backend.open()
      const { version } = await accounts.create('default', { ...acme, id: 'a' }, T0)
      const change = () => accounts.update('default', 'a', { mode: 'live' }, { now: T0 + 5, ifVersion: version })
      expect(await change()).toMatchObject({ mode: 'live', version: 2, updatedAt: T0 + 5, createdAt: T0 })
      await expect(change()).rejects.toMatchObject({ code: 'conflict' })
    })

    it('of one field by 30 callers at once loses none of them', async () => {
      const { accounts } = await backend.open()
      await accounts.create('default', { ...acme, id: 'a', settings: { kept: true } }, T0)
      const changes = Array.from({ length: 30 }, (_, i) =>
        accounts.update('default', 'a', { context: { last: i } }, { now: T0 + i }),
      )
      const versions = (await Promise.all(changes)).map((account) => account.version)
      expect(new Set(versions).size).toBe(30)
      expect(await accounts.get('default', 'a')).toMatchObject({ version: 31, settings: { kept: true } })
    })
  })

  describe('a list', () => {
    it('filters and pages newest first', async () => {
      const { accounts } = await backend.open()
      for (const [i, tenantId] of ['t1', 't2', 't1', 't2', 't1'].entries()) {
        const integration = i < 3 ? 'acme' : 'bolt'
        await accounts.create(
          'default',
          { id: `a${i}`, integration, tenantId, status: i ? 'active' : 'disabled' },
          T0 + i,
        )
      }
      const ids = async (query: object) => (await accounts.list('default', query)).result.map((account) => account.id)
      expect(await ids({})).toEqual(['a4', 'a3', 'a2', 'a1', 'a0'])
      expect(await ids({ tenantId: 't1' })).toEqual(['a4', 'a2', 'a0'])
      expect(await ids({ tenantId: 't1', status: 'active', integration: 'acme' })).toEqual(['a2'])
      const first = await accounts.list('default', { tenantId: 't1', limit: 2 })
      expect(first).toMatchObject({ limit: 2, next: { at: T0 + 2, id: 'a2' } })
      expect(await accounts.list('default', { tenantId: 't1', limit: 2, after: first.next })).toMatchObject({
        result: [{ id: 'a0' }],
        next: null,
      })
      for (const limit of [0, 1.5, 1_001, Number.NaN]) {
        await expect(accounts.list('default', { limit })).rejects.toMatchObject({ code: 'invalid_parameter' })
      }
    })

    it('loses and repeats nothing while accounts of the same instant are added', async () => {
      const { accounts } = await backend.open()
      let made = 0
      const make = (at: number) => accounts.create('default', { ...acme, id: `m${made++}` }, at)
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }),
          fc.integer({ min: 1, max: 4 }),
          async (instants, limit) => {
            for (const instant of instants) await make(T0 + instant)
            const before = made
            const seen: string[] = []
            let after: Keyset | null = null
            do {
              const page: Awaited<ReturnType<typeof accounts.list>> = await accounts.list('default', { limit, after })
              seen.push(...page.result.map((account) => account.id))
              after = page.next
              await make(T0 + 10 + made)
            } while (after)
            const old = seen.filter((id) => Number(id.slice(1)) < before)
            expect(new Set(seen).size).toBe(seen.length)
            expect(old).toHaveLength(before)
          },
        ),
        { numRuns: 8 },
      )
    })
  })

  describe('deleting', () => {
    it('takes tokens, idempotency records and request log along, of this account only', async () => {
      const { accounts, tokens, idempotency, requests, audit } = await backend.open()
      const values: Record<string, string> = {}
      for (const id of ['gone', 'stays']) {
        await accounts.create('default', { ...acme, id }, T0)
        const issued = await tokens.createAccount('default', { integratedAccountId: id, expiresAt: null }, T0)
        values[id] = issued.value.reveal()
        const attempt = { environmentId: 'default', integratedAccountId: id, operation: 'o', key: 'k' }
        await idempotency.begin(
          { ...attempt, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 9 },
          T0,
        )
        const entry = {
          requestId: 'r',
          environmentId: 'default',
          integratedAccountId: id,
          tokenId: null,
          method: 'GET',
        }
        requests.append({
          ...entry,
          path: '/',
          status: 200,
          durationMs: 1,
          upstreamRequests: 1,
          errorCode: null,
          at: T0,
        })
        await audit.record('default', { actor: 'a', action: 'b', target: id, outcome: 'succeeded', at: T0 })
      }
      expect(await accounts.delete('default', 'gone', { now: T0 })).toBe(true)
      expect(await accounts.delete('default', 'gone', { now: T0 })).toBe(false)
      expect(await accounts.get('default', 'gone')).toBeNull()
      expect(await tokens.check(values.gone as string, T0)).toEqual({ state: 'unknown' })
      expect(await tokens.check(values.stays as string, T0)).toMatchObject({ state: 'valid' })
      const left = await idempotency.listUnknown('default', T0 + 5)
      expect(left.map((attempt) => attempt.integratedAccountId)).toEqual(['stays'])
      const logged = (await requests.list('default')).result
      expect(logged.map((entry) => entry.integratedAccountId)).toEqual(['stays'])
      expect((await audit.list('default')).result).toHaveLength(2)
    })
  })
})
