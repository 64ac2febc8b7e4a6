import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { invoke, type OperationResponse } from '../../engine/execute/send.ts'
import type { CallOptions, EngineError } from '../../engine/index.ts'
import { type Definition, type Desk, invocationOf, onClock, openDesk } from '../support/calls.ts'
import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'

const read = { verb: 'GET', effect: 'read', description: 'Reads.' } as const
const write = { verb: 'POST', effect: 'write', description: 'Writes.' } as const
const byId = '/pays/{{ $path.id }}'

const DEFINITION: Definition = {
  failure: { message: '$response.error.message', code: '$response.error.code', request_id: '$headers.`request-id`' },
  idempotency: {
    in: 'header',
    name: 'Idempotency-Key',
    max_length: 40,
    replayed: "$headers.`idempotent-replayed` = 'true'",
  },
  retry: {
    attempts: 3,
    hints: [
      { when: "$headers.`acme-should-retry` = 'true'", retry: true },
      { when: "$headers.`acme-should-retry` = 'false'", retry: false },
    ],
  },
  errors: [
    { when: "$response.error.code = 'gone'", action: 'ignore', reason: 'Already deleted.' },
    {
      when: "$response.error.code = 'merged'",
      action: 'succeed_with',
      succeed_with: { from: 'pays.get', path: { id: '$response.error.into' } },
    },
    { when: '$response.ok = false', code: 'card_declined' },
  ],
  resources: {
    pays: {
      fields: { client_secret: { type: 'string', 'x-secret': true } },
      methods: {
        list: {
          ...read,
          path: '/pays',
          complete: true,
          response: { records: 'data' },
          pagination: { strategy: 'none' },
        },
        get: { ...read, path: byId },
        wrapped: { ...read, path: '/wrapped', response: { record: 'pay' } },
        create: { ...write, path: '/pays' },
        in_body: {
          ...write,
          path: '/pays',
          idempotency: { in: 'body', name: 'meta.key', max_length: 40, verbs: ['POST'] },
        },
        keyless: { ...write, path: '/pays', idempotency: { in: 'none' } },
        sought: {
          ...write,
          path: '/pays',
          idempotency: {
            in: 'none',
            find_existing: {
              from: 'pays.list',
              query: { reference: '$body.reference' },
              match: 'reference = $body.reference',
            },
          },
        },
        conflicting: {
          ...write,
          path: '/pays',
          idempotency: {
            in: 'header',
            name: 'Idempotency-Key',
            on_conflict: {
              when: "$response.error.code = 'key_in_use'",
              from: 'pays.get',
              path: { id: '$response.error.id' },
            },
          },
        },
        short_lived: { ...write, path: '/pays', idempotency: { in: 'header', name: 'Idempotency-Key', lifetime_s: 1 } },
        delete: { verb: 'DELETE', effect: 'write', description: 'Deletes.', path: byId },
        lossless: { ...read, path: '/big', response: { big_integers: 'string' } },
        report: { ...read, path: '/report', response: { format: 'csv' } },
        text: { ...read, path: '/text', response: { format: 'text' } },
        file: { ...read, path: '/file', response: { format: 'bytes' } },
        nothing: { ...write, path: '/nothing', response: { format: 'none' } },
        small: { ...read, path: '/small', response: { max_bytes: 1024 } },
      },
    },
  },
}

let upstream: Upstream
let desk: Desk

beforeAll(async () => {
  upstream = await startUpstream()
  desk = openDesk(DEFINITION, upstream.url)
})
afterEach(() => upstream.reset())
afterAll(async () => {
  await desk.close()
  await upstream.close()
})

type Input = Parameters<typeof invocationOf>[2]

