import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'

// Every reason for which Stripe documents that a payment fails has an advice and somebody who can act on it.

/** Decline codes of cards. */
const DECLINES = `approve_with_id authentication_not_handled authentication_required call_issuer card_not_supported
  card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card
  fraudulent generic_decline incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip
  insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number
  invalid_pin issuer_not_available lost_card merchant_blacklist mobile_device_authentication_required
  new_account_information_available no_action_taken not_permitted offline_pin_required online_or_offline_pin_required
  pickup_card pin_try_exceeded processing_error reenter_transaction restricted_card revocation_of_all_authorizations
  revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order testmode_decline
  transaction_not_allowed try_again_later withdrawal_count_limit_exceeded`.split(/\s+/)

/** Failures of bank debits, and reasons for which Stripe itself holds a charge back. */
const OTHERS = `account_closed bank_account_restricted debit_not_authorized no_account bank_account_unusable
  elevated_risk_level highest_risk_level low_probability_of_authorization rule`.split(/\s+/)

/** Codes of the last error of a payment intent that has no decline code. */
const CODES = `amount_too_large amount_too_small authentication_required card_declined expired_card incorrect_cvc
  insufficient_funds payment_intent_authentication_failure payment_intent_payment_attempt_expired
  payment_method_customer_decline payment_method_not_available payment_method_provider_decline
  payment_method_provider_timeout payment_method_unactivated processing_error`.split(/\s+/)

/** The payer must never learn that the issuer or the merchant takes the card for stolen or fraudulent. */
const SILENT = ['fraudulent', 'lost_card', 'merchant_blacklist', 'pickup_card', 'stolen_card']

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const stripe = catalog?.integrations.get('stripe')
const resource = catalog?.models.get('payment-gateway')?.resources.get('payments')
if (catalog === undefined || stripe === undefined || resource === undefined) throw new Error('No payments')

interface Failure {
  readonly code: string | null
  readonly decline_code: string | null
  readonly advice: string | null
  readonly who_can_fix: string | null
}

/** The unified failure of a payment or charge. */
async function failureOf(id: string, native: object): Promise<Failure> {
  if (catalog === undefined || stripe === undefined || resource === undefined) throw new Error('No payments')
  const { account, credentials } = accountOf(stripe)
  const body = { id, amount: 100, currency: 'eur', created: 1, metadata: {}, invoice: null, ...native }
  const transport = {
    send: () => Promise.resolve(responseOf({ status: 200, body })),
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const query = parseUnifiedQuery([['fields', 'id,failure']], resource, { method: 'get' })
  const options = { requestId: 'req_decline', priority: 'interactive', onLimit: 'fail' } as const
  const call = { model: 'payment-gateway', resource: 'payments', method: 'get', id, query }
  const answer = await engine.unified(account, call, options)
  if (answer.kind !== 'record') throw new Error('A get answers a record')
  return answer.record.failure as Failure
}

const intentOf = (error: object) => ({
  object: 'payment_intent',
  status: 'requires_payment_method',
  last_payment_error: error,
})

describe('a payment that failed', () => {
  it.each([...DECLINES, ...OTHERS])('%s says what to do and who can', async (code) => {
    const error = { type: 'card_error', code: 'card_declined', decline_code: code, message: 'Declined.' }
    const outcome = { type: 'issuer_declined', reason: code }
    const charge = {
      object: 'charge',
      status: 'failed',
      failure_code: 'card_declined',
      failure_message: 'Declined.',
      outcome,
    }
    const [ofIntent, ofCharge] = [await failureOf('pi_1', intentOf(error)), await failureOf('ch_1', charge)]
    expect(ofIntent.advice).toMatch(/^[A-Z].{20,}\.$/)
    expect(ofIntent.who_can_fix).not.toBeNull()
    expect(ofIntent).toMatchObject({ code: 'card_declined', decline_code: code })
    expect(ofCharge).toEqual(ofIntent)
  })

  it.each(CODES)('%s without a decline code does as well', async (code) => {
    const failure = await failureOf('pi_1', intentOf({ type: 'invalid_request_error', code, message: 'No.' }))
    expect(failure.advice).toMatch(/^[A-Z].{20,}\.$/)
    expect(failure).toMatchObject({ code, decline_code: null })
    expect(failure.who_can_fix).not.toBeNull()
  })

  it.each(SILENT)('%s is kept from the payer, whatever the network advises', async (code) => {
    const error = { type: 'card_error', code: 'card_declined', decline_code: code, advice_code: 'try_again_later' }
    const failure = await failureOf('pi_1', intentOf(error))
    expect(failure).toMatchObject({ who_can_fix: 'nobody' })
    expect(failure.advice).toContain('keep the reason to yourself')
  })
})
