import type Stripe from 'stripe'
import { idOf, NAMED, nested, type Row } from './judging.ts'

/** Of money that is sent, of time, and of older names for what exists. */
export const OLDER: readonly Row[] = [
  {
    kind: 'plan',
    at: (s) => s.plans,
    body: (_, number) => ({
      currency: 'usd',
      interval: 'month',
      amount: 100 * number,
      product: { name: `Plan ${number}` },
    }),
    change: { nickname: 'Monthly', ...NAMED },
    verbs: [async (s, made) => (await s.prices.retrieve(idOf(made, 1))).recurring],
    refuses: [(s) => s.plans.create({ currency: 'usd', interval: 'month', amount: 1 })],
  },
  {
    kind: 'card',
    at: (s, on) => nested(s.customers, 'Source', on.customer),
    body: () => ({ source: 'tok_visa' }),
    change: { name: 'Ada', ...NAMED },
    refuses: [(s, _, on) => s.customers.createSource(on.customer, { source: 'tok_chargeDeclined' })],
  },
  {
    kind: 'topup',
    at: (s) => s.topups,
    body: (_, number) => ({ amount: 1000 * number, currency: 'usd', description: 'More' }),
    change: { description: 'Less', ...NAMED },
    verbs: [(s, made) => s.topups.cancel(idOf(made, 1))],
    refuses: [(s) => s.topups.create({ amount: 0, currency: 'usd' })],
  },
  {
    kind: 'customer_cash_balance_transaction',
    at: (s, on) => ({
      ...nested(s.customers, 'CashBalanceTransaction', on.customer),
      create: (body: Parameters<Stripe['testHelpers']['customers']['fundCashBalance']>[1]) =>
        s.testHelpers.customers.fundCashBalance(on.customer, body),
    }),
    body: (_, number) => ({ amount: 100 * number, currency: 'eur' }),
    verbs: [async (s, _, on) => (await s.customers.retrieveCashBalance(on.customer)).available],
    refuses: [(s) => s.testHelpers.customers.fundCashBalance('cus_none', { amount: 1, currency: 'eur' })],
  },
  {
    kind: 'test_helpers.test_clock',
    at: (s) => s.testHelpers.testClocks,
    body: (_, number) => ({ frozen_time: 1_577_836_800 + number, name: `Clock ${number}` }),
    refuses: [(s, made) => s.testHelpers.testClocks.advance(idOf(made, 1), { frozen_time: 1 })],
  },
]
