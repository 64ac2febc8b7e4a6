import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { certificateUrl } from '../../engine/webhooks/index.ts'
import { selfSigned } from '../../server/sandbox/certificate.ts'
import { deliveryOf, idsIn, NOW, read, rulesOf, URL_OF } from './support.ts'

const SECRET = 'the-secret'
const hmac = (text: string, key: string | Buffer = SECRET, encoding: 'hex' | 'base64' = 'hex', hash = 'sha256') =>
  createHmac(hash, key).update(text).digest(encoding)
const body = JSON.stringify({ id: 'e1', kind: 'paid' })
const EVENT = 'event: { id: id, type: kind }'

describe('signatures of a delivery', () => {
  it('over the address and the body, in base64', () => {
    const rules = rulesOf(`signature: { value: '$headers.\`x-sig\`', encoding: base64, parts: [url, body] }\n${EVENT}`)
    const signature = hmac(URL_OF + body, SECRET, 'base64')
    expect(idsIn(rules, deliveryOf(body, { 'X-Sig': signature }))).toEqual(['e1'])
    expect(idsIn(rules, { ...deliveryOf(body, { 'X-Sig': signature }), url: `${URL_OF}x` })).toBe('signature_refused')
  })

  it('over the body alone, the id of the event in a header', () => {
    const rules = rulesOf(
      "signature: { value: '$headers.`x-sig`' }\nevent: { id: '$headers.`x-event-id`', type: kind }",
    )
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': hmac(body), 'x-event-id': 'h7' }))).toEqual(['h7'])
  })

  it('bytes count, not the text that they are read as', () => {
    const rules = rulesOf(`signature: { value: '$headers.\`x-sig\`' }\n${EVENT}`)
    const bytes = Buffer.from([...Buffer.from('{"id":"e1","kind":"'), 0xff, ...Buffer.from('"}')])
    const signature = createHmac('sha256', SECRET).update(bytes).digest('hex')
    expect(idsIn(rules, deliveryOf(bytes, { 'x-sig': signature }))).toBe('invalid_json')
    expect(idsIn(rules, deliveryOf(bytes.toString(), { 'x-sig': signature }))).toBe('signature_refused')
  })

  it('with milliseconds in front and several signatures behind', () => {
    const rules = rulesOf(`
signature:
  value: '$split($headers.\`x-sig\`, ",")[[1..9]]'
  parts: [timestamp, body]
  separator: .
  timestamp: { value: '$split($headers.\`x-sig\`, ",")[0]', form: ms, tolerance_s: 300 }
${EVENT}`)
    const at = (ms: number) => `${ms},${'0'.repeat(64)},${hmac(`${ms}.${body}`)}`
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': at(NOW - 300_000) }))).toEqual(['e1'])
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': at(NOW - 301_000) }))).toBe('signature_refused')
  })

  it('named by pairs, with a time in RFC 3339', () => {
    const rules = rulesOf(`
signature:
  value: '$split($headers.\`x-sig\`, ";")[$substring($, 0, 3) = "h1="].$substring($, 3)'
  parts: [timestamp, body]
  separator: ':'
  timestamp: { value: '$split($headers.\`x-sig\`, ";")[$substring($, 0, 3) = "ts="].$substring($, 3)', form: rfc3339, tolerance_s: 5 }
${EVENT}`)
    const time = '2026-05-31T23:59:55Z'
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': `ts=${time};h1=${hmac(`${time}:${body}`)}` }))).toEqual(['e1'])
    const nonsense = 'ts=yesterday;h1=00'
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': nonsense }))).toBe('signature_refused')
  })

  it('a password that is sent along', () => {
    const rules = rulesOf(
      `signature: { algorithm: token, value: $headers.authorization, key: "'Basic ' & $base64('onefold:' & $secret)" }\n${EVENT}`,
    )
    const authorization = `Basic ${Buffer.from(`onefold:${SECRET}`).toString('base64')}`
    expect(idsIn(rules, deliveryOf(body, { authorization }))).toEqual(['e1'])
    expect(idsIn(rules, deliveryOf(body, { authorization: `${authorization} ` }))).toBe('signature_refused')
    expect(idsIn(rules, deliveryOf(body))).toBe('signature_refused')
  })

  it('with a public key', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const rules = rulesOf(`signature: { algorithm: ed25519, value: '$headers.\`x-sig\`', encoding: base64 }\n${EVENT}`)
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const signature = sign(null, Buffer.from(body), privateKey).toString('base64')
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': signature }), { secrets: [pem] })).toEqual(['e1'])
    expect(idsIn(rules, deliveryOf(`${body} `, { 'x-sig': signature }), { secrets: [pem] })).toBe('signature_refused')
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': signature }), { secrets: ['no key'] })).toBe('signature_refused')
  })
})