/** Runs an operation of acme while the upstream answers each attempt as given; the last reply repeats. */
async function run(id: string, replies: readonly Reply[], input: Input = {}, options: Partial<CallOptions> = {}) {
  upstream.received.length = 0
  upstream.script = ({ index }) => replies[Math.min(index, replies.length - 1)] ?? {}
  const invocation = invocationOf(desk, id, input, options)
  const outcome = await onClock(desk, invoke(desk.context, invocation)).then(
    (response): { response: OperationResponse; error?: undefined } => ({ response }),
    (error: EngineError): { response?: undefined; error: EngineError } => ({ error }),
  )
  return { ...outcome, call: invocation.call, got: [...upstream.received] }
}

const body = (text: string | undefined): unknown => JSON.parse(text ?? '')
const ok: Reply = { body: { id: 'p1' } }
const at = (status: number, extra: Partial<Reply> = {}): Reply => ({
  status,
  body: { error: { message: 'No.' } },
  ...extra,
})
const keysOf = (got: readonly Received[]): unknown[] => got.map(({ headers }) => headers['idempotency-key'])

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

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('a read answered %d', async (status) => {
    const { response, got, call } = await run('pays.get', [at(status), at(status), ok], { path: { id: 'x' } })
    expect(response?.status).toBe(200)
    expect(got).toHaveLength(3)
    expect(call.requests).toBe(3)
  })

  it('gives up after the attempts that are allowed', async () => {
    const { error, got } = await run('pays.get', [at(503)], { path: { id: 'x' } })
    expect(error?.code).toBe('provider_unavailable')
    expect(got).toHaveLength(3)
  })

  it.each([400, 401, 402, 403, 404, 409, 422])('%d is final', async (status) => {
    expect((await run('pays.get', [at(status)], { path: { id: 'x' } })).got).toHaveLength(1)
  })

  it.each(['before', 'midway'] as const)('a read whose connection is reset %s', async (reset) => {
    const { response, got } = await run('pays.get', [{ ...ok, reset }, ok], { path: { id: 'x' } })
    expect(response?.record).toEqual({ id: 'p1' })
    expect(got).toHaveLength(2)
  })

  it.each([{ reset: 'before' }, { reset: 'midway', body: { id: 'p1' } }, at(500), at(504)] as const)(
    'a write carries the same key each time: %j',
    async (reply) => {
      const { response, got } = await run(
        'pays.create',
        [reply, ok],
        { body: { amount: 5 } },
        { idempotencyKey: 'key-1' },
      )
      expect(response?.record).toEqual({ id: 'p1' })
      expect(keysOf(got)).toEqual(['key-1', 'key-1'])
      expect(got.map(({ body: sent }) => sent)).toEqual(['{"amount":5}', '{"amount":5}'])
    },
  )

  it('a write without a key of the caller gets one, the same for all attempts and another for the next write', async () => {
    const first = await run('pays.create', [at(500), ok])
    const second = await run('pays.create', [ok])
    const [key, again, other] = keysOf([...first.got, ...second.got])
    expect([first.got.length, second.got.length]).toEqual([2, 1])
    expect(key).toMatch(/^id\d+_+$/)
    expect(again).toBe(key)
    expect(other).not.toBe(key)
  })

  it('a key in the body, and one that is too long, fit what the provider takes', async () => {
    const { got } = await run(
      'pays.in_body',
      [at(500), ok],
      { body: { amount: 5, meta: { a: 1 } } },
      { idempotencyKey: 'k'.repeat(41) },
    )
    const [one, two] = got.map((request) => body(request.body) as { meta: { key: string } })
    expect(one).toMatchObject({ amount: 5, meta: { a: 1, key: expect.stringMatching(/^[0-9a-f]{40}$/) } })
    expect(two).toEqual(one)
  })

  it("the provider's hints decide where no rule does", async () => {
    const says = (status: number, text: string) => at(status, { headers: { 'acme-should-retry': text } })
    expect((await run('pays.keyless', [says(409, 'true'), ok])).got).toHaveLength(2)
    upstream.reset()
    expect((await run('pays.get', [says(503, 'false'), ok], { path: { id: 'x' } })).got).toHaveLength(1)
  })
})

