import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Behind, openBehind } from './behind.ts'
import { letPass } from './support.ts'

interface Entry {
  id: string
  type: string
  amount: number
  fee: number
  net: number
  currency: string
  status: string
}

interface Amount {
  amount: number
  currency: string
}

let behind: Behind
let entries: Entry[]
let currencies: string[]

const listed = async <T>(resource: string, query = ''): Promise<T[]> =>
  (await behind.all(resource, query)) as unknown as T[]

beforeAll(async () => {
  behind = await openBehind(true)
  entries = await listed<Entry>('balance_transactions')
  currencies = [...new Set(entries.map(({ currency }) => currency))].sort()
}, 240_000)

afterAll(() => behind?.close())

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Gross amounts of some types in a currency. */
const booked = (currency: string, ...types: string[]): number =>
  sum(entries.filter((entry) => entry.currency === currency && types.includes(entry.type)).map(({ amount }) => amount))

/** Payments - refunds - fees - disputes = payouts + balance, in each currency; what is passed on to others counts too. */
async function expectBalance(): Promise<void> {
  const [balance] = await listed<{ available: Amount[]; pending: Amount[] }>('balances')
  const held = (currency: string): number =>
    sum(
      [...(balance?.available ?? []), ...(balance?.pending ?? [])]
        .filter((one) => one.currency === currency)
        .map(({ amount }) => amount),
    )
  const payouts = await listed<Amount & { status: string }>('payouts')
  for (const currency of currencies) {
    const fees = sum(entries.filter((entry) => entry.currency === currency).map(({ fee }) => fee))
    const earned = booked(currency, 'payment') + booked(currency, 'refund') - fees
    const contested = booked(currency, 'dispute', 'dispute_reversal')
    const passedOn = booked(currency, 'transfer')
    const sent = payouts.filter((one) => one.currency === currency && !['failed', 'canceled'].includes(one.status))
    const left = earned + contested + passedOn
    expect(left, currency).toBe(sum(sent.map(({ amount }) => amount)) + held(currency))
    expect(held(currency) > 0 || sent.length > 0, currency).toBe(true)
  }
}

describe('the ledger, by the unified API alone', () => {
  it('is kept in several currencies and holds every kind of movement', () => {
    expect(currencies).toEqual(['EUR', 'GBP', 'JPY', 'USD'])
    const types = new Set(entries.map(({ type }) => type))
    for (const type of ['payment', 'refund', 'dispute', 'dispute_reversal', 'payout', 'payout_failure', 'transfer'])
      expect(types, type).toContain(type)
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
    for (const { id, amount, fee, net } of entries) expect(net, id).toBe(amount - fee)
  })

  it('adds up: payments - refunds - fees - disputes = payouts + balance, in each currency', expectBalance, 60_000)

  it('agrees with the payments, refunds and disputes themselves where no money was exchanged', async () => {
    const payments = await listed<Amount & { id: string; amount_captured: number; status: string }>('payments')
    const refunds = await listed<Amount & { status: string; payment: { id: string } | null }>('refunds')
    const disputes = await listed<Amount & { status: string }>('disputes')
    const uncaptured = new Set(payments.filter(({ status }) => status === 'canceled').map(({ id }) => id))
    for (const currency of ['EUR', 'GBP', 'JPY']) {
      const of = <T extends Amount>(all: readonly T[]): T[] => all.filter((one) => one.currency === currency)
      expect(sum(of(payments).map((payment) => payment.amount_captured)), currency).toBe(booked(currency, 'payment'))
      const back = of(refunds).filter(
        ({ status, payment }) => status !== 'failed' && !uncaptured.has(payment?.id ?? ''),
      )
      expect(sum(back.map(({ amount }) => amount)) + booked(currency, 'refund'), currency).toBe(0)
      const lost = of(disputes).filter(({ status }) => status !== 'won')
      expect(sum(lost.map(({ amount }) => amount)) + booked(currency, 'dispute', 'dispute_reversal'), currency).toBe(0)
    }
  }, 120_000)

  it('says what each automatic payout carried', async () => {
    const payouts = (await listed<Amount & { id: string; is_automatic: boolean }>('payouts')).filter(
      (one) => one.is_automatic,
    )
    expect(payouts.length).toBeGreaterThan(100)
    for (const { id, amount } of payouts.filter((_, at) => at % 40 === 0)) {
      const carried = await listed<Entry>('balance_transactions', `&payout_id=${id}`)
      expect(sum(carried.filter(({ type }) => type !== 'payout').map(({ net }) => net)), id).toBe(amount)
      expect(carried.filter(({ type }) => type === 'payout').map(({ net }) => net)).toEqual([-amount])
    }
  }, 120_000)

  it('adds up still when a year has passed, with renewals, retries, deadlines and payouts', async () => {
    const before = entries.length
    for (let month = 0; month < 12; month++) await letPass(behind.sandbox, 31 * 86_400)
    entries = await listed<Entry>('balance_transactions')
    expect(entries.length).toBeGreaterThan(before + 300)
    await expectBalance()
  }, 240_000)
})
