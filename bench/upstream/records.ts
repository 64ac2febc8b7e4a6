import { seeded } from '../harness/statistics.ts'

/** A JSON object. */
export type Json = Record<string, unknown>

const NAMES = [
  'Ada Field',
  'Jürgen Groß',
  'Mara Quill',
  'Zoë Lind',
  'Tom Harrow',
  'Ines Prado',
  'Kofi Mensah',
  'Li Wei',
]
const STREETS = ['Mill Lane', 'Harbour Road', 'Rue du Four', 'Lindenstraße', 'Station Street']
const WARES = ['Notebook, dotted', 'Yearly membership', 'Ceramic cup, blue', 'Lamp with three arms', 'Course, part two']
const BRANDS = ['visa', 'mastercard', 'amex']
const CURRENCIES = ['usd', 'eur', 'gbp', 'jpy']
const NEWEST_S = 1_780_000_000
const APART_S = 600
/** Charges without an intent are numbered from here. */
const BARE = 9_000_000

const id = (prefix: string, index: number): string => `${prefix}_bench${String(index).padStart(16, '0')}`

/** Made-up values of one record: the same index always gives the same ones. */
class Dice {
  readonly #next: () => number

  constructor(index: number) {
    this.#next = seeded(index + 1)
  }

  whole(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1))
  }

  pick(values: readonly string[]): string {
    return values[this.whole(0, values.length - 1)] ?? ''
  }
}

const billing = (dice: Dice, index: number): Json => ({
  address: {
    city: 'Northam',
    country: 'GB',
    line1: `${dice.whole(1, 200)} ${dice.pick(STREETS)}`,
    line2: null,
    postal_code: `N${dice.whole(1, 20)} ${dice.whole(1, 9)}AB`,
    state: null,
  },
  email: `buyer.${index}@example.com`,
  name: dice.pick(NAMES),
  phone: null,
  tax_id: null,
})

