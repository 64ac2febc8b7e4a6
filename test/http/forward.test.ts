import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN, openStand, type Stand } from './stand.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(2)
  token = await stand.accountToken({ effects: ['read', 'write', 'money'], expires_in: null })
})
afterAll(() => stand.close())
beforeEach(() => {
  stand.upstream.next = null
})

interface Raw {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** A request with exactly these headers, and the answer with the headers as they came. */
function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
) {
  return new Promise<Raw>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const outgoing = httpRequest(
      url,
      { method, headers: { authorization: `Bearer ${token}`, ...headers } },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const { statusCode = 0, rawHeaders, headers: named } = incoming
          resolve({ status: statusCode, rawHeaders, headers: named, body: Buffer.concat(chunks) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const json = ({ body }: Raw) => JSON.parse(String(body))

describe.each([
  ['the drop-in port', () => stand.dropIn],
  ['/custom', () => `${stand.url}/custom`],
])('%s', (surface, base) => {
  it('passes path, query, headers and body on as they are, with the real credential in place of the token', async () => {
    const body = 'a=%5B1%5D&b= c'
    const target = '/v1/customers?x[0]=a%20b&x[1]=%2F&flag'
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Custom': 'Kept As Is', Cookie: 'c=1' }
    await send(`${base()}${target}`, { method: 'POST', headers, body })
    const reached = stand.upstream.reached.at(-1)
    expect(reached).toMatchObject({ verb: 'POST', target })
    expect(String(reached?.body)).toBe(body)
    expect(reached?.headers).toMatchObject({ authorization: 'Bearer ak_test_good1', 'x-custom': 'Kept As Is' })
    expect(reached?.headers).not.toHaveProperty('cookie')
    expect(reached?.headers.host).toBe(new URL(stand.upstream.origin).host)
    expect(JSON.stringify(reached?.rawHeaders)).not.toContain(token)
  })

  it('answers with status, headers and bytes of the provider, also of its failures', async () => {
    const bytes = gzipSync('{"ok":true}')
    stand.upstream.next = (_request, response) => {
      response.writeHead(402, [
        ...['Content-Type', 'application/json', 'Content-Encoding', 'gzip', 'Content-Length', String(bytes.length)],
        ...['Request-Id', 'up_9', 'X-Odd-Case', 'Yes', 'Set-Cookie', 'a=b', 'Idempotent-Replayed', 'true'],
      ])
      response.end(bytes)
    }
    const answer = await send(`${base()}/v1/customers/cus0000`)
    expect(answer.status).toBe(402)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.rawHeaders).toEqual(expect.arrayContaining(['X-Odd-Case', 'Yes', 'Request-Id', 'up_9']))
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      'idempotent-replayed': 'true',
      'content-length': String(bytes.length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
    })
    expect(answer.headers).not.toHaveProperty('set-cookie')
  })

  it('streams large bodies both ways', async () => {
    const body = Buffer.alloc(3_000_000, 'onefold ')
    const hash = createHash('sha256').update(body).digest('hex')
    stand.upstream.next = (request, response) => {
      response.writeHead(200, { 'x-hash': createHash('sha256').update(request.body).digest('hex') })
      response.end(request.body)
    }
    const answer = await send(`${base()}/v1/files`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(answer.headers['x-hash']).toBe(hash)
    expect(createHash('sha256').update(answer.body).digest('hex')).toBe(hash)
  })

  it('answers HEAD without a body and passes 204 on', async () => {
    const head = await send(`${base()}/v1/customers`, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    stand.upstream.next = (_request, response) => response.writeHead(204).end()
    expect(await send(`${base()}/v1/customers/cus0000`, { method: 'DELETE' })).toMatchObject({ status: 204 })
  })

  it('breaks the connection where the provider breaks it', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    }
    await expect(send(`${base()}/v1/customers`)).rejects.toThrow()
  })

  it('ends the request to the provider when the client leaves', async () => {
    const closed = new Promise<boolean>((resolve) => {
      stand.upstream.next = (_request, response) => {
        response.on('close', () => resolve(response.writableFinished))
        leave()
      }
    })
    const outgoing = httpRequest(`${base()}/v1/customers`, { headers: { authorization: `Bearer ${token}` } })
    outgoing.on('error', () => undefined)
    const leave = () => outgoing.destroy()
    outgoing.end()
    expect(await closed).toBe(false)
  })

  it.each([
    ['a provider key', '/v1/customers', { authorization: 'Bearer ak_live_abcdef' }, 401, 'provider_key_refused'],
    ['no token', '/v1/customers', { authorization: '' }, 401, 'unauthorized'],
    ['a header that chooses the account', '/v1/customers', { 'Acme-Account': 'acct_2' }, 400, 'owned_parameter'],
    ['an undeclared operation', '/v1/secrets', {}, 403, 'forbidden'],
    ['an operation on credentials', '/v1/keys', {}, 403, 'forbidden'],
    ['a path that climbs', '/v1/customers/..%2f..%2fkeys', {}, 400, 'path_not_allowed'],
    ['a host of its own', '/v1/customers', { host: 'evil.example' }, 421, 'origin_refused'],
    ['a body too large', '/v1/files', { 'content-length': '200000000' }, 413, 'body_too_large'],
  ])('refuses %s before anything is sent', async (_what, path, headers, status, code) => {
    const before = stand.upstream.reached.length
    const method = path.endsWith('files') ? 'POST' : 'GET'
    const answer = await send(`${base()}${path}`, { method, headers: headers as Record<string, string> })
    expect(json(answer)).toMatchObject({ code, status })
    expect(answer.status).toBe(status)
    expect(stand.upstream.reached).toHaveLength(before)
    expect(answer.headers['x-request-id']).toBe(json(answer).request_id)
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  it('lets an explicit grant do it', async () => {
    const granted = await stand.accountToken({ effects: ['read', 'credential'] })
    const headers = { authorization: `Bearer ${granted}` }
    expect((await send(`${base()}/v1/keys`, { headers })).status).toBe(200)
    expect((await send(`${base()}/v1/secrets`, { headers })).status).toBe(404)
    expect(stand.upstream.reached.at(-1)?.target).toBe('/v1/secrets')
  })

  it('sees the reach of a token by operation, and audits what moves money', async () => {
    const listOnly = await stand.accountToken({ methods: ['list'] })
    const headers = { authorization: `Bearer ${listOnly}` }
    expect((await send(`${base()}/v1/customers`, { headers })).status).toBe(200)
    expect((await send(`${base()}/v1/customers/cus0000`, { headers })).status).toBe(403)
    const body = '{"charge":"ch_1","amount":5}'
    await send(`${base()}/v1/refunds`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    const action = `${surface === '/custom' ? 'custom' : 'drop_in'}/refunds/create`
    const audit = await stand.call('GET', `/audit-log?action=${action}`)
    expect(audit.body.result[0]).toMatchObject({ outcome: 'succeeded', details: { status: 200 } })
  })

  it('refuses two framings of one body', async () => {
    const { port } = new URL(base())
    const path = surface === '/custom' ? '/custom/v1/customers' : '/v1/customers'
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += String(chunk)))
      socket.on('end', () => resolve(text))
      socket.on('error', reject)
      const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}`
      socket.write(`${head}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('invalid_request')
  })
})

describe('who is meant', () => {
  it('an API token names its account below /custom, and that parameter stays here', async () => {
    const url = `${stand.url}/custom/v1/customers?limit=1&integrated_account_id=acme-1&x=%2F`
    const answer = await send(url, { headers: { authorization: `Bearer ${ADMIN}` } })
    expect(answer.status).toBe(200)
    expect(stand.upstream.reached.at(-1)?.target).toBe('/v1/customers?limit=1&x=%2F')
    const nobody = await send(`${stand.url}/custom/v1/customers`, { headers: { authorization: `Bearer ${ADMIN}` } })
    expect(json(nobody).code).toBe('ambiguous_account')
  })

  it('the drop-in port takes account tokens only, and basic authentication too', async () => {
    const admin = await send(`${stand.dropIn}/v1/customers`, { headers: { authorization: `Bearer ${ADMIN}` } })
    expect(json(admin)).toMatchObject({ code: 'ambiguous_account', error: { code: 'ambiguous_account' } })
    const basic = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
    expect((await send(`${stand.dropIn}/v1/customers`, { headers: { authorization: basic } })).status).toBe(200)
  })

  it('a revoked token is refused from the next call on', async () => {
    const { body } = await stand.call('POST', '/integrated-account/acme-1/token', { body: {} })
    const headers = { authorization: `Bearer ${body.token}` }
    expect((await send(`${stand.dropIn}/v1/customers`, { headers })).status).toBe(200)
    await stand.call('DELETE', `/integrated-account/acme-1/token/${body.id}`)
    expect(json(await send(`${stand.dropIn}/v1/customers`, { headers })).code).toBe('unauthorized')
  })
})
