import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ERRORS } from '../../engine/index.ts'
import { type Answer, customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())
beforeEach(() => {
  stand.upstream.next = null
})

/** What every problem has, whatever it is about. */
function expectProblem({ status, headers, body }: Answer, code: keyof typeof ERRORS): void {
  const { title, retryable, whoCanFix } = ERRORS[code]
  expect(body).toMatchObject({ code, title, retryable, who_can_fix: whoCanFix })
  expect(status).toBe(ERRORS[code].status)
  expect(body).toMatchObject({ status, statusCode: status, type: `urn:onefold:error:${code}` })
  expect(body.message).toBe(body.detail)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(body.request_id).toBe(headers.get('x-request-id'))
}

describe('what the caller does wrong', () => {
  const big = JSON.stringify({ name: 'x'.repeat(1_048_577) })
  const json = { 'content-type': 'application/json' }

  it.each([
    ['unknown_filter', 'GET', customersPath('', 'colour=red'), {}],
    ['unknown_filter', 'GET', customersPath('', 'email[gt]=a'), {}],
    ['unknown_field', 'GET', customersPath('', 'fields=id,colour'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'limit=0'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'limit=ten'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'created_at[gt]=yesterday'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'on_limit=maybe'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'deadline_ms=-1'), {}],
    ['invalid_parameter', 'GET', customersPath('', 'source=elsewhere'), {}],
    ['not_synced', 'GET', customersPath('', 'source=synced'), {}],
    ['unknown_parameter', 'GET', customersPath('/cus0001', 'colour=red'), {}],
    ['unknown_parameter', 'GET', '/integrated-account?colour=red', {}],
    ['invalid_cursor', 'GET', customersPath('', 'next_cursor=AAAA'), {}],
    ['invalid_body', 'POST', customersPath(), { body: { name: 7 } }],
    ['invalid_body', 'POST', customersPath(), { body: { colour: 'red' } }],
    ['invalid_body', 'POST', '/integrated-account', { body: { integration: 'acme' } }],
    ['invalid_json', 'POST', customersPath(), { raw: '{"name":', headers: json }],
    ['invalid_json', 'POST', customersPath(), { raw: Buffer.from([0x22, 0xff, 0x22]), headers: json }],
    ['body_too_large', 'POST', customersPath(), { raw: big, headers: json }],
    ['unsupported_media_type', 'POST', customersPath(), { raw: '<a/>', headers: { 'content-type': 'text/xml' } }],
    [
      'unsupported_media_type',
      'POST',
      customersPath(),
      { raw: '{}', headers: { ...json, 'content-encoding': 'gzip' } },
    ],
    ['invalid_request', 'DELETE', customersPath('/cus0001'), { body: { a: 1 } }],
    ['unknown_model', 'GET', '/unified/poetry/customers?integrated_account_id=acme-1', {}],
    ['unknown_resource', 'GET', '/unified/payment-gateway/verses?integrated_account_id=acme-1', {}],
    ['unsupported_resource', 'GET', '/unified/payment-gateway/payouts?integrated_account_id=acme-1', {}],
    ['unknown_account', 'GET', '/unified/payment-gateway/customers?integrated_account_id=nobody', {}],
    ['ambiguous_account', 'GET', '/unified/payment-gateway/customers', {}],
    ['unknown_account', 'GET', '/unified/payment-gateway/customers?integrated_account_id=acme-1,acme-2', {}],
    ['unknown_account', 'GET', '/unified/payment-gateway/customers?tenant_id=nobody', {}],
    ['ambiguous_account', 'GET', '/unified/payment-gateway/customers/cus0001?tenant_id=tenant-1', {}],
    ['not_found', 'GET', '/nowhere', {}],
    ['method_not_allowed', 'PUT', customersPath('/cus0001'), { body: {} }],
    ['invalid_parameter', 'GET', customersPath(), { headers: { 'x-onefold-priority': 'urgent' } }],
    ['invalid_parameter', 'POST', customersPath(), { body: {}, headers: { 'idempotency-key': 'with blank' } }],
    ['unauthorized', 'GET', customersPath(), { token: null }],
    ['unauthorized', 'GET', customersPath(), { token: 'ofk_invented' }],
    ['provider_key_refused', 'GET', customersPath(), { token: 'ak_live_0123456789' }],
    ['origin_refused', 'GET', '/integrated-account', { headers: { host: 'rebound.example' } }],
  ] as const)('%s: %s %s', async (code, verb, path, options) => {
    const before = stand.upstream.reached.length
    expectProblem(await stand.call(verb, path, options), code)
    expect(stand.upstream.reached).toHaveLength(before)
    expect(stand.log.told.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('says what would have been right', async () => {
    const filter = await stand.call('GET', customersPath('', 'colour=red'))
    expect(filter.body).toMatchObject({ where: 'colour', valid: expect.arrayContaining(['email', 'created_at']) })
    const body = await stand.call('POST', '/integrated-account', { body: { integration: 'acme' } })
    expect(body.body.insight.missing_fields).toEqual(expect.arrayContaining(['tenant_id', 'credentials']))
    const word = await stand.call('POST', '/rule-run/decide', { body: { decision: 'wait' } })
    expect(word.body).toMatchObject({ where: '/decision', valid: ['resend', 'skip', 'stop'] })
    const verb = await stand.call('PUT', customersPath('/cus0001'), { body: {} })
    expect(verb.body.valid).toEqual(expect.arrayContaining(['GET', 'PATCH', 'DELETE']))
    const key = await stand.call('GET', customersPath(), { token: 'ak_live_0123456789' })
    expect(key.body.hint).toMatch(/rotate/)
    expect(JSON.stringify(key.body)).not.toContain('ak_live_0123456789')
  })

  it('a body that only turns out too large while it arrives', async () => {
    const chunk = new Uint8Array(64 * 1024)
    let sent = 0
    const raw = new ReadableStream({
      pull: (controller) => {
        sent += 1
        if (sent > 40) controller.close()
        else controller.enqueue(chunk)
      },
    })
    const answer = await stand.call('POST', customersPath(), { raw, headers: json })
    expectProblem(answer, 'body_too_large')
    expect(sent).toBeLessThan(30)
  })

  it('cursors of another query, account or day', async () => {
    stand.upstream.addCustomers(3)
    const { body } = await stand.call('GET', customersPath('', 'limit=1'))
    const cursor = body.next_cursor as string
    const foreign = await stand.call('GET', customersPath('', `limit=1&email=a@b.c&next_cursor=${cursor}`))
    expectProblem(foreign, 'foreign_cursor')
    const changed = `${cursor.slice(0, -2)}${cursor.at(-2) === 'A' ? 'B' : 'A'}${cursor.slice(-1)}`
    expectProblem(await stand.call('GET', customersPath('', `limit=1&next_cursor=${changed}`)), 'invalid_cursor')
    await stand.clock.advance(86_400_000)
    expectProblem(await stand.call('GET', customersPath('', `limit=1&next_cursor=${cursor}`)), 'expired_cursor')
  })
})

describe('what the provider does', () => {
  it.each([
    ['provider_error', 500, '{"error":{"code":"oops","message":"Broken"}}'],
    ['provider_unavailable', 503, '{"error":{"message":"Later"}}'],
    ['needs_reauth', 401, '{"error":{"message":"Revoked key"}}'],
    ['provider_forbidden', 403, '{"error":{"message":"No"}}'],
    ['rate_limited', 429, '{"error":{"message":"Slow"}}'],
    ['record_not_found', 404, '{"error":{"message":"None"}}'],
  ] as const)('%s for status %i', async (code, status, text) => {
    const before = stand.upstream.reached.length
    stand.upstream.next = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'up_x' })
      response.end(text)
    }
    const answer = await stand.call('GET', customersPath('/cus0001'))
    expectProblem(answer, code)
    const { message } = JSON.parse(text).error
    expect(answer.body.provider).toMatchObject({ name: 'acme', status, message, request_id: 'up_x' })
    if (status === 401) await stand.upstream.rechecked(before)
  })

  it('provider_bad_response for truncated JSON', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"id":"cus0')
    }
    expectProblem(await stand.call('GET', customersPath('/cus0001')), 'provider_bad_response')
  })

  it('connection_failed for a reset and for nobody there', async () => {
    stand.upstream.next = (_request, response) => response.destroy()
    expectProblem(await stand.call('GET', customersPath('/cus0001')), 'connection_failed')
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))
    const body = { settings: { base_url: `http://127.0.0.1:${port}` }, credentials: { key: 'ak_test_good1' } }
    expectProblem(await stand.call('PATCH', '/integrated-account/acme-1', { body }), 'connection_failed')
    const back = { settings: { base_url: stand.upstream.origin }, credentials: { key: 'ak_test_good1' } }
    expect((await stand.call('PATCH', '/integrated-account/acme-1', { body: back })).status).toBe(200)
  })

  it('timeout when the deadline passes', async () => {
    stand.upstream.next = (_request, response) => {
      setTimeout(() => response.end('{}'), 60_000).unref()
    }
    expectProblem(await stand.call('GET', customersPath('/cus0001', 'deadline_ms=50')), 'timeout')
  })

  it('the answer of a refused write carries our code, and the reset of a sent one is not called retryable', async () => {
    const path = '/unified/payment-gateway/refunds?integrated_account_id=acme-1'
    const refused = await stand.call('POST', path, { body: { payment_id: 'ch_1', amount: 5_000 } })
    expectProblem(refused, 'amount_exceeds_refundable')
    stand.upstream.next = (_request, response) => response.destroy()
    const lost = await stand.call('POST', path, { body: { payment_id: 'ch_1', amount: 500 } })
    expect(lost.body.code).toBe('outcome_unknown')
    expectProblem(lost, 'outcome_unknown')
  })
})
