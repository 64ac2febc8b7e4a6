import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newKey, onBothDatabases, openAt, T0 } from '../stores/backends.ts'
import { customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(1)
})
afterAll(() => stand.close())

const rateLimit = { requests: 2, window_s: 60 }
const calls = (token: string) => stand.call('GET', customersPath(), { token })
const api = async (body: object): Promise<string> =>
  (await stand.call('POST', '/api-token', { body: { role: 'read', ...body } })).body.token

describe('a token with a rate limit', () => {
  it('makes so many calls in a window, and is told whose limit it is before anything is done', async () => {
    const token = await api({ rate_limit: rateLimit })
    await stand.clock.advance(60_000 - (stand.clock.now() % 60_000) + 15_000)
    const first = await calls(token)
    expect([first.status, first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      ...[200, '2', '1'],
    ])
    expect((await calls(token)).status).toBe(200)
    const before = stand.upstream.reached.length
    const refused = await calls(token)
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ code: 'token_rate_limited', who_can_fix: 'caller', retryable: true })
    expect(refused.body.hint).toContain('not of the provider')
    expect(refused.headers.get('retry-after')).toBe('45')
    expect(refused.headers.get('ratelimit-reset')).toBe('45')
    expect(stand.upstream.reached).toHaveLength(before)
    await stand.clock.advance(45_000)
    expect((await calls(token)).status).toBe(200)
  })

  it('has it on every surface, and in each part of a batch', async () => {
    const token = await stand.accountToken({ rate_limit: { requests: 3, window_s: 86_400 } })
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${stand.url}/custom/v1/customers`, { headers })).status).toBe(200)
    const resources = ['one', 'two'].map((name) => ({ name, resource: 'payment-gateway/customers', method: 'GET' }))
    const batch = await stand.call('POST', '/batch-request', { token, body: { resources } })
    expect(JSON.stringify(batch.body)).toContain('token_rate_limited')
    const dropIn = await fetch(`${stand.dropIn}/v1/customers`, { headers })
    expect([dropIn.status, ((await dropIn.json()) as { code: string }).code]).toEqual([429, 'token_rate_limited'])
    expect(dropIn.headers.get('retry-after')).not.toBeNull()
  })

  it('has that of its environment when it has none of its own, and the bootstrap token has none', async () => {
    const own = await api({ rate_limit: { requests: 9, window_s: 60 } })
    const common = await api({})
    const set = async (limit: object | null) =>
      (await stand.call('PATCH', '/environment/default', { body: { rate_limit: limit } })).body.rate_limit
    expect(await set({ requests: 1, window_s: 3600 })).toEqual({ requests: 1, window_s: 3600 })
    expect([(await calls(common)).status, (await calls(common)).status]).toEqual([200, 429])
    for (let i = 0; i < 3; i += 1) expect((await calls(own)).status).toBe(200)
    expect(await set(null)).toBeNull()
    expect((await calls(common)).status).toBe(200)
    for (const bad of [{ requests: 0, window_s: 1 }, { requests: 1 }, 5]) {
      const body = { role: 'read', rate_limit: bad }
      expect((await stand.call('POST', '/api-token', { body })).body.code).toBe('invalid_body')
    }
  })
})

onBothDatabases((backend) => {
  it('processes count together', async () => {
    const place = await backend.place()
    const masterKeys = [newKey()]
    const one = await openAt(place, { masterKeys })
    const { token } = await one.tokens.createApi({ environmentId: 'default', role: 'read' }, T0)
    // The embedded database has one server.
    const other = backend.name === 'postgres' ? await openAt(place, { masterKeys }) : one
    const limit = { requests: 5, windowS: 10 }
    const takes = Array.from({ length: 8 }, (_none, i) =>
      (i % 2 === 0 ? one : other).tokenLimits.take(token.id, limit, T0),
    )
    const over = (await Promise.all(takes)).filter(({ isOver }) => isOver)
    expect(over).toHaveLength(3)
    expect(over[0]).toMatchObject({ limit: 5, remaining: 0, resetMs: 10_000 - (T0 % 10_000) })
    expect((await one.tokenLimits.take(token.id, limit, T0 + 10_000)).remaining).toBe(4)
  })
})