describe('a certificate that the delivery names', () => {
  const rules = rulesOf(`
signature:
  algorithm: rsa
  value: '$headers.\`x-sig\`'
  encoding: base64
  certificate: { url: '$headers.\`x-cert\`', hosts: [api.acme.test] }
  parts: [{ value: '$headers.\`x-id\`' }, timestamp, { value: $endpoint.id }, body_crc32]
  separator: '|'
  timestamp: { value: '$headers.\`x-time\`', form: rfc3339 }
${EVENT}`)

  it.each([
    ['https://api.acme.test/certs/1', 'https://api.acme.test/certs/1'],
    ['https://api.acme.test.evil.test/certs/1', 'signature_refused'],
    ['https://api.acme.test@evil.test/', 'signature_refused'],
    ['http://api.acme.test/certs/1', 'signature_refused'],
    ['https://api.acme.test:8443/certs/1', 'signature_refused'],
    ['https://user:key@api.acme.test/', 'signature_refused'],
    ['', 'signature_refused'],
  ])('is taken from the hosts of the definition only: %s', (url, expected) => {
    const ask = () => {
      try {
        return certificateUrl(rules.signature!, deliveryOf(body, { 'x-cert': url }))
      } catch (thrown) {
        return (thrown as { code: string }).code
      }
    }
    expect(ask()).toBe(expected)
  })

  it('verifies the parts, a checksum of the body among them', () => {
    const { privateKey, certificate } = selfSigned('api.acme.test')
    const time = '2026-06-01T00:00:00Z'
    const signed = `id-1|${time}|hook-1|${crc32(body)}`
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64')
    const headers = { 'x-sig': signature, 'x-id': 'id-1', 'x-time': time, 'x-cert': 'https://api.acme.test/c' }
    const keys = { endpointId: 'hook-1', certificate }
    expect(idsIn(rules, deliveryOf(body, headers), keys)).toEqual(['e1'])
    expect(idsIn(rules, deliveryOf(body, headers), { ...keys, endpointId: 'hook-2' })).toBe('signature_refused')
    expect(idsIn(rules, deliveryOf(`${body} `, headers), keys)).toBe('signature_refused')
    expect(idsIn(rules, deliveryOf(body, headers), { endpointId: 'hook-1' })).toBe('signature_refused')
  })
})

