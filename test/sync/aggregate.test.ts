import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { average } from '../../server/api/aggregate-tally.ts'
import type { Stand } from '../http/stand.ts'
import { onBothStands, seed } from './seeded.ts'

const PAYMENTS = 'payment-gateway/payments'
const BIG = 9_007_199_254_740_991

const payment = (id: string, at: string, amount: number | null, more: JsonRecord = {}): JsonRecord => ({
  ...{ id, amount, currency: 'EUR', status: 'succeeded', created_at: at, customer: { id: 'c1', email: 'a@acme.test' } },
  ...more,
})

const RECORDS = [
  payment('p1', '2025-03-29T22:30:00Z', 100),
  payment('p2', '2025-03-30T21:59:59Z', 250, { status: 'failed' }),
  // In Berlin, where summer time has begun, this is the last day of March already.
  payment('p3', '2025-03-30T22:00:00Z', 1, { customer: { id: 'c2', email: 'b@acme.test' } }),
  payment('p4', '2025-03-31T22:00:00Z', 7, { currency: 'JPY' }),
  payment('p5', '2025-04-30T00:00:00Z', null),
  payment('p6', '2025-04-30T00:00:00Z', 5, { currency: null }),
]

async function fill(stand: Stand): Promise<void> {
  await seed(stand, { account: 'acme-1', of: PAYMENTS, records: RECORDS })
  const big = ['b1', 'b2', 'b3'].map((id) => payment(id, '2025-01-01T00:00:00Z', BIG))
  await seed(stand, { account: 'acme-2', of: PAYMENTS, records: big })
}

