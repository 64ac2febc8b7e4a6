import { describe, expect, it } from 'vitest'
import type { BeginResult, NewAttempt, Stores } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows, rawRun } from './raw.ts'

const attempt: NewAttempt = {
  environmentId: 'default',
  integratedAccountId: 'ia',
  operation: 'payments.create',
  key: 'key-1',
  tenantId: 'tenant-1',
  bodyHash: 'hash-1',
  providerKey: 'provider-key-1',
  leaseMs: 60_000,
  ttlMs: 86_400_000,
}
const response = {
  status: 201,
  headers: { 'content-type': 'application/json' },
  body: '{"id":"pay_1","note":"ü\\u0000"}',
}

async function begun(stores: Stores, input: Partial<NewAttempt> = {}, now = T0): Promise<string> {
  const result = await stores.idempotency.begin({ ...attempt, ...input }, now)
  if (result.state !== 'new') throw new Error(`expected new, got ${result.state}`)
  return result.lease
}

const count = (results: readonly BeginResult[], state: BeginResult['state']) =>
  results.filter((result) => result.state === state).length

onBothDatabases((backend) => {
  describe('of 50 callers at once', () => {
    it('exactly one may write', async () => {
      const { idempotency } = await backend.open()
      const results = await Promise.all(Array.from({ length: 50 }, () => idempotency.begin(attempt, T0)))
      expect([count(results, 'new'), count(results, 'in_flight')]).toEqual([1, 49])
    })

    it('with two bodies one writes, its equals wait and the others are refused', async () => {
      const { idempotency } = await backend.open()
      const calls = Array.from({ length: 50 }, (_, i) => idempotency.begin({ ...attempt, bodyHash: `h${i % 2}` }, T0))
      const results = await Promise.all(calls)
      expect([count(results, 'new'), count(results, 'in_flight'), count(results, 'conflict')]).toEqual([1, 24, 25])
    })

    it('on an answer past its time exactly one takes over', async () => {
      const stores = await backend.open()
      const lease = await begun(stores)
      await stores.idempotency.complete(attempt, lease, response)
      const later = T0 + attempt.ttlMs
      const calls = Array.from({ length: 50 }, () => stores.idempotency.begin(attempt, later))
      const results = await Promise.all(calls)
      expect([count(results, 'new'), count(results, 'in_flight')]).toEqual([1, 49])
    })

    it('on a crashed attempt nobody may write', async () => {
      const stores = await backend.open()
      await begun(stores)
      const later = T0 + attempt.leaseMs
      const calls = Array.from({ length: 50 }, () => stores.idempotency.begin(attempt, later))
      expect(count(await Promise.all(calls), 'unknown')).toBe(50)
    })

    it('over two processes still exactly one may write', async () => {
      const place = await backend.place()
      const masterKeys = [newKey()]
      const stores = [await openAt(place, { masterKeys }), await openAt(place, { masterKeys, role: 'tool' })]
      const calls = Array.from({ length: 50 }, (_, i) => (stores[i % 2] as Stores).idempotency.begin(attempt, T0))
      expect(count(await Promise.all(calls), 'new')).toBe(1)
    })
  })

  it('a finished attempt answers the same again until its time is over', async () => {
    const stores = await backend.open()
    const lease = await begun(stores)
    expect(await stores.idempotency.begin(attempt, T0 + 1)).toEqual({ state: 'in_flight', leaseUntil: T0 + 60_000 })
    expect(await stores.idempotency.complete(attempt, lease, response)).toBe(true)
    const repeat = (now: number) => stores.idempotency.begin(attempt, now)
    expect(await repeat(T0 + 2)).toEqual({ state: 'done', response, createdAt: T0 })
    expect((await repeat(T0 + attempt.ttlMs - 1)).state).toBe('done')
    expect((await repeat(T0 + attempt.ttlMs)).state).toBe('new')
  })

  it('another body or tenant is a conflict, in flight and after', async () => {
    const stores = await backend.open()
    const lease = await begun(stores)
    const state = async (input: Partial<NewAttempt>) =>
      (await stores.idempotency.begin({ ...attempt, ...input }, T0 + 1)).state
    expect(await state({ bodyHash: 'hash-2' })).toBe('conflict')
    await stores.idempotency.complete(attempt, lease, response)
    expect(await state({ bodyHash: 'hash-2' })).toBe('conflict')
    expect(await state({ tenantId: 'tenant-2' })).toBe('conflict')
    expect(await state({})).toBe('done')
  })

  it('environment, account, operation and key each make another record', async () => {
    const stores = await backend.open()
    await begun(stores)
    for (const part of ['environmentId', 'integratedAccountId', 'operation', 'key']) {
      await begun(stores, { [part]: 'another' })
    }
    expect((await stores.idempotency.listUnknown('another', T0 + 60_000)).map((one) => one.key)).toEqual(['key-1'])
  })

  it('a crashed attempt is unknown for ever, until it was looked up', async () => {
    const stores = await backend.open()
    const lease = await begun(stores)
    const later = T0 + attempt.leaseMs
    const { leaseMs: _leaseMs, ttlMs: _ttlMs, bodyHash: _bodyHash, ...named } = attempt
    const unknown = { ...named, lease, createdAt: T0 }
    expect(await stores.idempotency.listUnknown('default', later - 1)).toEqual([])
    expect(await stores.idempotency.listUnknown('default', later)).toEqual([unknown])
    expect(await stores.idempotency.begin(attempt, later)).toEqual({ state: 'unknown', ...unknown })
    const years = T0 + 100 * attempt.ttlMs
    expect(await stores.idempotency.deleteExpired('default', years)).toBe(0)
    expect((await stores.idempotency.begin(attempt, years)).state).toBe('unknown')
    expect(await stores.idempotency.complete(attempt, lease, response)).toBe(true)
    expect((await stores.idempotency.begin(attempt, T0 + 1)).state).toBe('done')
    expect(await stores.idempotency.listUnknown('default', years)).toEqual([])
  })

  it('a write without an answer is unknown at once, and its late answer still counts', async () => {
    const stores = await backend.open()
    const lease = await begun(stores)
    expect(await stores.idempotency.markUnknown(attempt, lease)).toBe(true)
    expect((await stores.idempotency.begin(attempt, T0 + 1)).state).toBe('unknown')
    expect(await stores.idempotency.complete(attempt, lease, response)).toBe(true)
    expect((await stores.idempotency.begin(attempt, T0 + 1)).state).toBe('done')
  })

  it('an attempt that surely did nothing frees its key, a finished one does not', async () => {
    const stores = await backend.open()
    const first = await begun(stores)
    expect(await stores.idempotency.release(attempt, 'try_of_somebody_else')).toBe(false)
    expect(await stores.idempotency.release(attempt, first)).toBe(true)
    const second = await begun(stores, { bodyHash: 'hash-2' })
    expect(await stores.idempotency.complete(attempt, first, response)).toBe(false)
    expect(await stores.idempotency.markUnknown(attempt, first)).toBe(false)
    await stores.idempotency.complete(attempt, second, response)
    expect(await stores.idempotency.release(attempt, second)).toBe(false)
    expect(await stores.idempotency.complete(attempt, second, { ...response, status: 500 })).toBe(false)
    expect(await stores.idempotency.markUnknown(attempt, second)).toBe(false)
    expect(await stores.idempotency.begin({ ...attempt, bodyHash: 'hash-2' }, T0)).toMatchObject({ response })
  })

  it('the answer is sealed, bound to its record and tenant', async () => {
    const place = await backend.place()
    const stores = await openAt(place)
    await stores.idempotency.complete(attempt, await begun(stores), response)
    const other = { ...attempt, key: 'key-2' }
    await stores.idempotency.complete(other, await begun(stores, other), { ...response, body: 'other' })
    expect(JSON.stringify(await rawRows(place, 'select * from idempotency_records'))).not.toContain('pay_1')
    await rawRun(place, `update idempotency_records set tenant_id = 'tenant-2' where key = 'key-1'`)
    const asked = stores.idempotency.begin({ ...attempt, tenantId: 'tenant-2' }, T0)
    await expect(asked).rejects.toMatchObject({ code: 'internal' })
    await rawRun(
      place,
      `update idempotency_records set tenant_id = 'tenant-1',
        response = (select response from idempotency_records where key = 'key-2') where key = 'key-1'`,
    )
    await expect(stores.idempotency.begin(attempt, T0)).rejects.toMatchObject({ code: 'internal' })
    expect((await stores.idempotency.begin(other, T0)).state).toBe('done')
  })

  it('finished answers past their time are deleted in this environment only', async () => {
    const stores = await backend.open()
    for (const environmentId of ['default', 'other']) {
      for (let i = 0; i < 3; i++) {
        const input = { ...attempt, environmentId, key: `k${i}`, ttlMs: i === 0 ? 10 : 99 }
        await stores.idempotency.complete(input, await begun(stores, input), response)
      }
    }
    expect(await stores.idempotency.deleteExpired('default', T0 + 9)).toBe(0)
    expect(await stores.idempotency.deleteExpired('default', T0 + 10)).toBe(1)
    expect(await stores.idempotency.deleteExpired('default', T0 + 99)).toBe(2)
    expect(await stores.idempotency.deleteExpired('other', T0 + 99)).toBe(3)
  })

  it('a key is 1 to 255 characters', async () => {
    const { idempotency } = await backend.open()
    for (const key of ['', 'x'.repeat(256)]) {
      await expect(idempotency.begin({ ...attempt, key }, T0)).rejects.toMatchObject({ code: 'invalid_parameter' })
    }
    expect((await idempotency.begin({ ...attempt, key: 'ü'.repeat(255) }, T0)).state).toBe('new')
  })
})
