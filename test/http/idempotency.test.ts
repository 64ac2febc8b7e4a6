import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const refunds = '/unified/payment-gateway/refunds?integrated_account_id=acme-1'
const refund = (key: string, amount = 100, path = refunds, token?: string) =>
  stand.call('POST', path, {
    body: path === refunds ? { payment_id: 'ch_1', amount } : { charge: 'ch_1', amount },
    headers: { 'idempotency-key': key },
    ...(token === undefined ? {} : { token }),
  })
const sent = () => stand.upstream.reached.length

describe.each([
  ['unified', refunds],
  ['by native resource', '/proxy/refunds?integrated_account_id=acme-1'],
])('a %s write', (name, path) => {
  it('is made once, and its key goes to the provider told apart by account', async () => {
    const first = await refund(`${name}-once`.replaceAll(' ', '_'), 100, path)
    expect(first.status).toBe(200)
    const key = `${name}-once`.replaceAll(' ', '_')
    expect(stand.upstream.reached.at(-1)?.headers['idempotency-key']).toBe(`default:acme-1:${key}`)
    const before = sent()
    const again = await refund(key, 100, path)
    expect(sent()).toBe(before)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.headers.get('idempotency-key')).toBe(key)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
  })

  it('with the key of another body is refused', async () => {
    const key = `${name}-other`.replaceAll(' ', '_')
    await refund(key, 100, path)
    const before = sent()
    expect((await refund(key, 200, path)).body.code).toBe('idempotency_conflict')
    expect(sent()).toBe(before)
  })
})

describe('keys', () => {
  it('are made when missing, stored before anything is sent, and told', async () => {
    stand.upstream.next = (_request, response) => {
      void stand.server.services.stores.idempotency
        .listUnknown('default', stand.clock.now() + 3_600_000)
        .then((open) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          response.end(JSON.stringify({ id: 're_x', charge: 'ch', amount: open.length, currency: 'EUR' }))
        })
    }
    const { body, headers } = await stand.call('POST', refunds, { body: { payment_id: 'ch_1' } })
    expect(headers.get('idempotency-key')).toMatch(/^made_/)
    expect(body.amount).toBe(1)
    expect(stand.upstream.reached.at(-1)?.headers['idempotency-key']).toBe(
      `default:acme-1:${headers.get('idempotency-key')}`,
    )
  })

  it('do not matter in which order a body is written', async () => {
    const path = '/unified/payment-gateway/customers?integrated_account_id=acme-1'
    const headers = { 'idempotency-key': 'order', 'content-type': 'application/json' }
    const first = await stand.call('POST', path, { raw: '{"name":"A","email":"a@b.c"}', headers })
    const again = await stand.call('POST', path, { raw: '{"email":"a@b.c", "name":"A"}', headers })
    expect(again.body.id).toBe(first.body.id)
  })

  it('work again after a day, and after a request that was never sent', async () => {
    const first = await refund('day')
    await stand.clock.advance(86_400_001)
    expect((await refund('day')).body.id).not.toBe(first.body.id)
    const wrong = { body: { colour: 'red' }, headers: { 'idempotency-key': 'free' } }
    expect((await stand.call('POST', refunds, wrong)).body.code).toBe('invalid_body')
    expect((await refund('free')).status).toBe(200)
  })

  it('of a request under way are answered 409 until it ends', async () => {
    let finish: () => void = () => undefined
    stand.upstream.next = (_request, response) => {
      finish = () => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end('{"id":"re_slow","charge":"ch","amount":1,"currency":"EUR"}')
      }
    }
    const before = sent()
    const slow = refund('slow')
    await expect.poll(sent).toBe(before + 1)
    const early = await refund('slow')
    expect(early.body.code).toBe('idempotency_in_flight')
    expect(early.headers.get('retry-after')).toBe('1')
    finish()
    expect((await slow).body.id).toBe('re_slow')
    expect((await refund('slow')).body.id).toBe('re_slow')
    expect(sent()).toBe(before + 1)
  })
})

describe('repeats of failures', () => {
  it('get the refusal of the provider again without asking it', async () => {
    const first = await refund('refused', 5_000)
    expect(first.body.code).toBe('amount_exceeds_refundable')
    const before = sent()
    const again = await refund('refused', 5_000)
    expect(again.status).toBe(first.status)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(sent()).toBe(before)
  })

  it('of a write without an answer are never sent blindly', async () => {
    stand.upstream.next = (_request, response) => response.destroy()
    expect((await refund('lost')).body.code).toBe('outcome_unknown')
    const before = sent()
    const again = await refund('lost')
    expect(again.body).toMatchObject({ code: 'outcome_unknown', retryable: false })
    expect(sent()).toBe(before)
  })

  it('pass again through the rights of whoever repeats', async () => {
    const token = await stand.accountToken({ effects: ['read', 'money'] })
    expect((await refund('rights', 100, refunds, token)).status).toBe(200)
    const weak = await stand.accountToken({ effects: ['read'] })
    expect((await refund('rights', 100, refunds, weak)).body.code).toBe('forbidden')
  })
})
