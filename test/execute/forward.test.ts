import { createServer, type Socket } from 'node:net'
import zlib from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { forward } from '../../engine/execute/forward.ts'
import type { Account, CallOptions, ForwardCall, Operation } from '../../engine/index.ts'
import { callOptions, type Definition, type Desk, openDesk } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'

const definition = (extra: Partial<Definition> = {}): Definition => ({
  resources: {
    customers: {
      methods: {
        get: { verb: 'GET', path: '/customers/{{ $path.id }}', effect: 'read', description: 'Reads one.' },
        create: { verb: 'POST', path: '/customers', effect: 'write', description: 'Makes one.' },
      },
    },
    keys: { methods: { create: { verb: 'POST', path: '/keys', effect: 'credential', description: 'Makes a key.' } } },
    files: {
      methods: {
        create: { verb: 'POST', path: '/files', host: 'files', effect: 'write', description: 'Uploads.' },
      },
    },
    media: {
      methods: {
        create: { verb: 'POST', path: '/media', host: 'media', effect: 'write', description: 'Uploads.' },
      },
    },
    sites: {
      methods: {
        get: {
          verb: 'GET',
          path: '/sites/{{ $connection.site }}/info/{{ $path.id }}',
          effect: 'read',
          description: 'Reads one.',
        },
      },
    },
  },
  settings: { site: { label: 'Site', pattern: '^[a-z]+$', required: false } },
  hosts: {
    default: { url: 'https://api.acme.test/v1' },
    files: { url: 'https://files.acme.test/upload' },
    media: { url: 'https://media.acme.test/v1' },
  },
  owned: { headers: ['Acme-Account'], query: ['account'], paths: ['/oauth'] },
  ...extra,
})

const cleanups: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** A tap: answers each request with these bytes and keeps what came, byte for byte. */
async function tap(answer: string | Buffer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', complete = /\r\n\r\n/) {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (!complete.test(text)) return
      received.push(text)
      text = ''
      socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, received, sockets }
}

function desk(url: string, extra: Partial<Definition> = {}): Desk {
  const opened = openDesk(definition(extra), url)
  cleanups.push(() => opened.close())
  return opened
}

const call = (target: string, extra: Partial<ForwardCall> = {}): ForwardCall => ({
  verb: 'GET',
  target,
  headers: [],
  authorize: () => undefined,
  ...extra,
})

async function pass(
  at: Desk,
  given: ForwardCall,
  { account, ...options }: Partial<CallOptions> & { account?: Partial<Account> } = {},
) {
  const answer = await forward(at.context, { ...at.account, ...account }, given, callOptions(options))
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body) chunks.push(chunk)
  return { ...answer, bytes: Buffer.concat(chunks) }
}

const lines = (text: string | undefined): string[] => text?.split('\r\n').slice(0, -2) ?? []