describe('a write without a key', () => {
  it.each([
    ['no answer', { reset: 'before' }],
    ['half an answer', { reset: 'midway', body: { id: 'p1' } }],
    ['a gateway', at(502)],
    ['a provider that broke', at(500)],
    ['an answer that cannot be read', { body: '<html>' }],
  ] as const)('and %s: the outcome is unknown, and it is not sent again', async (_name, reply) => {
    const { error, got } = await run('pays.keyless', [reply, ok])
    expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, details: { sent: true } })
    expect(got).toHaveLength(1)
  })

  it('that was never sent is tried again', async () => {
    const gone = openDesk(DEFINITION, 'http://127.0.0.1:1')
    const invocation = invocationOf(gone, 'pays.keyless')
    await expect(onClock(gone, invoke(gone.context, invocation))).rejects.toMatchObject({ code: 'connection_failed' })
    expect(invocation.call.requests).toBe(3)
    await gone.close()
  })

  it.each([429, 503])('that was refused with %d is tried again', async (status) => {
    expect((await run('pays.keyless', [at(status), ok])).response?.record).toEqual({ id: 'p1' })
  })

  it('is looked for before it is sent again, and found', async () => {
    const list = {
      body: {
        data: [
          { id: 'p0', reference: 'r0' },
          { id: 'p1', reference: 'r1' },
        ],
      },
    }
    const { response, got } = await run('pays.sought', [{ reset: 'before' }, list], { body: { reference: 'r1' } })
    expect(response).toMatchObject({ record: { id: 'p1' }, replayed: true })
    expect(got.map(({ verb, target }) => `${verb} ${target}`)).toEqual(['POST /v1/pays', 'GET /v1/pays?reference=r1'])
  })

  it('is sent again when there is none', async () => {
    const { response, got } = await run('pays.sought', [at(504), { body: { data: [] } }, ok], {
      body: { reference: 'r1' },
    })
    expect(response).toMatchObject({ record: { id: 'p1' }, replayed: false })
    expect(got.map(({ verb }) => verb)).toEqual(['POST', 'GET', 'POST'])
  })

  it('that cannot be looked for is unknown', async () => {
    const { error } = await run('pays.sought', [at(504), at(403)], { body: { reference: 'r1' } })
    expect(error).toMatchObject({ code: 'outcome_unknown', cause: { code: 'provider_forbidden' } })
  })
})

describe('a write with a key', () => {
  it('that is never answered is unknown in the end', async () => {
    const { error, got } = await run('pays.create', [{ reset: 'before' }])
    expect(error).toMatchObject({ code: 'outcome_unknown', cause: { code: 'connection_failed' } })
    expect(got).toHaveLength(3)
  })

  it('stays unknown when only a later attempt was refused by the limit', async () => {
    const { error } = await run('pays.create', [{ reset: 'before' }, at(429)], {}, { onLimit: 'fail' })
    expect(error?.code).toBe('outcome_unknown')
  })

  it('answers what the provider says at last', async () => {
    const { error } = await run('pays.create', [{ reset: 'before' }, at(402)])
    expect(error).toMatchObject({ code: 'provider_invalid_request', details: { provider: { status: 402 } } })
  })

  it('that the provider knows already answers with the first result', async () => {
    const refused = at(409, { body: { error: { code: 'key_in_use', id: 'p9' } } })
    const { response, call } = await run('pays.conflicting', [refused, { body: { id: 'p9' } }])
    expect(response).toMatchObject({ record: { id: 'p9' }, replayed: true })
    expect(call.report().replayed).toBe(true)
  })

  it('past its lifetime is not sent again', async () => {
    const slow = at(503, { headers: { 'retry-after': '2' } })
    const { error, got } = await run('pays.short_lived', [slow, { reset: 'before' }, ok])
    expect(error?.code).toBe('outcome_unknown')
    expect(got).toHaveLength(2)
  })
})
