import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { ownIntegration, start } from '../sandbox/support.ts'
import { type Front, openFront } from '../support/front.ts'
import { ADMIN } from './stand.ts'

// Two providers with their invented data; the first of them twice, with the same ids in both accounts.
const ACCOUNTS = { north: 'stripe', south: 'stripe', east: 'razorpay' } as const
const IDS = Object.keys(ACCOUNTS)
const PAYMENTS = '/unified/payment-gateway/payments'

let front: Front
let worlds: Readonly<Record<string, RunningSandbox>>

interface Listed {
  readonly result: readonly Readonly<Record<string, unknown>>[]
  readonly next_cursor: string | null
  readonly is_partial_response: boolean
  readonly errors: readonly Readonly<Record<string, unknown>>[]
  readonly code?: string
}

async function call(verb: string, path: string, body?: object, token = ADMIN) {
  const { status, body: told } = await front.call(verb, path, body, { authorization: `Bearer ${token}` })
  return { status, body: told as Listed & Record<string, string> }
}

const list = async (query: string, token?: string): Promise<Listed> =>
  (await call('GET', `${PAYMENTS}?${query}`, undefined, token)).body

async function toTheEnd(query: string, token?: string): Promise<Listed[]> {
  const pages: Listed[] = []
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)?.next_cursor ?? null) {
    pages.push(await list(`${query}${cursor === '' ? '' : `&next_cursor=${cursor}`}`, token))
  }
  return pages
}

const places = (pages: readonly Listed[]): string[] =>
  pages.flatMap(({ result }) => result.map(({ integrated_account_id: account, id }) => `${account} ${id}`))

beforeAll(async () => {
  const entries = await Promise.all(
    Object.entries(ACCOUNTS).map(async ([id, name]) => [id, await start(ownIntegration(name))] as const),
  )
  worlds = Object.fromEntries(entries)
  front = await openFront()
  for (const [id, world] of entries)
    await front.connect({ id, integration: ACCOUNTS[id as keyof typeof ACCOUNTS], world, tenant: 'shop' })
}, 180_000)

afterAll(async () => {
  await front?.close()
  for (const world of Object.values(worlds ?? {})) await world.close()
})

describe('one list over two providers and three accounts', () => {
  it('holds what each account lists alone, newest first, each record once', async () => {
    const alone = new Set<string>()
    for (const id of IDS)
      for (const place of places(await toTheEnd(`integrated_account_id=${id}&limit=500`))) alone.add(place)
    const pages = await toTheEnd('tenant_id=shop&limit=300')
    const found = places(pages)
    expect(found).toHaveLength(alone.size)
    expect(new Set(found)).toEqual(alone)
    const times = pages.flatMap(({ result }) => result.map(({ created_at: at }) => String(at)))
    expect(times).toEqual([...times].sort().reverse())
    expect(pages.flatMap(({ errors }) => errors)).toEqual([])
    expect(new Set(pages[0]?.result.map(({ provider }) => provider))).toEqual(new Set(['stripe', 'razorpay']))
  })

  it('takes filters that every provider answers, and names those that cannot', async () => {
    const since = '2026-09-20T00:00:00Z'
    const some = await list(`integrated_account_id=${IDS.join(',')}&created_at[gte]=${since}&limit=1000`)
    expect(some.errors).toEqual([])
    expect(some.result.length).toBeGreaterThan(10)
    expect(some.result.every(({ created_at: at }) => String(at) >= since)).toBe(true)
    const { body: by } = await call('GET', '/unified/payment-gateway/refunds?tenant_id=shop&customer_id=cus_none')
    expect(by.errors.map(({ integrated_account_id: id, code }) => [id, code])).toEqual([['east', 'unsupported_filter']])
  })

  it('goes on without an account that must be connected again, and says so', async () => {
    const { stores, clock } = front.server.services
    await stores.accounts.update('default', 'south', { status: 'needs_reauth' }, { now: clock.now() })
    const page = await list('tenant_id=shop&limit=5')
    expect(page.result).toHaveLength(5)
    expect(page.is_partial_response).toBe(true)
    expect(page.errors).toMatchObject([
      { integrated_account_id: 'south', integration: 'stripe', code: 'needs_reauth', who_can_fix: 'end_user' },
    ])
    await stores.accounts.update('default', 'south', { status: 'active' }, { now: clock.now() })
  })

  it('is the same list over MCP, which says that an account is missing', async () => {
    const { stores, clock } = front.server.services
    const client = new Client({ name: 'tests', version: '1' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${front.server.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${ADMIN}` } },
      }),
    )
    const page = async (more: object) => {
      const args = {
        resource: 'payment-gateway/payments',
        integrated_account_id: IDS.join(','),
        limit: 7,
        fields: ['id'],
        ...more,
      }
      const { content, structuredContent } = await client.callTool({ name: 'list_records', arguments: args })
      return { text: JSON.stringify(content), found: structuredContent as unknown as Listed }
    }
    const ids = ({ result }: Listed) => result.map(({ id }) => id)
    const first = await page({})
    expect(first.text).not.toContain('missing')
    const second = await page({ next_cursor: first.found.next_cursor })
    const whole = await list(`integrated_account_id=${IDS.join(',')}&limit=14`)
    expect([...ids(first.found), ...ids(second.found)]).toEqual(ids(whole))
    await stores.accounts.update('default', 'south', { status: 'needs_reauth' }, { now: clock.now() })
    const { text, found } = await page({})
    expect(text).toContain('Accounts are missing')
    expect(found.errors).toMatchObject([{ integrated_account_id: 'south', code: 'needs_reauth' }])
    await stores.accounts.update('default', 'south', { status: 'active' }, { now: clock.now() })
    await client.close()
  })

  it('is for lists; a get and a write want one account', async () => {
    expect((await call('GET', `${PAYMENTS}/pi_1?tenant_id=shop`)).body.code).toBe('ambiguous_account')
    const write = await call('POST', `${PAYMENTS}?integrated_account_id=north,south`, { amount: 1, currency: 'USD' })
    expect(write.body.code).toBe('ambiguous_account')
    expect((await list('tenant_id=shop&integrated_account_id=north')).code).toBe('invalid_parameter')
    expect((await list('integrated_account_id=north,nobody')).code).toBe('unknown_account')
    expect((await list('tenant_id=nobody')).code).toBe('unknown_account')
    expect(
      (await list(`integrated_account_id=${Array.from({ length: 101 }, (_, at) => `a${at}`).join(',')}`)).code,
    ).toBe('invalid_parameter')
  })

  it('never widens a token', async () => {
    const { body: one } = await call('POST', '/integrated-account/north/token', {})
    const token = one.token ?? ''
    expect((await list('integrated_account_id=north,south', token)).code).toBe('unknown_account')
    const own = await list('tenant_id=shop&limit=1000', token)
    expect(new Set(own.result.map(({ integrated_account_id: id }) => id))).toEqual(new Set(['north']))
    const { body: wide } = await call('GET', `${PAYMENTS}?tenant_id=shop&limit=5`)
    const foreign = await list(`tenant_id=shop&limit=5&next_cursor=${wide.next_cursor}`, token)
    expect(places([foreign]).every((place) => place.startsWith('north '))).toBe(true)
  })
})