describe('what goes to the provider', () => {
  it('is the request as written, with the credential of the account', async () => {
    const { url, received } = await tap()
    const headers: [string, string][] = [
      ['Accept', '*/*'],
      ['X-Twice', 'a'],
      ['x-twice', 'b'],
      ['Acme-Version', '2020-01-01'],
      ['Accept-Encoding', 'gzip'],
      ['Idempotency-Key', 'k1'],
    ]
    await pass(desk(url), call('/v1/customers/cus_1?expand[]=a&x=%2F..%2F&y=', { headers }))
    expect(lines(received[0])).toEqual([
      'GET /v1/customers/cus_1?expand[]=a&x=%2F..%2F&y= HTTP/1.1',
      `host: ${new URL(url).host}`,
      'connection: keep-alive',
      'Accept: */*',
      'X-Twice: a',
      'x-twice: b',
      'Acme-Version: 2020-01-01',
      'Accept-Encoding: gzip',
      'Idempotency-Key: k1',
      'Authorization: Bearer key_secret_1',
    ])
  })

  it('leaves behind what belongs to one hop, cookies and traces of earlier hops', async () => {
    const { url, received } = await tap()
    const dropped: [string, string][] = [
      ['Host', 'evil.test'],
      ['Connection', 'close, X-Mine'],
      ['X-Mine', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic x'],
      ['Proxy-Connection', 'x'],
      ['TE', 'trailers'],
      ['Trailer', 'X'],
      ['Upgrade', 'websocket'],
      ['Cookie', 'a=b'],
      ['Set-Cookie', 'a=b'],
      ['Expect', '100-continue'],
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Forwarded-Host', 'evil.test'],
      ['Forwarded', 'for=10.0.0.1'],
      ['Via', '1.1 x'],
    ]
    await pass(desk(url), call('/v1/customers/c', { headers: dropped }))
    expect(lines(received[0]).slice(1)).toEqual([
      `host: ${new URL(url).host}`,
      'connection: keep-alive',
      'Authorization: Bearer key_secret_1',
    ])
  })

  it.each([
    ['below the host', '/customers/cus_1', 'GET /v1/customers/cus_1 '],
    ['from its root', '/v1/customers/cus_1', 'GET /v1/customers/cus_1 '],
    ['undeclared, below the host', '/other/x', 'GET /v1/other/x '],
    ['undeclared, from its root', '/v1/other/x/', 'GET /v1/other/x/ '],
    ['the base path itself', '/v1', 'GET /v1/ '],
    ['a path that only starts like the base', '/v1beta/x', 'GET /v1/v1beta/x '],
  ])('a target written %s', async (_, target, line) => {
    const { url, received } = await tap()
    await pass(desk(url), call(target))
    expect(received[0]?.startsWith(line)).toBe(true)
  })

  it('an operation of another host goes to that host', async () => {
    const { url, received } = await tap()
    await pass(desk(url), call('/files', { verb: 'POST' }))
    await pass(desk(url), call('/upload/files', { verb: 'POST' }))
    await pass(desk(url), call('/v1/media', { verb: 'POST' }))
    expect(received.map((each) => each.split(' ')[1])).toEqual(['/upload/files', '/upload/files', '/v1/media'])
  })

  it('a streamed body keeps its length or goes in chunks; bytes are not touched', async () => {
    const whole = /\r\n\r\n[\s\S]*(hello|0\r\n\r\n)$/
    const { url, received } = await tap(undefined, whole)
    async function* body(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('hel'))
      yield Buffer.from('lo')
    }
    const at = desk(url)
    const type: [string, string] = ['Content-Type', 'text/plain']
    await pass(at, call('/customers', { verb: 'POST', headers: [type, ['Content-Length', '5']], body: body() }))
    await pass(
      at,
      call('/customers', { verb: 'POST', headers: [type, ['Transfer-Encoding', 'chunked']], body: body() }),
    )
    expect(received[0]).toMatch(/content-length: 5\r\n\r\nhello$/)
    expect(received[1]).toMatch(/transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n$/)
  })
})

