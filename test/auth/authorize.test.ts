import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorize, resolveOrigin } from '../../engine/auth/index.ts'
import type { CompiledAuthMethod } from '../../engine/definition/catalog.ts'
import { EngineError } from '../../engine/errors.ts'
import { Secret } from '../../engine/secret.ts'
import type { RequestSpec } from '../../engine/types.ts'
import { authMethod, expression, host, integration, template } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'

const acme = integration([], { hosts: new Map([['default', host('default', 'https://api.acme.test/base')]]) })
const origin = resolveOrigin(acme, 'default', { mode: null, connection: {}, baseUrl: null })

const spec = (extra: Partial<RequestSpec> = {}): RequestSpec => ({
  verb: 'POST',
  host: 'default',
  path: '/v1/x%2Fy',
  query: [['a b', 'c&d']],
  headers: [['X-A', '1']],
  body: undefined,
  contentType: undefined,
  timeoutMs: 1,
  maxBytes: 2,
  ...extra,
})

const wire = (
  method: CompiledAuthMethod,
  credentials: Record<string, string>,
  extra: Partial<RequestSpec> = {},
  connection: Record<string, string> = {},
) => authorize(spec(extra), origin, method, { credentials: new Secret(credentials), connection }, origin)

const bearer = authMethod('bearer', { token: expression('$credentials.key') })
const basic = authMethod('basic', {
  username: expression('$credentials.user'),
  password: expression('$credentials.password'),
})
const key = (where: 'header' | 'query' | 'body', keyName: string) =>
  authMethod('api_key', { in: where, keyName, value: template('Key {{ $credentials.key }}') })

const bodyOf = (request: { body?: unknown }) => Buffer.from(request.body as Uint8Array).toString()

