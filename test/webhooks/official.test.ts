import { join } from 'node:path'
import fc from 'fast-check'
import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { compileCatalog } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { deliveryOf, idsIn, NOW } from './support.ts'

const files = await readDefinitions([{ path: join(import.meta.dirname, '../..') }])
const rules = compileCatalog(files).catalog?.integrations.get('stripe')?.webhooks
if (rules === undefined) throw new Error('there are no webhooks')

const { webhooks } = new Stripe('sk_test_official')
const SECRET = 'whsec_official'
const T = Math.floor(NOW / 1000)
const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'customer.created', data: { object: {} } })

const header = (given: Partial<Parameters<typeof webhooks.generateTestHeaderString>[0]> = {}): string =>
  webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: T, ...given })
const signatureIn = (text: string): string => text.split(',')[1] ?? ''

/** Whether the official library takes a delivery. */
function officially(body: string, signature: string, secret: string, nowMs: number): boolean {
  try {
    webhooks.constructEvent(body, signature, secret, 300, undefined, nowMs)
    return true
  } catch {
    return false
  }
}

function both(body: string, signature: string, { secret = SECRET, nowMs = NOW } = {}) {
  const delivery = deliveryOf(body, { 'Stripe-Signature': signature })
  const ours = typeof idsIn(rules as NonNullable<typeof rules>, delivery, { secrets: [secret], nowMs }) !== 'string'
  return { ours, official: officially(body, signature, secret, nowMs) }
}

const TAKEN = { ours: true, official: true }
const REFUSED = { ours: false, official: false }

describe('signatures are judged as the official library judges them', () => {
  it.each([
    ['as signed', payload, header(), TAKEN],
    ['300 seconds old', payload, header({ timestamp: T - 300 }), TAKEN],
    ['301 seconds old', payload, header({ timestamp: T - 301 }), REFUSED],
    ['from a clock that is ahead', payload, header({ timestamp: T + 600 }), TAKEN],
    ['altered', payload.replace('evt_1', 'evt_2'), header(), REFUSED],
    ['with a blank more', `${payload} `, header(), REFUSED],
    ['signed with another secret', payload, header({ secret: 'whsec_another' }), REFUSED],
    ['signed twice, first with another secret', payload, `${header({ secret: 'x' })},${signatureIn(header())}`, TAKEN],
    ['signed twice, last with another secret', payload, `${header()},${signatureIn(header({ secret: 'x' }))}`, TAKEN],
    [
      'signed twice, never with this secret',
      payload,
      `${header({ secret: 'x' })},${signatureIn(header({ secret: 'y' }))}`,
      REFUSED,
    ],
    ['with the time of another', payload, header().replace(String(T), String(T - 1)), REFUSED],
    ['in capitals', payload, `t=${T},v1=${signatureIn(header()).slice(3).toUpperCase()}`, REFUSED],
    ['in another scheme', payload, header().replace('v1=', 'v0='), REFUSED],
    ['in another scheme beside it', payload, `${header()},v0=00`, TAKEN],
    ['without a time', payload, signatureIn(header()), REFUSED],
    ['without a signature', payload, `t=${T}`, REFUSED],
    ['with an empty signature', payload, `t=${T},v1=`, REFUSED],
    ['with nothing', payload, '', REFUSED],
  ])('%s', (_name, body, signature, judged) => {
    expect(both(body, signature)).toEqual(judged)
  })

  it('whatever the body, the age and the secret are', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, fc.integer({ min: -400, max: 400 }), fc.boolean(), (name, extra, age, isAltered) => {
        const body = JSON.stringify({ id: 'evt_1', type: 'a', name })
        const signature = header({ payload: body, timestamp: T - age })
        const given = isAltered ? JSON.stringify({ id: 'evt_1', type: 'a', name: name + extra }) : body
        const { ours, official } = both(given, signature)
        expect(ours).toBe(official)
      }),
      { numRuns: 300 },
    )
  })

  it('both secrets hold while one is rolled', () => {
    const delivery = deliveryOf(payload, { 'Stripe-Signature': header() })
    expect(idsIn(rules, delivery, { secrets: ['whsec_next', SECRET] })).toEqual(['evt_1'])
    expect(idsIn(rules, delivery, { secrets: ['whsec_next'] })).toBe('signature_refused')
    expect(idsIn(rules, delivery, { secrets: [] })).toBe('signature_refused')
  })
})
