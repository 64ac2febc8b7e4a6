import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
})
afterAll(() => stand.close())

interface Shown {
  readonly id: string
  readonly type: string
  readonly integrated_account_id: string
}

const pull = async (query = '', options: object = {}) => (await stand.call('GET', `/event${query}`, options)).body
const typesOf = (events: readonly Shown[]) => events.map(({ type }) => type)

function connect(id: string, key = GOOD_KEY, options: object = {}) {
  const settings = { base_url: stand.upstream.origin }
  const body = { id, integration: 'acme', tenant_id: `tenant of ${id}`, credentials: { key }, settings }
  return stand.call('POST', '/integrated-account', { body, ...options })
}

const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }

describe('events', () => {
  it('tell the life of an account, oldest first, as the API shows it', async () => {
    const start = (await pull()).next_cursor
    const connected = await connect('life-1')
    await stand.call('PATCH', '/integrated-account/life-1', { body: { status: 'disabled' } })
    await stand.call('PATCH', '/integrated-account/life-1', { body: { status: 'active' } })
    await stand.call('PATCH', '/integrated-account/life-1', { body: { context: { note: 'hello' } } })
    const { result, has_more: hasMore, next_cursor: next } = await pull(`?after=${start}`)
    expect(typesOf(result)).toEqual([
      'integrated_account.created',
      'integrated_account.active',
      'integrated_account.disabled',
      'integrated_account.enabled',
      'integrated_account.updated',
    ])
    expect(hasMore).toBe(false)
    expect(result[1]).toEqual({
      id: expect.stringMatching(/^evt_\d{14}[0-9a-f]{16}$/),
      type: 'integrated_account.active',
      created_at: '2026-01-01T00:00:00.000Z',
      environment: 'default',
      integrated_account_id: 'life-1',
      tenant_id: 'tenant of life-1',
      integration: 'acme',
      livemode: expect.toBeOneOf([true, false, null]),
      reason: null,
      data: connected.body,
      changes: expect.objectContaining({ status: { from: 'connecting', to: 'active' } }),
      ...{ model: null, resource: null, resource_id: null, occurred_at: null },
      raw_event_id: null,
    })
    expect((await stand.call('GET', `/event/${result[1].id}`)).body).toEqual(result[1])
    expect((await pull(`?after=${next}`)).result).toEqual([])
    await stand.call('DELETE', '/integrated-account/life-1')
    expect(typesOf((await pull(`?after=${next}`)).result)).toEqual(['integrated_account.deleted'])
    expect((await stand.call('GET', `/event/${result[1].id}`)).status).toBe(404)
  })

  it('tell of credentials that were refused, and never show any', async () => {
    const start = (await pull()).next_cursor
    expect((await connect('bad-1', 'ak_test_hush1')).status).toBe(422)
    const { result } = await pull(`?after=${start}`)
    expect(typesOf(result)).toEqual(['integrated_account.created', 'integrated_account.validation_error'])
    expect(JSON.stringify(result)).not.toMatch(/hush1|ak_test/)
  })

  it('are paged and filtered', async () => {
    const start = (await pull()).next_cursor
    await connect('page-1')
    await connect('page-2')
    const first = await pull(`?after=${start}&limit=3`)
    expect(first).toMatchObject({ has_more: true, limit: 3 })
    expect(first.next_cursor).toBe(first.result[2].id)
    expect(typesOf((await pull(`?after=${first.next_cursor}`)).result)).toEqual(['integrated_account.active'])
    const of = async (query: string) =>
      (await pull(`?after=${start}&${query}`)).result.map((event: Shown) => event.integrated_account_id)
    expect(await of('integrated_account_id=page-2')).toEqual(['page-2', 'page-2'])
    expect(await of('tenant_id=tenant%20of%20page-1')).toEqual(['page-1', 'page-1'])
    expect(await of('type=integrated_account.created')).toEqual(['page-1', 'page-2'])
    expect(await of('type=integrated_account.*')).toHaveLength(4)
    expect(await of('integration=bolt')).toEqual([])
  })

  it.each([
    ['?after=nonsense', 'invalid_cursor'],
    ['?after=evt_99999999999999', 'invalid_cursor'],
    ['?limit=0', 'invalid_parameter'],
    ['?limit=x', 'invalid_parameter'],
    ['?limit=1001', 'invalid_parameter'],
    ['?sort=type', 'unknown_parameter'],
    ['?type=a&type=b', 'invalid_parameter'],
  ])('%s is refused as %s', async (query, code) => {
    expect((await pull(query)).code).toBe(code)
  })

  it('say that some are gone rather than leave them out', async () => {
    const other = await openStand()
    try {
      const first = (await other.call('GET', '/event')).body.result[0].id
      await other.call('PATCH', '/environment/default', { body: { retention_days: { events: 2 } } })
      await other.call('PATCH', '/integrated-account/acme-1', { body: { context: { a: 1 } } })
      await other.clock.leap(2 * 86_400_000 + 1)
      await other.call('PATCH', '/integrated-account/acme-1', { body: { context: { a: 2 } } })
      await other.clock.leap(3_600_000)
      await expect.poll(async () => (await other.call('GET', `/event?after=${first}`)).body.code).toBe('expired_cursor')
      expect((await other.call('GET', '/event')).body.result).toMatchObject([{ data: { context: { a: 2 } } }])
    } finally {
      await other.close()
    }
  })
})

describe('who sees an event', () => {
  it('is its environment alone', async () => {
    const theirs = await connect('theirs-1', GOOD_KEY, inTheirs)
    expect(theirs.status).toBe(201)
    const [event] = (await pull('', inTheirs)).result
    expect(event.environment).toBe('theirs')
    const { token } = (await stand.call('POST', '/api-token', { body: { role: 'admin' } })).body
    const ours = (await pull('?limit=1000', { token })).result
    expect(JSON.stringify(ours)).not.toContain('theirs')
    expect((await stand.call('GET', `/event/${event.id}`, { token })).body.code).toBe('not_found')
    expect((await pull('?integrated_account_id=theirs-1', { token })).result).toEqual([])
  })

  it('is an account token for its own account, unless its reach leaves events out', async () => {
    await connect('reach-1')
    const token = await stand.accountToken()
    const { result } = await pull('?limit=1000', { token })
    expect(new Set(result.map((event: Shown) => event.integrated_account_id))).toEqual(new Set(['acme-1']))
    expect((await pull('?integrated_account_id=reach-1', { token })).code).toBe('unknown_account')
    const [foreign] = (await pull('?integrated_account_id=reach-1')).result
    expect((await stand.call('GET', `/event/${foreign.id}`, { token })).body.code).toBe('not_found')
    const reaches = [
      { resources: ['customers'] },
      { effects: ['write'] },
      { customer_id: 'cus0001' },
      { methods: ['get'] },
    ]
    for (const reach of reaches) {
      expect((await pull('', { token: await stand.accountToken(reach) })).code).toBe('forbidden')
    }
    expect((await pull('', { token: await stand.accountToken({ resources: ['events'] }) })).result).not.toEqual([])
  })

  it('is every role that reads, and nobody without a token', async () => {
    for (const [role, code] of [
      ['read', undefined],
      ['write', undefined],
      ['approve', 'forbidden'],
    ] as const) {
      const { token } = (await stand.call('POST', '/api-token', { body: { role } })).body
      expect((await pull('', { token })).code).toBe(code)
    }
    expect((await pull('', { token: null })).code).toBe('unauthorized')
  })
})
