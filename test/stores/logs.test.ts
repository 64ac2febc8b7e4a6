import { describe, expect, it } from 'vitest'
import { openStores, type RequestEntry } from '../../server/stores/index.ts'
import { scrubPath } from '../../server/stores/request-rows.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows, rawRun } from './raw.ts'

const DAY = 86_400_000
const entry: RequestEntry = {
  requestId: 'req_1',
  environmentId: 'default',
  integratedAccountId: 'ia_1',
  tokenId: 'tok_1',
  method: 'GET',
  path: '/unified/payment-gateway/payments',
  status: 200,
  durationMs: 12.4,
  upstreamRequests: 2,
  errorCode: null,
  at: T0,
}

onBothDatabases((backend) => {
  describe('the request log', () => {
    it('keeps a call without the values of its query', async () => {
      const { requests } = await backend.open()
      requests.append({ ...entry, path: '/custom/x?email=a@b.example&limit=5', errorCode: 'not_found' })
      await requests.flush()
      const { result } = await requests.list('default')
      expect(result).toEqual([
        {
          ...entry,
          id: expect.stringMatching(/^log_/),
          path: '/custom/x?email=*&limit=*',
          errorCode: 'not_found',
          durationMs: 12,
        },
      ])
    })

    it('writes in batches, and everything before it closes', async () => {
      const place = await backend.place()
      const stores = await openStores({ ...place, masterKeys: [newKey()] })
      const stored = async () => Number((await rawRows(place, 'select count(*) as n from request_log'))[0]?.n)
      for (let i = 0; i < 255; i++) stores.requests.append({ ...entry, requestId: `req_${i}` })
      await stores.ping()
      expect(await stored()).toBe(0)
      for (let i = 255; i < 1_234; i++) stores.requests.append({ ...entry, requestId: `req_${i}` })
      await stores.close()
      expect(await stored()).toBe(1_234)
      expect(() => stores.requests.append(entry)).toThrow(expect.objectContaining({ code: 'store_failed' }))
      await stores.close()
    })

    it('loses and doubles nothing when entries come in while it is being written', async () => {
      const { requests } = await backend.open()
      const flushes: Promise<void>[] = []
      for (let i = 0; i < 500; i++) {
        requests.append({ ...entry, requestId: `req_${i}`, at: T0 + i })
        if (i % 7 === 0) flushes.push(requests.flush())
        if (i % 50 === 0) await flushes.at(-1)
      }
      await Promise.all(flushes)
      await requests.flush()
      const { result, next } = await requests.list('default', { limit: 1_000 })
      expect(new Set(result.map((one) => one.requestId)).size).toBe(500)
      expect([result.length, next]).toEqual([500, null])
    })

    it('keeps what could not be written and says so', async () => {
      const place = await backend.place()
      const told: string[] = []
      const tell = (_fields: object, message: string) => void told.push(message)
      const { requests } = await openAt(place, { log: { warn: tell, error: tell } })
      await rawRun(place, 'alter table request_log rename to elsewhere')
      for (let i = 0; i < 256; i++) requests.append({ ...entry, requestId: `req_${i}` })
      await expect(requests.flush()).rejects.toMatchObject({ code: 'store_failed' })
      expect(told).toEqual([expect.stringContaining('could not be written')])
      await rawRun(place, 'alter table elsewhere rename to request_log')
      await requests.flush()
      expect((await requests.list('default', { limit: 500 })).result).toHaveLength(256)
    })

    it('says so when too much waits to be kept', async () => {
      const place = await backend.place()
      const told: string[] = []
      const tell = (_fields: object, message: string) => void told.push(message)
      const { requests } = await openAt(place, { log: { warn: tell, error: tell } })
      for (let i = 0; i < 20_001; i++) requests.append(entry)
      expect(told).toEqual(['entries of the request log are lost'])
      await requests.flush()
      expect(await requests.deleteBefore('default', T0 + 1)).toBe(20_000)
    })

    it('fails at close, not silently, when the database is gone, and is closed then', async () => {
      const place = await backend.place()
      const stores = await openStores({ ...place, masterKeys: [newKey()] })
      stores.requests.append(entry)
      await rawRun(place, 'drop table request_log')
      await expect(stores.close()).rejects.toMatchObject({ code: 'store_failed' })
      await expect(stores.ping()).rejects.toMatchObject({ code: 'store_failed' })
    })

    it('is listed by environment, account and request, newest first, page by page', async () => {
      const { requests } = await backend.open()
      for (let i = 0; i < 6; i++) {
        const integratedAccountId = i % 2 === 0 ? 'ia_1' : 'ia_2'
        requests.append({ ...entry, requestId: `req_${i}`, integratedAccountId, at: T0 + Math.floor(i / 2) })
      }
      requests.append({ ...entry, environmentId: 'other', requestId: 'req_other' })
      requests.append({ ...entry, environmentId: null, tokenId: null, requestId: 'req_refused', status: 401 })
      await requests.flush()
      const ids = async (environmentId: string | null, query: object = {}) =>
        (await requests.list(environmentId, query)).result.map((one) => one.requestId)
      expect(await ids('other')).toEqual(['req_other'])
      expect(await ids(null)).toEqual(['req_refused'])
      expect(await ids('default', { integratedAccountId: 'ia_2' })).toEqual(['req_5', 'req_3', 'req_1'])
      expect(await ids('default', { requestId: 'req_2' })).toEqual(['req_2'])
      expect(await ids('default', { requestId: 'req_other' })).toEqual([])
      const first = await requests.list('default', { limit: 3 })
      const second = await requests.list('default', { limit: 3, after: first.next })
      expect(second.next).toBeNull()
      const all = [...first.result, ...second.result]
      expect(all.map((one) => one.at - T0)).toEqual([2, 2, 1, 1, 0, 0])
      expect(new Set(all.map((one) => one.requestId)).size).toBe(6)
    })

    it('stores hostile paths', async () => {
      const { requests } = await backend.open()
      requests.append({ ...entry, path: `/a\0b\n?${'x'.repeat(5_000)}`, requestId: `r\0${'y'.repeat(500)}` })
      requests.append({ ...entry, path: `/${'z'.repeat(5_000)}` })
      await requests.flush()
      const paths = (await requests.list('default')).result.map((one) => one.path)
      expect(paths).toContain('/a?b??*')
      expect(paths.find((path) => path.startsWith('/z'))).toMatch(/^\/z{1998}…$/)
    })
  })

  describe('the audit log', () => {
    const act = { actor: 'token:tok_1', action: 'account.update', target: 'ia_1', outcome: 'denied', at: T0 } as const

    it('keeps each act at once, filtered and page by page', async () => {
      const { audit } = await backend.open()
      const stored = await audit.record('default', { ...act, details: { fields: ['settings'] }, requestId: 'req_1' })
      expect(stored).toEqual({
        ...act,
        id: expect.stringMatching(/^aud_/),
        environmentId: 'default',
        requestId: 'req_1',
        details: { fields: ['settings'] },
      })
      await audit.record('default', { ...act, actor: 'system', at: T0 + 1 })
      await audit.record('other', act)
      const first = await audit.list('default', { limit: 1 })
      expect(first.result).toMatchObject([{ actor: 'system', details: {}, requestId: null }])
      expect((await audit.list('default', { limit: 1, after: first.next })).result).toEqual([stored])
      expect((await audit.list('default', { actor: 'token:tok_1', target: 'ia_1' })).result).toEqual([stored])
      expect((await audit.list('default', { action: 'else' })).result).toEqual([])
    })

    it('keeps what is appended for a while, and has it when it is asked, erased or closed', async () => {
      const place = await backend.place()
      const stores = await openStores({ ...place, masterKeys: [newKey()] })
      const stored = async () => Number((await rawRows(place, 'select count(*) as n from audit_log'))[0]?.n)
      for (let i = 0; i < 20; i++) await stores.audit.append('default', { ...act, action: `mcp/${i}` })
      expect(await stored()).toBe(0)
      const { result } = await stores.audit.list('default', { limit: 3 })
      expect(result.map(({ action }) => action)).toEqual(['mcp/19', 'mcp/18', 'mcp/17'])
      expect(await stored()).toBe(20)
      await stores.environments.ensure({ id: 'default', name: 'Default' }, T0)
      await stores.accounts.create('default', { id: 'a1', integration: 'acme', tenantId: 't', status: 'active' }, T0)
      await stores.audit.append('default', { ...act, target: 'integrated_account:a1', details: { secret: 1 } })
      await stores.accounts.delete('default', 'a1', { now: T0, erase: true })
      const erased = await stores.audit.list('default', { target: 'integrated_account:a1' })
      expect(erased.result).toMatchObject([{ details: {} }])
      await stores.audit.append('default', act)
      await stores.close()
      expect(await stored()).toBe(22)
      await expect(stores.audit.append('default', act)).rejects.toMatchObject({ code: 'store_failed' })
    })

    it('drops nothing while the database fails: what is too much to wait fails the call', async () => {
      const place = await backend.place()
      const { audit } = await openAt(place)
      await rawRun(place, 'alter table audit_log rename to elsewhere')
      for (let i = 0; i < 20_000; i++) await audit.append('default', { ...act, at: T0 + i })
      await expect(audit.append('default', act)).rejects.toMatchObject({ code: 'store_failed' })
      await expect(audit.list('default')).rejects.toMatchObject({ code: 'store_failed' })
      await rawRun(place, 'alter table elsewhere rename to audit_log')
      await audit.flush()
      expect(await audit.deleteBefore('default', T0 + 20_000)).toBe(20_000)
    })
  })

  describe('a sweep', () => {
    it('deletes by the retention of each environment', async () => {
      const { environments, requests, audit, accounts, events, sweep } = await backend.open()
      await environments.update(
        'other',
        { settings: { retentionDays: { requestLog: 1, auditLog: 2, events: 3, changes: 3, deliveries: 4 } } },
        T0,
      )
      const act = { actor: 'a', action: 'b', target: 'c', outcome: 'succeeded' } as const
      for (const environmentId of ['default', 'other']) {
        for (let day = 0; day < 5; day++) {
          requests.append({ ...entry, environmentId, at: T0 + day * DAY })
          await audit.record(environmentId, { ...act, at: T0 + day * DAY })
          await accounts.create(environmentId, { integration: 'acme', tenantId: 't', status: 'active' }, T0 + day * DAY)
        }
      }
      await requests.flush()
      const swept = await sweep(T0 + 4 * DAY)
      const none = {
        idempotencyRecords: 0,
        tokens: 0,
        deliveries: 0,
        changes: 0,
        runs: 0,
        ruleRuns: 0,
        links: 0,
        stuck: 0,
      }
      expect(swept).toEqual({ ...none, requests: 3, acts: 2, events: 1 })
      expect((await requests.list('default')).result).toHaveLength(5)
      expect((await events.pull('other')).result).toHaveLength(4)
      expect(await sweep(T0 + 34 * DAY + 1)).toMatchObject({ requests: 7, acts: 3 })
    })

    it('deletes many more rows than one statement takes', async () => {
      const { requests } = await backend.open()
      for (let i = 0; i < 2_500; i++) requests.append({ ...entry, at: T0 + i })
      await requests.flush()
      expect(await requests.deleteBefore('default', T0 + 2_400)).toBe(2_400)
      expect((await requests.list('default', { limit: 1_000 })).result).toHaveLength(100)
    })
  })
})

describe('a path in the log', () => {
  it.each([
    ['/a', '/a'],
    ['/a?b=1&c[gte]=2', '/a?b=*&c[gte]=*'],
    ['/a?b', '/a?b=*'],
    ['/a?b=x?y=1', '/a?b=*'],
    ['/a?me@home.example', '/a?*'],
    ['/a?=secret&', '/a?*&*'],
  ])('%s is stored as %s', (path, stored) => {
    expect(scrubPath(path)).toBe(stored)
  })
})