onBothStands((stand) => {
  beforeAll(() => fill(stand()))
  const ask = async (query: string, token?: string, account = 'integrated_account_id=acme-1') => {
    const path = `/unified/${PAYMENTS}/aggregate?${account}&${query}`
    return (await stand().call('GET', path, token === undefined ? {} : { token })).body
  }

  it('adds amounts up by currency, and says what it could not count and how old it is', async () => {
    const body = await ask('group_by=currency&sum=amount&avg=amount&min=amount&max=created_at')
    expect(body.result).toEqual([
      {
        ...{ group: { currency: 'EUR' }, count: 4, sum: { amount: 351 }, avg: { amount: '117' }, min: { amount: 1 } },
        ...{ max: { created_at: '2025-04-30T00:00:00Z' }, left_out: { amount: 1, created_at: 0 } },
      },
      {
        ...{ group: { currency: 'JPY' }, count: 1, sum: { amount: 7 }, avg: { amount: '7' }, min: { amount: 7 } },
        ...{ max: { created_at: '2025-03-31T22:00:00Z' }, left_out: { amount: 0, created_at: 0 } },
      },
      {
        ...{ group: { currency: null }, count: 1, sum: { amount: null }, avg: { amount: null }, min: { amount: null } },
        ...{ max: { created_at: '2025-04-30T00:00:00Z' }, left_out: { amount: 1, created_at: 0 } },
      },
    ])
    expect(body).toMatchObject({ source: 'synced', is_partial_response: false, next_cursor: null, timezone: 'UTC' })
    expect(Date.parse(body.observed_at)).toBeLessThanOrEqual(stand().clock.now())
  })

  it('never adds different currencies: they are grouped, or one is filtered for', async () => {
    expect(await ask('sum=amount')).toMatchObject({ code: 'mixed_currencies', where: 'sum' })
    expect(await ask('group_by=status&min=amount')).toMatchObject({ code: 'mixed_currencies', where: 'min' })
    expect(await ask('sum=settlement.fee&group_by=currency')).toMatchObject({ code: 'mixed_currencies' })
    expect(await ask('sum=amount&currency[in]=EUR,JPY')).toMatchObject({ code: 'mixed_currencies' })
    expect((await ask('sum=amount&currency=EUR')).result).toMatchObject([{ group: {}, count: 4, sum: { amount: 351 } }])
    expect((await ask('sum=amount&currency=CHF')).result).toMatchObject([{ count: 0, sum: { amount: null } }])
  })

  it('tells every digit of a sum beyond 2^53', async () => {
    const body = await ask('group_by=currency&sum=amount&avg=amount', undefined, 'integrated_account_id=acme-2')
    expect(body.result).toMatchObject([{ sum: { amount: String(BigInt(BIG) * 3n) }, avg: { amount: String(BIG) } }])
  })

  it('groups by days, weeks and months of a named zone', async () => {
    const months = async (rest: string) =>
      (await ask(`group_by=created_at:month&${rest}`)).result.map(
        ({ group, count }: { group: JsonRecord; count: number }) => [group.created_at, count],
      )
    expect(await months('')).toEqual([
      ['2025-03-01', 4],
      ['2025-04-01', 2],
    ])
    expect(await months('timezone=Europe/Berlin')).toEqual([
      ['2025-03-01', 3],
      ['2025-04-01', 3],
    ])
    const days = await ask('group_by=created_at:day&timezone=Europe/Berlin&created_at[lt]=2025-04-01&currency=EUR')
    expect(days.result.map(({ group }: { group: JsonRecord }) => group.created_at)).toEqual([
      '2025-03-29',
      '2025-03-30',
      '2025-03-31',
    ])
    const weeks = await ask('group_by=created_at:week')
    expect(weeks.result.map(({ group }: { group: JsonRecord }) => group.created_at)).toEqual([
      '2025-03-24',
      '2025-03-31',
      '2025-04-28',
    ])
    expect(await ask('group_by=created_at')).toMatchObject({ code: 'invalid_parameter', where: 'group_by' })
    expect(await ask('group_by=status:month')).toMatchObject({ code: 'invalid_parameter', where: 'group_by' })
  })

  it('pages through groups in any order of theirs, each once', async () => {
    const seen: unknown[] = []
    const query = 'group_by=currency,status,customer.id&sum=amount&sort=-sum.amount&limit=2'
    for (let cursor = ''; ; ) {
      const body = await ask(`${query}${cursor}`, undefined, 'tenant_id=tenant-1')
      seen.push(...body.result.map(({ sum }: { sum: { amount: unknown } }) => sum.amount))
      if (body.next_cursor === null) break
      expect(await ask(`group_by=status&next_cursor=${body.next_cursor}`)).toMatchObject({ code: 'foreign_cursor' })
      cursor = `&next_cursor=${body.next_cursor}`
    }
    expect(seen).toEqual([String(BigInt(BIG) * 3n + 100n), 250, 7, 1, null])
  })

  it('refuses what is no figure, no filter and nothing to group by', async () => {
    for (const [query, code] of [
      ['sum=status', 'invalid_parameter'],
      ['avg=created_at', 'invalid_parameter'],
      ['group_by=amount', 'invalid_parameter'],
      ['group_by=refunds', 'invalid_parameter'],
      ['group_by=nothing', 'unknown_field'],
      ['group_by=status,status', 'invalid_parameter'],
      ['fields=id', 'unknown_parameter'],
      ['expand=customer', 'unknown_parameter'],
      ['sort=sum.amount', 'invalid_parameter'],
      ['limit=1001', 'invalid_parameter'],
      ['source=live', 'invalid_parameter'],
    ]) {
      expect(await ask(query ?? '')).toMatchObject({ code })
    }
  })

  it('keeps tokens to what they reach: personal data is neither grouped by nor filtered, a narrowed token has its own', async () => {
    const agent = { name: 'agent', config: { methods: ['read'], redact: true } }
    const { token } = (await stand().call('POST', '/integrated-account/acme-1/mcp', { body: agent })).body
    for (const query of ['group_by=customer.email', 'customer_email=a@acme.test', 'q=a']) {
      expect(await ask(query, token)).toMatchObject({ code: 'forbidden' })
    }
    expect((await ask('group_by=status', token)).result).toHaveLength(2)
    const narrowed = await stand().accountToken({ customer_id: 'c2' })
    expect((await ask('group_by=currency&sum=amount', narrowed)).result).toMatchObject([
      { count: 1, sum: { amount: 1 } },
    ])
    expect(await ask('', await stand().accountToken({ resources: ['refunds'] }))).toMatchObject({ code: 'forbidden' })
  })
})

describe('an average', () => {
  it('is the exact quotient, rounded half to even at the fourth place', () => {
    for (const [total, counted, text] of [
      [1n, 3n, '0.3333'],
      [-1n, 3n, '-0.3333'],
      [1n, 20_000n, '0'],
      [3n, 20_000n, '0.0002'],
      [5n, 2n, '2.5'],
    ] as const) {
      expect(average(total, counted)).toBe(text)
    }
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (total, counted) => {
          const [whole = '0', places = ''] = average(total, counted).replace('-', '').split('.')
          const scaled = BigInt(whole) * 10_000n + BigInt(places.padEnd(4, '0'))
          const distance = scaled * counted - (total < 0n ? -total : total) * 10_000n
          expect((distance < 0n ? -distance : distance) * 2n <= counted).toBe(true)
        },
      ),
    )
  })
})