/** A customer as the list of customers has it. */
export function customer(index: number): Json {
  const dice = new Dice(index)
  const { address, email, name } = billing(dice, index)
  return {
    id: id('cus', index),
    object: 'customer',
    address,
    balance: 0,
    created: NEWEST_S - 86_400 - index * APART_S,
    currency: 'usd',
    default_source: null,
    delinquent: false,
    description: `Member since ${2010 + (index % 15)}`,
    email,
    invoice_prefix: `B${index}X`,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: true,
    metadata: { crm_id: `c-${index}`, segment: 'retail' },
    name,
    next_invoice_sequence: 3,
    phone: `+4420${String(7_000_000 + index)}`,
    preferred_locales: ['en'],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
}

const card = (dice: Dice): Json => ({
  amount_authorized: null,
  authorization_code: String(dice.whole(100_000, 999_999)),
  brand: dice.pick(BRANDS),
  checks: { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' },
  country: 'GB',
  exp_month: dice.whole(1, 12),
  exp_year: 2030,
  extended_authorization: { status: 'disabled' },
  fingerprint: `fp${dice.whole(1_000_000, 9_999_999)}`,
  funding: 'credit',
  incremental_authorization: { status: 'unavailable' },
  installments: null,
  last4: String(dice.whole(1000, 9999)),
  mandate: null,
  multicapture: { status: 'unavailable' },
  network: 'visa',
  network_token: { used: false },
  network_transaction_id: String(dice.whole(100_000_000, 999_999_999)),
  overcapture: { maximum_amount_capturable: 0, status: 'unavailable' },
  regulated_status: 'unregulated',
  three_d_secure: null,
  wallet: null,
})

const settled = (index: number, amount: number, currency: string, created: number): Json => {
  const fee = Math.round(amount * 0.014) + 20
  return {
    id: id('txn', index),
    object: 'balance_transaction',
    amount,
    available_on: created + 172_800,
    balance_type: 'payments',
    created,
    currency,
    description: null,
    exchange_rate: null,
    fee,
    fee_details: [{ amount: fee, application: null, currency, description: 'Processing fee', type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: 'charge',
    source: id('ch', index),
    status: 'available',
    type: 'charge',
  }
}

const refundsOf = (index: number, amount: number, currency: string, created: number): Json => ({
  object: 'list',
  data:
    index % 7 === 0
      ? [
          {
            id: id('re', index),
            object: 'refund',
            amount: Math.floor(amount / 2),
            balance_transaction: id('txn', 1_000_000 + index),
            charge: id('ch', index),
            created: created + 3600,
            currency,
            destination_details: {
              card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
              type: 'card',
            },
            metadata: {},
            payment_intent: id('pi', index),
            reason: 'requested_by_customer',
            receipt_number: null,
            source_transfer_reversal: null,
            status: 'succeeded',
            transfer_reversal: null,
          },
        ]
      : [],
  has_more: false,
  url: `/v1/charges/${id('ch', index)}/refunds`,
})

const outcomeOf = (dice: Dice, hasFailed: boolean): Json => ({
  advice_code: hasFailed ? 'try_again_later' : null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: hasFailed ? 'declined_by_network' : 'approved_by_network',
  reason: hasFailed ? 'insufficient_funds' : null,
  risk_level: 'normal',
  risk_score: dice.whole(1, 60),
  seller_message: hasFailed ? 'The bank declined.' : 'Payment complete.',
  type: hasFailed ? 'issuer_declined' : 'authorized',
})

/** A charge as the list of charges has it, with its customer, settlement and refunds; every tenth has no intent. */
export const listedCharge = (index: number): Json => charge(index, index % 10 === 0 ? 'bare' : 'listed')

function charge(place: number, kind: 'bare' | 'listed' | 'nested'): Json {
  const index = kind === 'bare' ? BARE + place : place
  const dice = new Dice(index)
  const created = NEWEST_S - place * APART_S
  const [amount, currency] = [dice.whole(500, 90_000), dice.pick(CURRENCIES)]
  const hasFailed = index % 11 === 5
  return {
    id: id('ch', index),
    object: 'charge',
    amount,
    amount_captured: hasFailed ? 0 : amount,
    amount_refunded: index % 7 === 0 && !hasFailed ? Math.floor(amount / 2) : 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: hasFailed ? null : settled(index, amount, currency, created),
    billing_details: billing(dice, index),
    calculated_statement_descriptor: 'NORTHAM GOODS',
    captured: !hasFailed,
    created,
    currency,
    customer: kind === 'nested' ? id('cus', index % 40) : customer(index % 40),
    description: dice.pick(WARES),
    disputed: false,
    failure_balance_transaction: null,
    failure_code: hasFailed ? 'card_declined' : null,
    failure_message: hasFailed ? 'The card was declined.' : null,
    fraud_details: {},
    livemode: true,
    metadata: { order_id: `o-${index}`, channel: 'web' },
    on_behalf_of: null,
    outcome: outcomeOf(dice, hasFailed),
    paid: !hasFailed,
    payment_intent: kind === 'bare' ? null : id('pi', index),
    payment_method: id('pm', index),
    payment_method_details: { card: card(dice), type: 'card' },
    presentment_details: null,
    radar_options: {},
    receipt_email: `buyer.${index}@example.com`,
    receipt_number: null,
    receipt_url: `https://pay.example.com/receipts/${id('ch', index)}/with/a/token/as/long/as/real/ones/are`,
    refunded: false,
    refunds: refundsOf(hasFailed ? 1 : index, amount, currency, created),
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: hasFailed ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  }
}

/** A payment intent as the list of intents has it, with its customer and its latest charge. */
export function paymentIntent(index: number): Json {
  const latest = charge(index, 'nested')
  const { amount, amount_captured, currency, created, description, metadata, receipt_email, status } = latest
  const hasFailed = status === 'failed'
  return {
    id: id('pi', index),
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: amount_captured,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id('pi', index)}_secret_notAnythingThatOpensADoor`,
    confirmation_method: 'automatic',
    created: (created as number) + 5,
    currency,
    customer: customer(index % 40),
    description,
    excluded_payment_method_types: null,
    last_payment_error: hasFailed
      ? {
          advice_code: 'try_again_later',
          charge: latest.id,
          code: 'card_declined',
          decline_code: 'insufficient_funds',
          message: 'The card has too little money.',
          type: 'card_error',
        }
      : null,
    latest_charge: latest,
    livemode: true,
    metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: hasFailed ? null : latest.payment_method,
    payment_method_configuration_details: { id: id('pmc', 1), parent: null },
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card', 'link'],
    processing: null,
    receipt_email,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: hasFailed ? 'requires_payment_method' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  }
}
