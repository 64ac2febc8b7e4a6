import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../engine/index.ts'
import { call, desk, pass, tap } from './forwarding.ts'

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
