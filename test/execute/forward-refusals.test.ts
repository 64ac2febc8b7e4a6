import { describe, expect, it } from 'vitest'
import type { Operation } from '../../engine/index.ts'
import type { Definition } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { call, desk, pass, tap } from './forwarding.ts'

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