describe('events of a delivery', () => {
  it('many in one', () => {
    const rules = rulesOf(`signature: { value: '$headers.\`x-sig\`' }\nevents: events\n${EVENT}`)
    const many = JSON.stringify({
      events: [
        { id: 'e1', kind: 'a' },
        { id: 'e2', kind: 'b' },
      ],
    })
    expect(idsIn(rules, deliveryOf(many, { 'x-sig': hmac(many) }))).toEqual(['e1', 'e2'])
    const none = '{"events":[]}'
    expect(idsIn(rules, deliveryOf(none, { 'x-sig': hmac(none) }))).toEqual([])
    const odd = '{"events":[{"id":"e1"}]}'
    expect(idsIn(rules, deliveryOf(odd, { 'x-sig': hmac(odd) }))).toBe('invalid_body')
  })

  it('each signed by itself, in the body, with a key in hex', () => {
    const key = '00ff10ab'
    const rules = rulesOf(`
signature:
  per: event
  value: data.signature
  encoding: base64
  key_encoding: hex
  parts: [{ value: ref }, { value: amount.value }, { value: amount.currency }, { value: kind }]
  separator: ':'
answer: '[accepted]'
events: items.item
event: { id: ref & '/' & kind, type: kind }`)
    const item = (ref: string, value: number) => ({
      item: {
        ref,
        kind: 'paid',
        amount: { value, currency: 'EUR' },
        data: { signature: hmac(`${ref}:${value}:EUR:paid`, Buffer.from(key, 'hex'), 'base64') },
      },
    })
    const good = JSON.stringify({ items: [item('r1', 100), item('r2', 250)] })
    expect(rules.answer).toBe('[accepted]')
    expect(idsIn(rules, deliveryOf(good), { secrets: [key] })).toEqual(['r1/paid', 'r2/paid'])
    expect(idsIn(rules, deliveryOf(good.replace('250', '251')), { secrets: [key] })).toBe('signature_refused')
  })

  it('without an id are told apart by what they say', () => {
    const rules = rulesOf("signature: { value: '$headers.`x-sig`' }\nevent: { type: kind }")
    const of = (text: string) => idsIn(rules, deliveryOf(text, { 'x-sig': hmac(text) }))
    expect(of('{"kind":"a","n":1}')).toEqual(of('{ "kind":"a", "n":1 }'))
    expect(of('{"kind":"a","n":1}')).not.toEqual(of('{"kind":"a","n":2}'))
  })

  it('unsigned ones are believed nothing but an id, and each is a new one', () => {
    const rules = rulesOf('body: form\nverify: by_fetch\nevent: { type: "\'changed\'" }')
    const received = read(rules, deliveryOf('id=tr_1&status=paid'))
    expect(received).toMatchObject({ events: [{ id: null, type: 'changed', account: null }] })
  })

  it('of an unsigned kind come to the same address, and what is signed stays so', () => {
    const rules = rulesOf(
      `signature: { value: '$headers.\`x-sig\`' }\nunsigned: { when: '$headers.\`content-type\` = "form"', body: form, event: { type: "'changed'", account: of } }\n${EVENT}`,
    )
    const form = { 'content-type': 'form' }
    const received = read(rules, deliveryOf('id=tr_1&kind=paid&of=acct_1', form))
    expect(received).toMatchObject({
      events: [{ id: null, type: 'changed', account: 'acct_1', value: { id: 'tr_1', kind: 'paid' } }],
    })
    expect(idsIn(rules, deliveryOf(body, { 'x-sig': hmac(body) }))).toEqual(['e1'])
    expect(idsIn(rules, deliveryOf(body))).toBe('signature_refused')
    expect(idsIn(rules, deliveryOf(body, { 'content-type': 'formal' }))).toBe('signature_refused')
  })

  it('name the account and the version', () => {
    const rules = rulesOf(
      "signature: { value: '$headers.`x-sig`' }\nevent: { id: id, type: kind, account: of, api_version: v }",
    )
    const text = '{"id":7,"kind":"a","of":"acct_1","v":"2026-01-01"}'
    expect(read(rules, deliveryOf(text, { 'x-sig': hmac(text) }))).toMatchObject({
      events: [{ id: '7', account: 'acct_1', apiVersion: '2026-01-01' }],
    })
  })

  it('a challenge is answered', () => {
    const rules = rulesOf(`signature: { value: '$headers.\`x-sig\`' }\nchallenge: challenge\n${EVENT}`)
    expect(idsIn(rules, deliveryOf('{"challenge":"abc"}'))).toBe('abc')
    expect(idsIn(rules, deliveryOf('{"challenge":{"a":1}}'))).toBe('signature_refused')
  })

  it.each([
    ['no JSON', 'x', 'invalid_json'],
    ['nothing', '', 'invalid_json'],
    ['too deep', `${'['.repeat(200)}${']'.repeat(200)}`, 'invalid_body'],
    ['a list of too many', `[${'{"kind":"a"},'.repeat(10_000)}{"kind":"a"}]`, 'invalid_body'],
  ])('%s', (_name, text, code) => {
    const rules = rulesOf(`signature: { value: '$headers.\`x-sig\`' }\nevents: $\n${EVENT}`)
    expect(idsIn(rules, deliveryOf(text, { 'x-sig': hmac(text) }))).toBe(code)
  })
})
