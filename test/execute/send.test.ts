import { describe, expect, it } from 'vitest'
import { failing as at, usePays } from './pays.ts'

const run = usePays()
const ok = { body: { id: 'p1' } }

describe('an answer', () => {
  it('comes parsed, with the facts of its request', async () => {
    const { response, call, got } = await run('pays.get', [{ ...ok, headers: { 'request-id': 'req_7' } }], {
      path: { id: 'a b' },
    })
    expect(got[0]).toMatchObject({
      verb: 'GET',
      target: '/v1/pays/a%20b',
      headers: { authorization: 'Bearer key_secret_1' },
    })
    expect(response).toMatchObject({
      status: 200,
      record: { id: 'p1' },
      records: [],
      requestId: 'req_7',
      replayed: false,
    })
    expect(call.report()).toMatchObject({
      upstreamRequests: 1,
      operations: ['pays.get'],
      providerRequestIds: ['req_7'],
    })
  })

  it('is read by its format', async () => {
    expect((await run('pays.report', [{ body: 'id,note\r\n1,"a, ""b"""\n2,\n' }])).response?.body).toEqual([
      { id: '1', note: 'a, "b"' },
      { id: '2', note: '' },
    ])
    expect((await run('pays.text', [{ body: 'grüße' }])).response?.body).toBe('grüße')
    const latin = {
      body: Buffer.from('grüße', 'latin1'),
      headers: { 'content-type': 'text/plain; charset=iso-8859-1' },
    }
    expect((await run('pays.text', [latin])).response?.body).toBe('grüße')
    expect((await run('pays.file', [{ body: Buffer.from([0, 255, 1]) }])).response?.body).toEqual(
      Buffer.from([0, 255, 1]),
    )
    expect((await run('pays.nothing', [{ body: '' }])).response?.record).toBeUndefined()
  })

  it('keeps every digit of large integers where the definition wants it', async () => {
    const text =
      '{"id":12345678901234567890,"text":"12345678901234567890 \\"98765432109876543210","safe":9007199254740991,"list":[-9007199254740993,1.5e20,123456789.12345678]}'
    expect((await run('pays.lossless', [{ body: text }])).response?.body).toEqual({
      id: '12345678901234567890',
      text: '12345678901234567890 "98765432109876543210',
      safe: 9007199254740991,
      list: ['-9007199254740993', 1.5e20, 123456789.12345678],
    })
  })

  it('may be empty with 204 and after a write, not after a read', async () => {
    expect((await run('pays.get', [{ status: 204 }], { path: { id: 'x' } })).response).toMatchObject({
      body: null,
      record: undefined,
    })
    expect((await run('pays.create', [{ status: 202, body: '' }])).response).toMatchObject({
      body: null,
      record: undefined,
    })
    expect((await run('pays.get', [{ body: '' }], { path: { id: 'x' } })).error).toMatchObject({
      code: 'provider_bad_response',
    })
  })

  it.each([
    ['truncated JSON', { body: '{"id": "p1", "na' }],
    ['an HTML page with 200', { body: '<html>oops</html>', headers: { 'content-type': 'text/html' } }],
    ['broken UTF-8', { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }],
  ])('%s is provider_bad_response, with what was said', async (_name, reply) => {
    const { error, got } = await run('pays.get', [reply], { path: { id: 'x' } })
    expect(error).toMatchObject({ code: 'provider_bad_response', details: { provider: { status: 200 } } })
    expect(got).toHaveLength(3)
  })

  it('without the path that the definition names is missing_path', async () => {
    expect((await run('pays.list', [{ body: { items: [] } }])).error).toMatchObject({
      code: 'missing_path',
      details: { where: 'data' },
    })
    expect((await run('pays.list', [{ body: { data: 'none' } }])).error?.code).toBe('missing_path')
    expect((await run('pays.wrapped', [{ body: { other: 1 } }])).error?.code).toBe('missing_path')
    expect((await run('pays.wrapped', [{ body: { pay: { id: 1 } } }])).response?.record).toEqual({ id: 1 })
  })

  it('beyond the size limit is refused, and not asked for again', async () => {
    const { error, got } = await run('pays.small', [{ body: { text: 'x'.repeat(2000) } }])
    expect(error?.code).toBe('response_too_large')
    expect(got).toHaveLength(1)
  })

  it('tells when it is a replay', async () => {
    const { response, call } = await run('pays.create', [{ ...ok, headers: { 'idempotent-replayed': 'true' } }])
    expect([response?.replayed, call.report().replayed]).toEqual([true, true])
  })
})

describe('rules', () => {
  it('an error inside a 200 is an error', async () => {
    const { error, got } = await run('pays.create', [{ body: { ok: false } }])
    expect(error).toMatchObject({ code: 'card_declined', details: { provider: { status: 200 } } })
    expect(got).toHaveLength(1)
  })

  it('ignore goes on with a warning', async () => {
    const { response, call } = await run('pays.delete', [at(404, { body: { error: { code: 'gone' } } })], {
      path: { id: 'x' },
    })
    expect(response).toMatchObject({ status: 404, record: undefined })
    expect(call.report().warnings).toEqual(['acme answered pays.delete with 404; its definition says to go on'])
  })

  it('succeed_with answers by another read', async () => {
    const replies = [at(409, { body: { error: { code: 'merged', into: 'p2' } } }), { body: { id: 'p2' } }]
    const { response, got } = await run('pays.create', replies)
    expect(response?.record).toEqual({ id: 'p2' })
    expect(got.map(({ verb, path }) => `${verb} ${path}`)).toEqual(['POST /v1/pays', 'GET /v1/pays/p2'])
  })

  it('succeed_with that does not say what to read is the error it was', async () => {
    const { error } = await run('pays.create', [at(409, { body: { error: { code: 'merged' } } })])
    expect(error?.code).toBe('conflict')
  })

  it('secrets are cut from what the provider said, at any depth', async () => {
    const said = { error: { message: 'No.', pay: { id: 1, client_secret: 's3cret' } } }
    const { error } = await run('pays.create', [at(400, { body: said })])
    expect(error?.details.provider?.body).toEqual({ error: { message: 'No.', pay: { id: 1 } } })
  })
})
