import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { EngineError } from '../engine/errors.ts'
import type { UnifiedAnswer } from '../engine/execute/contract.ts'
import { CURRENCIES } from '../engine/money.ts'
import type { WireRequest } from '../engine/ports.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'

// Amounts between Onefold (minor units of ISO 4217) and Stripe, through the definition as it stands. What Stripe's units
// are is written down here once more, from its documentation of currencies, and reckoned with whole numbers only.

/** Currencies whose unit at Stripe is the whole one, and those with three decimals; all others have two. */
const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')
const THREE_DECIMAL = 'BHD JOD KWD OMR TND'.split(' ')
/** Not to be had at Stripe, and with other decimals than two by ISO 4217. */
const ELSEWHERE = new Set('BYR CLF IQD LYD UYI UYW'.split(' '))
/** Without decimals by now, and written with two, which are 00. */
const HISTORIC = ['ISK', 'UGX']

const codes = [...CURRENCIES.keys()].filter((code) => !ELSEWHERE.has(code))
const powerAtStripe = (code: string): number => (ZERO_DECIMAL.includes(code) ? 0 : THREE_DECIMAL.includes(code) ? 3 : 2)
const powerOfIso = (code: string): number => CURRENCIES.get(code) as number

/** What Stripe writes for an amount in minor units; undefined when its unit is too coarse. */
function atStripe(minor: number, code: string): number | undefined {
  const units = BigInt(minor) * 10n ** BigInt(powerAtStripe(code))
  const per = 10n ** BigInt(powerOfIso(code))
  return units % per === 0n ? Number(units / per) : undefined
}

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const stripe = catalog?.integrations.get('stripe')
if (catalog === undefined || stripe === undefined) throw new Error('The definitions do not compile')

interface Call {
  readonly resource: string
  readonly method: string
  readonly id?: string
  readonly body?: unknown
}