describe('what comes back', () => {
  it('is what the provider sent, but for hop-by-hop headers and Set-Cookie', async () => {
    const body = zlib.gzipSync('{"id":"cus_1"}')
    const head = [
      'HTTP/1.1 402 Payment Required',
      'Request-Id: req_1',
      'Idempotent-Replayed: true',
      'content-TYPE: application/json; charset=utf-8',
      'Content-Encoding: gzip',
      'Set-Cookie: a=b',
      'X-Twice: 1',
      'X-Twice: 2',
      'Connection: keep-alive, X-Hop',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      `Content-Length: ${body.length}`,
    ]
    const { url } = await tap(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
    const answer = await pass(desk(url), call('/customers/cus_1'))
    expect(answer.status).toBe(402)
    expect(answer.headers).toEqual([
      ['Request-Id', 'req_1'],
      ['Idempotent-Replayed', 'true'],
      ['content-TYPE', 'application/json; charset=utf-8'],
      ['Content-Encoding', 'gzip'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['Content-Length', String(body.length)],
    ])
    expect(answer.bytes).toEqual(body)
  })

  it('a redirect is an answer, not followed', async () => {
    const { url, received } = await tap(
      'HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n',
    )
    const answer = await pass(desk(url), call('/customers/cus_1'))
    expect([answer.status, answer.headers[0]]).toEqual([302, ['Location', 'http://evil.test/']])
    expect(received).toHaveLength(1)
  })

  it('a failure is not tried again', async () => {
    const { url, received } = await tap('HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n')
    expect((await pass(desk(url), call('/customers/cus_1'))).status).toBe(503)
    expect(received).toHaveLength(1)
  })

  it('HEAD has no body and is the GET that is declared', async () => {
    const { url } = await tap('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n')
    const seen: (string | undefined)[] = []
    const authorize = (operation: Operation | undefined): unknown => seen.push(operation?.id)
    const answer = await pass(desk(url), call('/customers/cus_1', { verb: 'HEAD', authorize }))
    expect([answer.bytes.length, seen]).toEqual([0, ['customers.get']])
  })
})

describe('what is decided before anything is sent', () => {
  it.each([
    ['GET', '/v1/customers/cus_1?x=/v1/keys', 'customers.get'],
    ['GET', '/customers/cus_1/', 'customers.get'],
    ['POST', '/v1/%6beys', 'keys.create'],
    ['POST', '/files', 'files.create'],
    ['POST', '/v1/files', undefined],
    ['POST', '/v1/media', 'media.create'],
    ['POST', '/media', 'media.create'],
    ['DELETE', '/v1/customers/cus_1', undefined],
    ['GET', '/v1/anything', undefined],
  ])('%s %s is shown to the caller of forward as %s', async (verb, target, id) => {
    const { url, received } = await tap()
    const seen: (string | undefined)[] = []
    const refuse = (operation: Operation | undefined): void => {
      seen.push(operation?.id)
      throw new Error('refused')
    }
    await expect(pass(desk(url), call(target, { verb, authorize: refuse }))).rejects.toThrow('refused')
    expect([seen, received.length]).toEqual([[id], 0])
  })

  it.each([
    ['path_not_allowed', call('//evil.test/v1/x')],
    ['path_not_allowed', call('http://evil.test/v1/x')],
    ['path_not_allowed', call('/v1/customers/%2e%2e/keys')],
    ['path_not_allowed', call('/v1/customers/cus_1%2Fsources')],
    ['owned_parameter', call('/v1/customers/c?account=x')],
    ['owned_parameter', call('/v1/customers/c?a=1&acc%6Funt[x]=1')],
    ['owned_parameter', call('/v1/customers/c?a=1;account=1')],
    ['owned_parameter', call('/v1/oauth/token')],
    ['owned_parameter', call('/OAuth')],
    ['owned_parameter', call('/customers/c', { headers: [['acme-account', 'x']] })],
    ['owned_parameter', call('/customers/c', { headers: [['AUTHORIZATION', 'Bearer stolen']] })],
    ['owned_parameter', call('/customers/c', { headers: [['X-HTTP-Method-Override', 'DELETE']] })],
    ['owned_parameter', call('/customers/c', { headers: [['X-Original-URL', '/keys']] })],
    ['owned_parameter', call('/sites/other/info/1')],
    ['method_not_allowed', call('/customers/c', { verb: 'CONNECT' })],
    ['method_not_allowed', call('/customers/c', { verb: 'TRACE' })],
    ['method_not_allowed', call('/customers/c', { verb: 'get' })],
    [
      'invalid_request',
      call('/customers', {
        verb: 'POST',
        headers: [
          ['Content-Length', '5'],
          ['Transfer-Encoding', 'chunked'],
        ],
      }),
    ],
    ['invalid_request', call('/customers', { verb: 'POST', headers: [['Transfer-Encoding', 'gzip, chunked']] })],
    ['invalid_request', call('/customers', { verb: 'POST', headers: [['Content-Length', '5, 5']] })],
    [
      'invalid_request',
      call('/customers', {
        verb: 'POST',
        headers: [
          ['Content-Length', '5'],
          ['content-length', '6'],
        ],
      }),
    ],
  ] as const)('%s: %j', async (code, given) => {
    const { url, sockets } = await tap()
    const failure = await failureOf(pass(desk(url), given, { account: { connection: { site: 'mine' } } }))
    expect([failure.code, sockets.size]).toEqual([code, 0])
  })

  it("an account's own site in the path passes", async () => {
    const { url, received } = await tap()
    await pass(desk(url), call('/sites/mine/info/1'), { account: { connection: { site: 'mine' } } })
    expect(received[0]).toMatch(/^GET \/v1\/sites\/mine\/info\/1 /)
  })

  it('a base URL of an account is no way around the egress policy', async () => {
    const failure = await failureOf(pass(desk('http://169.254.169.254'), call('/customers/c')))
    expect(failure.code).toBe('egress_refused')
  })

  it('a deadline that has passed sends nothing', async () => {
    const { url, sockets } = await tap()
    expect((await failureOf(pass(desk(url), call('/customers/c'), { deadline: 1 }))).code).toMatch(
      /timeout|rate_limited/,
    )
    expect(sockets.size).toBe(0)
  })
})

describe('keys in query and body', () => {
  const keyed = (where: 'query' | 'body', name: string): Partial<Definition> => ({
    auth: {
      methods: {
        key: {
          type: 'api_key',
          label: 'Key',
          fields: { key: { label: 'Key', secret: true } },
          in: where,
          name,
          value: '{{ $credentials.key }}',
        },
      },
    },
  })

  it('a key in the query is added; the caller may not give it', async () => {
    const { url, received } = await tap()
    const at = desk(url, keyed('query', 'api_key'))
    await pass(at, call('/customers/c?a=%20'))
    await pass(at, call('/customers/c'))
    expect(received.map((each) => each.split(' ')[1])).toEqual([
      '/v1/customers/c?a=%20&api_key=key_secret_1',
      '/v1/customers/c?api_key=key_secret_1',
    ])
    expect((await failureOf(pass(at, call('/customers/c?API_key=x')))).code).toBe('owned_parameter')
  })

  const form: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded']
  const json: [string, string] = ['Content-Type', 'application/json']

  it('a key in the body is put into forms and JSON', async () => {
    const { url, received } = await tap(undefined, /\r\n\r\n.+$/)
    const at = desk(url, keyed('body', 'auth.key'))
    const send = (type: [string, string], text: string) =>
      pass(at, call('/customers', { verb: 'POST', headers: [type], body: Buffer.from(text) }))
    await send(form, 'a=%20')
    await send(json, '{"a":1}')
    expect(received.map((each) => each.split('\r\n\r\n')[1])).toEqual([
      'a=%20&auth%5Bkey%5D=key_secret_1',
      '{"a":1,"auth":{"key":"key_secret_1"}}',
    ])
  })

  it.each([
    ['owned_parameter', form, 'auth[key]=mine'],
    ['owned_parameter', form, 'auth.key=mine'],
    ['owned_parameter', form, 'a=1&%61uth%5Bkey%5D=mine'],
    ['owned_parameter', json, '{"auth":{"key":"mine"}}'],
    ['invalid_json', json, '{"auth":'],
    ['invalid_body', ['Content-Type', 'text/plain'], 'x'],
  ] as const)('%s: %j %s', async (code, type, text) => {
    const { url, sockets } = await tap()
    const at = desk(url, keyed('body', 'auth.key'))
    const given = call('/customers', { verb: 'POST', headers: [type], body: Buffer.from(text) })
    expect([(await failureOf(pass(at, given))).code, sockets.size]).toEqual([code, 0])
  })
})

describe('the budget', () => {
  const limits = (kind: 'concurrency' | 'window'): Partial<Definition> => ({
    rate_limits: {
      buckets: {
        all: { kind, limit: 1, ...(kind === 'window' ? { window_ms: 1000 } : {}) },
        reads: { kind: 'concurrency', limit: 1, effects: ['read'] },
      },
      feedback: { retry_after: { header: 'Retry-After' } },
    },
  })
  const fail = { onLimit: 'fail' } as const

  it('is held until the body is read, failed or left; undeclared requests share it', async () => {
    const { url } = await tap()
    const at = desk(url, limits('concurrency'))
    const open = () => forward(at.context, at.account, call('/undeclared'), callOptions(fail))
    const first = await open()
    expect((await failureOf(open())).code).toBe('rate_limited')
    for await (const _ of first.body);
    const second = await open()
    await second.body[Symbol.asyncIterator]().return?.()
    const third = await open()
    expect((await failureOf(pass(at, call('/customers/c'), fail))).code).toBe('rate_limited')
    for await (const _ of third.body);
  })

  it.each([
    ['a refused connection', async () => 'http://127.0.0.1:1', 'connection_failed'],
    [
      'a broken body',
      async () => (await tap('HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx')).url,
      'timeout',
    ],
  ])('is given back after %s', async (_, upstream, code) => {
    const at = desk(await upstream(), limits('concurrency'))
    for (let round = 0; round < 2; round += 1)
      expect((await failureOf(pass(at, call('/undeclared', { timeoutMs: 200 }), fail))).code).toBe(code)
  })

  it('is given back at once where there is no body to read', async () => {
    const { url } = await tap('HTTP/1.1 204 No Content\r\n\r\n')
    const at = desk(url, limits('concurrency'))
    for (let round = 0; round < 2; round += 1)
      await forward(at.context, at.account, call('/undeclared'), callOptions(fail))
  })

  it('learns from a 429 how long to wait', async () => {
    const { url, received } = await tap('HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n')
    const at = desk(url, limits('concurrency'))
    expect((await pass(at, call('/customers/c'), fail)).status).toBe(429)
    const failure = await failureOf(pass(at, call('/customers/c'), fail))
    expect([failure.code, failure.details.waitMs, received.length]).toEqual(['rate_limited', 7000, 1])
  })

  it('waits for the window like every other caller of the account', async () => {
    const { url, received } = await tap()
    const at = desk(url, limits('window'))
    await pass(at, call('/customers/c'))
    const waiting = pass(at, call('/undeclared'))
    await at.clock.advance(500)
    expect(received).toHaveLength(1)
    await at.clock.advance(1000)
    expect((await waiting).status).toBe(200)
  })
})

it('a caller that leaves while it waits for the budget sends nothing', async () => {
  const { url, sockets } = await tap()
  const at = desk(url, { rate_limits: { buckets: { all: { kind: 'concurrency', limit: 1 } } } })
  const held = await at.budget.acquire({
    ...callOptions(),
    buckets: [{ key: 'env_1/acc_1/all', kind: 'concurrency', limit: 1, windowMs: 0 }],
  })
  const controller = new AbortController()
  const leaving = failureOf(pass(at, call('/customers/c'), { signal: controller.signal }))
  await at.clock.advance(1)
  controller.abort()
  expect([(await leaving).code, sockets.size]).toEqual(['canceled', 0])
  held.done()
})
