import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { sharedData } from '../support/shared-data.ts'
import { clientOf, ownIntegration, start } from './support.ts'

type Shape = Record<string, unknown>

const TYPES = join(import.meta.dirname, '../../node_modules/stripe/esm/resources')

/** Name in the examples, file and interface of the client's types. */
const KINDS: Readonly<Record<string, readonly [file: string, name: string]>> = {
  account: ['Accounts', 'Account'],
  customer: ['Customers', 'Customer'],
  payment_intent: ['PaymentIntents', 'PaymentIntent'],
  charge: ['Charges', 'Charge'],
  refund: ['Refunds', 'Refund'],
  payment_method: ['PaymentMethods', 'PaymentMethod'],
  balance_transaction: ['BalanceTransactions', 'BalanceTransaction'],
  product: ['Products', 'Product'],
  price: ['Prices', 'Price'],
  subscription: ['Subscriptions', 'Subscription'],
  subscription_item: ['SubscriptionItems', 'SubscriptionItem'],
  invoice: ['Invoices', 'Invoice'],
  line_item: ['InvoiceLineItems', 'InvoiceLineItem'],
  invoice_payment: ['InvoicePayments', 'InvoicePayment'],
  event: ['Events', 'EventBase'],
  file: ['Files', 'File'],
  dispute: ['Disputes', 'Dispute'],
}

/** Fields of the examples that are there only when expanded, or only in other versions of the API. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  charge: ['refunds'],
  invoice: ['subscription'],
}

let sandbox: RunningSandbox
const made: Record<string, Shape> = {}

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'), false)
  const stripe = clientOf(sandbox)
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
  const product = await stripe.products.create({
    name: 'Plan',
    default_price_data: { currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' } },
  })
  const price = String(product.default_price)
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price }] })
  const invoice = await stripe.invoices.retrieve(String(subscription.latest_invoice))
  const charge = (await stripe.charges.list({ limit: 1 })).data[0] as Stripe.Charge
  await stripe.paymentIntents.create({
    amount: 100,
    currency: 'usd',
    payment_method: 'pm_card_createDispute',
    confirm: true,
  })
  Object.assign(made, {
    dispute: (await stripe.disputes.list({ limit: 1 })).data[0],
    account: await stripe.accounts.retrieveCurrent(),
    customer,
    payment_intent: await stripe.paymentIntents.retrieve(String(charge.payment_intent)),
    charge,
    refund: await stripe.refunds.create({ charge: charge.id }),
    payment_method: (await stripe.paymentMethods.list({ customer: customer.id })).data[0],
    balance_transaction: (await stripe.balanceTransactions.list({ limit: 1 })).data[0],
    product,
    price: await stripe.prices.retrieve(price),
    subscription,
    subscription_item: subscription.items.data[0],
    invoice,
    line_item: invoice.lines.data[0],
    invoice_payment: (await stripe.invoicePayments.list({ limit: 1 })).data[0],
    event: (await stripe.events.list({ limit: 1 })).data[0],
    file: await stripe.files.create({
      purpose: 'dispute_evidence',
      file: { data: Buffer.from('x'), name: 'x.txt', type: 'text/plain' },
    }),
  })
})

afterAll(() => sandbox.close())

function declaredFields([file, name]: readonly [string, string]): Set<string> {
  const text = readFileSync(join(TYPES, `${file}.d.ts`), 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '')
  const found = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text)
  return new Set([...(found?.[1] ?? '').matchAll(/^\s{4,8}(\w+)\??:/gm)].map((match) => match[1] ?? ''))
}

describe.each(Object.entries(KINDS))('%s', (kind, source) => {
  it('has every field of the published example', (context) => {
    const examples = JSON.parse(readFileSync(sharedData(context, 'fixtures3-2026-08-21.json'), 'utf8')) as {
      resources: Record<string, Shape>
    }
    const wanted = Object.keys(examples.resources[kind] ?? {}).filter((field) => !ELSEWHERE[kind]?.includes(field))
    expect(wanted.length).toBeGreaterThan(5)
    expect(wanted.filter((field) => !Object.hasOwn(made[kind] ?? {}, field))).toEqual([])
  })

  it('has no field that the client does not declare', () => {
    const declared = declaredFields(source)
    expect(declared.size).toBeGreaterThan(5)
    const fields = Object.keys(made[kind] ?? {}).filter((field) => field !== 'lastResponse')
    expect(fields.filter((field) => !declared.has(field))).toEqual([])
  })
})
