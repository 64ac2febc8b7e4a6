import { expect, it, onTestFinished } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { openStand, type Stand } from '../http/stand.ts'
import { seed } from '../sync/seeded.ts'
import { CLIENTS, connectToday } from './clients.ts'

const PAYMENTS = 'payment-gateway/payments'
const BIG = 9_007_199_254_740_991

const payment = (id: string, at: string, amount: number | null, currency: string | null): JsonRecord => ({
  ...{ id, amount, currency, status: 'succeeded', created_at: at, customer: { id: 'c1', email: 'a@acme.test' } },
})

async function openSynced(): Promise<Stand> {
  const stand = await openStand()
  onTestFinished(() => stand.close())
  const records = [
    payment('p1', '2025-03-01T00:00:00Z', BIG, 'EUR'),
    payment('p2', '2025-03-02T00:00:00Z', BIG, 'EUR'),
    payment('p3', '2025-04-01T00:00:00Z', 7, 'JPY'),
    payment('p4', '2025-04-02T00:00:00Z', null, null),
  ]
  await seed(stand, { account: 'acme-1', of: PAYMENTS, records })
  return stand
}

it('agents get the figures of /aggregate, with every digit and null, page by page', async () => {
  const stand = await openSynced()
  const token = await stand.accountToken()
  const { body } = await stand.call('GET', `/unified/${PAYMENTS}/aggregate?group_by=currency&sum=amount&min=amount`, {
    token,
  })
  expect(body.result.map(({ sum }: { sum: JsonRecord }) => sum.amount)).toEqual([String(2n * BigInt(BIG)), 7, null])
  for (const name of ['the client of today over HTTP', 'the client of 2025 over stdio']) {
    const client = await CLIENTS[name]!(`${stand.url}/mcp`, token)
    const aggregate = { group_by: ['currency'], sum: 'amount', min: 'amount' }
    const answer = await client.call('list_records', { resource: PAYMENTS, aggregate })
    expect(answer.structuredContent).toMatchObject({ result: body.result, source: 'synced', next_cursor: null })
    const seen: unknown[] = []
    for (let cursor: JsonRecord = {}; ; ) {
      const paged = { resource: PAYMENTS, aggregate, sort: '-count', limit: 1, ...cursor }
      const { result, next_cursor: next } = (await client.call('list_records', paged)).structuredContent
      seen.push(...result.map(({ group }: { group: JsonRecord }) => group.currency))
      if (next === null) break
      cursor = { next_cursor: next }
    }
    expect(seen).toEqual(['EUR', 'JPY', null])
    const filters = { 'created_at[gte]': '2025-04-01', currency: 'JPY' }
    const some = await client.call('list_records', { resource: PAYMENTS, filters, aggregate: { sum: 'amount' } })
    expect(some.structuredContent.result).toMatchObject([{ count: 1, sum: { amount: 7 } }])
    await client.close()
  }
}, 60_000)

it('what is no figure, mixes currencies or is out of reach is refused as over HTTP', async () => {
  const stand = await openSynced()
  const client = await connectToday(`${stand.url}/mcp`, await stand.accountToken())
  const codeOf = async (args: JsonRecord) =>
    (await client.call('list_records', { resource: PAYMENTS, ...args })).structuredContent.error.code
  expect(await codeOf({ aggregate: { sum: 'amount' } })).toBe('mixed_currencies')
  expect(await codeOf({ aggregate: { total: 'amount' } })).toBe('unknown_parameter')
  expect(await codeOf({ aggregate: { sum: 'amount' }, fields: ['id'] })).toBe('unknown_parameter')
  expect(await codeOf({ aggregate: {}, resource: 'payment-gateway/customers' })).toBe('not_synced')
  await client.close()
  const narrow = await connectToday(`${stand.url}/mcp`, await stand.accountToken({ resources: ['customers'] }))
  const { isError } = await narrow.call('list_records', { resource: PAYMENTS, aggregate: { group_by: 'currency' } })
  expect(isError).toBe(true)
  await narrow.close()
}, 60_000)