/** A unified call with the provider's answer to each request. */
async function unified(call: Call, answer: (request: WireRequest) => object): Promise<UnifiedAnswer> {
  const resource = catalog?.models.get('payment-gateway')?.resources.get(call.resource)
  if (catalog === undefined || stripe === undefined || resource === undefined) throw new Error(`No ${call.resource}`)
  const { account, credentials } = accountOf(stripe)
  const transport = {
    send: (request: WireRequest) => Promise.resolve(responseOf({ status: 200, body: { ...answer(request) } })),
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const query = parseUnifiedQuery([], resource, { method: call.method })
  const options = { requestId: 'req_money', priority: 'interactive', onLimit: 'fail', idempotencyKey: 'key' } as const
  return await engine.unified(account, { model: 'payment-gateway', id: undefined, ...call, query }, options)
}

type Json = Record<string, unknown>
const recordOf = (answer: UnifiedAnswer): Json =>
  answer.kind === 'record'
    ? answer.record
    : answer.kind === 'method'
      ? (answer.result as Json)
      : (answer.result[0] ?? {})
const errorsOf = (record: Json): readonly string[] =>
  ((record._meta as { field_errors?: { field: string }[] }).field_errors ?? []).map(({ field }) => field)
const sentIn = ({ body }: WireRequest): URLSearchParams =>
  new URLSearchParams(body instanceof Uint8Array ? new TextDecoder().decode(body) : '')

const code = fc.constantFrom(...codes)
const minor = fc.integer({ min: 1, max: 1e12 })
const signed = fc.integer({ min: -1e12, max: 1e12 })
const RUNS = { numRuns: 400 }

it('every currency has the unit that Stripe documents', () => {
  const { exponents = {} } = [...stripe.operations.values()][0]?.money ?? {}
  const declared = (currency: string): number => exponents[currency] ?? powerOfIso(currency)
  expect(codes.filter((currency) => declared(currency) !== powerAtStripe(currency))).toEqual([])
  expect(Object.keys(exponents).sort()).toEqual([...HISTORIC, 'MGA'].sort())
  const forms = new Set([...stripe.operations.values()].map(({ money }) => JSON.stringify(money)))
  expect(forms.size).toBe(1)
})

describe('amounts that Stripe answers', () => {
  it('are those of ISO 4217, to the last digit, with their sign', async () => {
    const ledger = fc.asyncProperty(code, signed, signed, async (currency, amount, fee) => {
      const [native, nativeFee] = [atStripe(amount, currency), atStripe(fee, currency)]
      fc.pre(native !== undefined && nativeFee !== undefined)
      const entry = { id: 'txn_1', amount: native, fee: nativeFee, net: Number(native) - Number(nativeFee) }
      const read = { ...entry, currency: currency.toLowerCase(), created: 1, available_on: 1, type: 'charge' }
      const record = recordOf(
        await unified({ resource: 'balance_transactions', method: 'get', id: 'txn_1' }, () => ({
          ...read,
          status: 'available',
          fee_details: [{ amount: nativeFee, currency: currency.toLowerCase(), type: 'stripe_fee' }],
        })),
      )
      expect(errorsOf(record)).toEqual([])
      expect(record).toMatchObject({ amount, fee, net: amount - fee, currency, fee_details: [{ amount: fee }] })
    })
    await fc.assert(ledger, RUNS)
  })

  it('come with every currency of a balance side by side', async () => {
    const available = codes.map((currency) => ({
      amount: 10 ** powerAtStripe(currency),
      currency: currency.toLowerCase(),
    }))
    const record = recordOf(
      await unified({ resource: 'balances', method: 'list' }, () => ({ object: 'balance', available, pending: [] })),
    )
    const whole = codes.map((currency) => ({ amount: 10 ** powerOfIso(currency), currency }))
    expect(errorsOf(record)).toEqual([])
    expect(record.available).toEqual(whole)
  })

  it('are whole in payouts of forint and Taiwan dollars, which are still written with two decimals', async () => {
    const payout = (currency: string) => ({
      id: 'po_1',
      amount: 1000,
      currency,
      created: 1,
      arrival_date: 0,
      status: 'paid',
    })
    for (const currency of ['HUF', 'TWD']) {
      const call = { resource: 'payouts', method: 'get', id: 'po_1' }
      const record = recordOf(await unified(call, () => payout(currency.toLowerCase())))
      expect(record).toMatchObject({ amount: 1000, currency, arrival_date: '1970-01-01' })
    }
  })

  it('are reported, never rounded, when they are finer than the currency', async () => {
    for (const currency of HISTORIC) {
      const call = { resource: 'disputes', method: 'get', id: 'dp_1' }
      const record = recordOf(
        await unified(call, () => ({ id: 'dp_1', amount: 4010, currency: currency.toLowerCase() })),
      )
      expect(record.amount).toBeNull()
      expect(errorsOf(record)).toEqual(['amount'])
    }
  })
})

describe('amounts that Stripe is sent', () => {
  it('are what it wants, and come back as they were given', async () => {
    const charged = fc.asyncProperty(code, minor, async (currency, amount) => {
      const native = atStripe(amount, currency)
      fc.pre(native !== undefined)
      const bodies: URLSearchParams[] = []
      const answer = await unified(
        { resource: 'payments', method: 'create', body: { amount, currency } },
        (request) => {
          bodies.push(sentIn(request))
          return {
            id: 'pi_1',
            amount: Number(sentIn(request).get('amount')),
            currency: currency.toLowerCase(),
            created: 1,
          }
        },
      )
      expect(bodies.map((body) => [body.get('amount'), body.get('currency')])).toEqual([
        [String(native), currency.toLowerCase()],
      ])
      expect(recordOf(answer)).toMatchObject({ amount, currency })
    })
    await fc.assert(charged, RUNS)
  })

  it('take the currency of the payment where the call names none', async () => {
    const refunded = fc.asyncProperty(code, minor, async (currency, amount) => {
      const native = atStripe(amount, currency)
      fc.pre(native !== undefined)
      const sent: (string | null)[] = []
      const body = { payment_id: 'pi_1', amount }
      const answer = await unified({ resource: 'refunds', method: 'create', body }, (request) => {
        if (request.verb === 'GET') return { id: 'pi_1', amount: native, currency: currency.toLowerCase() }
        sent.push(sentIn(request).get('amount'))
        return { id: 're_1', amount: native, currency: currency.toLowerCase(), created: 1, payment_intent: 'pi_1' }
      })
      expect(sent).toEqual([String(native)])
      expect(recordOf(answer)).toMatchObject({ amount, currency })
    })
    await fc.assert(refunded, RUNS)
  })

  it('are refused before anything is sent when the unit there is too coarse', async () => {
    const coarse = fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), async (amount) => {
      fc.pre(atStripe(amount, 'MGA') === undefined)
      const body = { amount, currency: 'MGA' }
      const refused = await unified({ resource: 'payments', method: 'create', body }, () => {
        throw new Error('Nothing may be sent')
      }).catch((thrown: unknown) => thrown)
      expect(refused).toBeInstanceOf(EngineError)
      expect((refused as EngineError).code).toBe('invalid_body')
    })
    await fc.assert(coarse, { numRuns: 50 })
  })

  it('are refused before anything is sent when there is no such currency', async () => {
    const call = { resource: 'payments', method: 'create', body: { amount: 100, currency: 'XQX' } }
    const refused = unified(call, () => {
      throw new Error('Nothing may be sent')
    })
    await expect(refused).rejects.toMatchObject({ code: 'invalid_body' })
  })
})
