import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signed, signsBody } from '../../engine/auth/index.ts'
import type { CompiledAuthMethod, Signing } from '../../engine/definition/catalog.ts'
import { Secret, type WireRequest } from '../../engine/index.ts'
import { authMethod, expression } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'

const SCOPE = ['signature', 'timestamp', 'nonce', 'credentials', 'connection', 'app']
const slot = (source: string) => expression(source, SCOPE)

const NOW = 1_760_000_000_500
const request: WireRequest = {
  verb: 'POST',
  url: 'https://api.acme.test/v1/things?b=2&a=%20',
  headers: [['X-A', '1']],
  body: Buffer.from('{"a":"ä"}'),
  timeoutMs: 1,
  maxBytes: 1,
}

const methodWith = (signing: Partial<Signing>): CompiledAuthMethod =>
  authMethod('none', {
    signing: {
      hash: 'sha256',
      key: slot('$credentials.secret'),
      keyEncoding: 'utf8',
      encoding: 'hex',
      parts: ['timestamp', 'verb', 'path', 'query', 'body'],
      separator: '',
      timestamp: 's',
      headers: new Map([['Acme-Signature', slot('$signature')]]),
      ...signing,
    },
  })

const headersOf = (signing: Partial<Signing>, secret = 'key-1', of: WireRequest = request): Record<string, string> => {
  const holder = { credentials: new Secret({ secret }), connection: {} }
  return Object.fromEntries(signed(of, methodWith(signing), holder, { nowMs: NOW, nonce: 'n-1' }).headers)
}

const hmac = (text: string, key: string | Buffer = 'key-1', hash = 'sha256') => createHmac(hash, key).update(text)

describe('signing a request (HMAC, RFC 2104)', () => {
  it('covers the named parts in their order and leaves the rest of the request alone', () => {
    const wanted = hmac('1760000000POST/v1/thingsb=2&a=%20{"a":"ä"}').digest('hex')
    expect(headersOf({})).toEqual({ 'X-A': '1', 'Acme-Signature': wanted })
  })

  it('takes a separator, other hashes, encodings, keys and times', () => {
    const body_hash = createHash('sha512')
      .update(request.body as Buffer)
      .digest('base64')
    const given: Partial<Signing> = {
      ...{ hash: 'sha512', encoding: 'base64', keyEncoding: 'hex', separator: '\n', timestamp: 'rfc3339' },
      parts: ['host', 'target', 'nonce', 'timestamp', 'body_hash'],
      headers: new Map([
        ['Authorization', slot("'HMAC ' & $signature")],
        ['Acme-Time', slot('$timestamp')],
        ['Acme-Nonce', slot('$nonce')],
        ['Acme-Left-Out', slot('$connection.nothing')],
      ]),
    }
    const text = ['api.acme.test', '/v1/things?b=2&a=%20', 'n-1', '2025-10-09T08:53:20Z', body_hash].join('\n')
    const signature = hmac(text, Buffer.from('00ff', 'hex'), 'sha512').digest('base64')
    expect(headersOf(given, '00ff')).toEqual({
      ...{ 'X-A': '1', Authorization: `HMAC ${signature}`, 'Acme-Time': '2025-10-09T08:53:20Z', 'Acme-Nonce': 'n-1' },
    })
  })

  it('covers an empty body as nothing, and knows whether it needs the body at all', () => {
    const { body: _body, ...bodiless } = request
    expect(headersOf({ parts: ['verb', 'body'] }, 'key-1', bodiless)['Acme-Signature']).toBe(hmac('POST').digest('hex'))
    expect(signsBody(methodWith({ parts: ['body_hash'] }))).toBe(true)
    expect(signsBody(methodWith({ parts: ['verb', 'path'] }))).toBe(false)
  })

  it('is refused without a key, and no message holds one', () => {
    expect(codeOf(() => headersOf({}, ''))).toBe('invalid_credentials')
  })
})