describe('authorize', () => {
  it('puts URL, headers and limits together', () => {
    expect(wire(bearer, { key: 'k1' })).toEqual({
      verb: 'POST',
      url: 'https://api.acme.test/base/v1/x%2Fy?a%20b=c%26d',
      headers: [
        ['X-A', '1'],
        ['Authorization', 'Bearer k1'],
      ],
      body: undefined,
      timeoutMs: 1,
      maxBytes: 2,
      isGranted: false,
    })
  })

  it.each([
    'https://evil.test/base',
    'http://api.acme.test/base',
    'https://api.acme.test:8443/base',
    'https://api.acme.test.evil.test/',
    'https://user@api.acme.test/base',
  ])('never attaches credentials to %s', (address) => {
    const work = () =>
      authorize(spec(), new URL(address), bearer, { credentials: new Secret({ key: 'k1' }), connection: {} }, origin)
    expect(codeOf(work)).toBe('egress_refused')
  })

  it('says when the origin was granted to the account', () => {
    const account = { mode: null, connection: {}, baseUrl: 'http://127.0.0.1:4010' }
    const granted = resolveOrigin(acme, 'default', account)
    const request = authorize(
      spec(),
      granted,
      bearer,
      { credentials: new Secret({ key: 'k1' }), connection: {} },
      granted,
    )
    expect([request.isGranted, request.url]).toEqual([true, 'http://127.0.0.1:4010/base/v1/x%2Fy?a%20b=c%26d'])
  })

  it('basic: RFC 7617 in UTF-8, the password may be missing and may hold colons', () => {
    const of = (user: string, password?: string) =>
      wire(basic, password === undefined ? { user } : { user, password }).headers.at(-1)?.[1]
    expect(of('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(of('test', '123£')).toBe('Basic dGVzdDoxMjPCow==')
    expect(of('sk')).toBe(`Basic ${Buffer.from('sk:').toString('base64')}`)
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (user, password) => {
        fc.pre(!user.includes(':') && !/\p{Cc}/u.test(user + password))
        const text = Buffer.from(of(user, password)?.slice(6) ?? '', 'base64').toString()
        expect(text).toBe(`${user}:${password}`)
      }),
    )
  })

  it('basic: a colon in the user name and control characters are refused', () => {
    expect(codeOf(() => wire(basic, { user: 'a:b', password: 'c' }))).toBe('invalid_credentials')
    expect(codeOf(() => wire(basic, { user: 'a', password: 'c\r\n' }))).toBe('invalid_credentials')
  })

  it.each(['k\r\nX-Evil: 1', 'a b', 'é', ''])('bearer: the token %j is refused', (token) => {
    expect(codeOf(() => wire(bearer, { key: token }))).toBe('invalid_credentials')
  })

  it('api_key in a header takes the place of one of the same name', () => {
    const request = wire(key('header', 'X-Api-Key'), { key: 'k1' }, { headers: [['x-api-key', 'mine']] })
    expect(request.headers).toEqual([['X-Api-Key', 'Key k1']])
    expect(codeOf(() => wire(key('header', 'X-Api-Key'), { key: 'a\nb' }))).toBe('invalid_credentials')
  })

  it('api_key in the query is encoded and comes last', () => {
    expect(wire(key('query', 'api key'), { key: 'a&b' }).url).toMatch(/\?a%20b=c%26d&api%20key=Key%20a%26b$/)
    expect(wire(key('query', 'k'), { key: '1' }, { query: [] }).url).toMatch(/x%2Fy\?k=Key%201$/)
  })

  it('api_key in a JSON body goes to its dotted path', () => {
    const body = Buffer.from('{"auth":{"mode":"x"},"a":1}')
    const request = wire(key('body', 'auth.key'), { key: 'k' }, { body, contentType: 'application/json' })
    expect(JSON.parse(bodyOf(request))).toEqual({ auth: { mode: 'x', key: 'Key k' }, a: 1 })
    expect(request.headers).toContainEqual(['Content-Type', 'application/json'])
  })

  it('api_key in a form body is one more field; without a body it is a JSON one', () => {
    const contentType = 'application/x-www-form-urlencoded'
    const form = wire(key('body', 'auth.key'), { key: 'a&b' }, { body: Buffer.from('a=1'), contentType })
    expect(bodyOf(form)).toBe('a=1&auth%5Bkey%5D=Key%20a%26b')
    expect(bodyOf(wire(key('body', 'k'), { key: '1' }))).toBe('{"k":"Key 1"}')
  })

  it.each([
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json', '[1]'],
    ['application/json', '{broken'],
    ['text/plain', 'x'],
  ])('api_key in a %s body of %s is refused', (contentType, body) => {
    const work = () => wire(key('body', 'k'), { key: '1' }, { body: Buffer.from(body), contentType })
    expect(codeOf(work)).toBe('invalid_body')
  })

  it('none adds nothing but the further headers; those without a value are left out', () => {
    const method = authMethod('none', {
      headers: new Map([
        ['Acme-Account', expression('$connection.account')],
        ['Acme-Other', expression('$connection.other')],
      ]),
    })
    expect(wire(method, {}, {}, { account: 'acct_1' }).headers).toEqual([
      ['X-A', '1'],
      ['Acme-Account', 'acct_1'],
    ])
    expect(codeOf(() => wire(method, {}, {}, { account: 'a\r\nb' }))).toBe('invalid_credentials')
  })

  it('no failure shows a credential', () => {
    const secret = 'sk_live_verysecret'
    const failing = [
      () => wire(authMethod('bearer', { token: expression('$number($credentials.key)') }), { key: secret }),
      () => wire(bearer, { key: `${secret} x` }),
      () => wire(basic, { user: `${secret}:x` }),
      () => wire(key('header', 'K'), { key: `${secret}\n` }),
      () => wire(authMethod('bearer', { token: expression('$credentials') }), { key: secret }),
      () =>
        wire(
          authMethod('api_key', { in: 'header', keyName: 'K', value: template('{{ $number($credentials.key) }}') }),
          { key: secret },
        ),
    ]
    for (const work of failing) {
      const thrown = (() => {
        try {
          return work()
        } catch (error) {
          return error
        }
      })()
      expect(thrown).toBeInstanceOf(EngineError)
      expect((thrown as EngineError).code).toBe('invalid_credentials')
      expect(inspect(thrown, { depth: 9 })).not.toContain('verysecret')
    }
  })
})
