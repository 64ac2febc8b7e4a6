import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, openStand, type Stand } from '../http/stand.ts'
import { sendRaw } from './support.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(1)
  token = await stand.accountToken({ effects: ['read', 'write'], expires_in: null })
})
afterAll(() => stand.close())

const HOST = 'Host: 127.0.0.1\r\n'
const PORTS = [
  {
    name: 'the API',
    port: () => stand.server.port,
    target: '/integrated-account',
    auth: () => `Authorization: Bearer ${ADMIN}\r\nConnection: close\r\n`,
  },
  {
    name: '/custom',
    port: () => stand.server.port,
    target: '/custom/v1/customers',
    auth: () => `Authorization: Bearer ${token}\r\nConnection: close\r\n`,
  },
  {
    name: 'the drop-in port',
    port: () => stand.server.passthroughPort ?? 0,
    target: '/v1/customers',
    auth: () => `Authorization: Bearer ${token}\r\nConnection: close\r\n`,
  },
]

describe.each(PORTS)('$name', ({ port, target, auth }) => {
  /** One answer, a problem of this status and code, and nothing at the provider. */
  const refused = async (text: string, status: number, code: string): Promise<void> => {
    const before = stand.upstream.reached.length
    const answer = await sendRaw(port(), text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain(`"code":"${code}"`)
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(stand.upstream.reached).toHaveLength(before)
  }
  const post = (framing: string, body: string): string =>
    `POST ${target} HTTP/1.1\r\n${HOST}${auth()}Content-Type: application/json\r\n${framing}\r\n\r\n${body}`
  const SECOND = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

  it.each([
    ['both framings', 'Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SECOND}`],
    ['both, the other way round', 'Transfer-Encoding: chunked\r\nContent-Length: 4', `0\r\n\r\n${SECOND}`],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3', '{}x'],
    ['a list of lengths', 'Content-Length: 2, 2', '{}'],
    ['a signed length', 'Content-Length: +2', '{}'],
    ['a blank before the colon', 'Content-Length : 2', '{}'],
    ['a coding on top of chunks', 'Transfer-Encoding: gzip, chunked', `0\r\n\r\n${SECOND}`],
    ['no known coding', 'Transfer-Encoding: identity', '{}'],
    ['a coding in disguise', 'Transfer-Encoding: xchunked', '0\r\n\r\n'],
    ['a folded header', 'X: a\r\n Transfer-Encoding: chunked', '0\r\n\r\n'],
    ['a broken chunk size', 'Transfer-Encoding: chunked', 'zz\r\n\r\n'],
  ])('refuses a body with %s, and reads no second request out of it', async (_what, framing, body) => {
    const before = stand.upstream.reached.length
    const answer = await sendRaw(port(), post(framing, body))
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it.each([
    ['another name', 'evil.example'],
    ['a name that resolves to loopback', '127.0.0.1.evil.example'],
    ['our name as the start of another', 'localhost.evil.example'],
  ])('refuses a Host of %s', async (_what, host) => {
    await refused(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${auth()}\r\n`, 421, 'origin_refused')
  })

  it.each([
    ['without a Host', () => `GET ${target} HTTP/1.1\r\n${auth()}\r\n`],
    ['of HTTP/1.0 without a Host', () => `GET ${target} HTTP/1.0\r\n${auth()}\r\n`],
    ['with user information in the Host', () => `GET ${target} HTTP/1.1\r\nHost: a@evil.example\r\n${auth()}\r\n`],
    ['in absolute form', () => `GET http://evil.example${target} HTTP/1.1\r\n${HOST}${auth()}\r\n`],
    ['for everything', () => `OPTIONS * HTTP/1.1\r\n${HOST}${auth()}\r\n`],
    [
      'with a header over the limit',
      () => `GET ${target} HTTP/1.1\r\n${HOST}X: ${'a'.repeat(40_000)}\r\n${auth()}\r\n`,
    ],
    ['with a target over the limit', () => `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n${HOST}${auth()}\r\n`],
    ['with a NUL in a header', () => `GET ${target} HTTP/1.1\r\n${HOST}X: a\0b\r\n${auth()}\r\n`],
  ])('refuses a request %s', async (_what, text) => {
    const before = stand.upstream.reached.length
    const answer = await sendRaw(port(), text())
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).toContain('"code":"')
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it('refuses two Hosts', async () => {
    const text = `GET ${target} HTTP/1.1\r\n${HOST}Host: evil.example\r\n${auth()}\r\n`
    const before = stand.upstream.reached.length
    expect(await sendRaw(port(), text)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it('does not echo a request with TRACE', async () => {
    await refused(`TRACE ${target} HTTP/1.1\r\n${HOST}${auth()}\r\n`, 405, 'method_not_allowed')
  })

  it('opens no tunnel with CONNECT', async () => {
    const before = stand.upstream.reached.length
    expect(await sendRaw(port(), `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}${auth()}\r\n`)).not.toMatch(/ 200 /)
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it('takes the first of two tokens or none, never the second', async () => {
    const text = `GET ${target} HTTP/1.1\r\n${HOST}Authorization: Bearer no-token\r\n${auth()}\r\n`
    await refused(text, 401, 'unauthorized')
  })
})
