import { describe, expect, it } from 'vitest'
import { buildRequest } from '../../engine/request/index.ts'
import type { OperationInput } from '../../engine/types.ts'
import { integration, operation, owned, template } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'

const get = operation('customers.get', 'GET', '/v1/{{ $connection.site }}/customers/{{ $path.id }}.json', {
  host: 'files',
  request: {
    arrays: 'brackets',
    timeoutMs: 1234,
    headers: new Map([
      ['Accept', template('application/json')],
      ['X-Site', template('{{ $connection.site }}-{{ $account.id }}')],
      ['X-Missing', template('{{ $connection.nothing }}')],
    ]),
  },
})
const create = operation('customers.create', 'POST', '/v1/customers')
const upload = operation('files.create', 'POST', '/v1/files', { request: { body: 'raw' } })
const acme = integration([get, create, upload], {
  apiVersion: { value: '2026-01-01', header: 'Acme-Version', read: undefined },
  owned: owned({
    headers: ['authorization', 'acme-account'],
    query: ['api_key', 'scope[account]'],
    body: ['auth.key', 'token'],
    paths: [],
  }),
})
const context = { connection: { site: 'x' }, apiVersion: null, integration: acme, account: { id: 'acct' } }

const input = (given: Partial<OperationInput> = {}): OperationInput => ({ path: { id: 'cus_1' }, query: {}, ...given })

describe('buildRequest', () => {
  it('puts verb, host, path, query, headers and limits together', () => {
    const spec = buildRequest(get, input({ query: { expand: ['a', 'b'] }, headers: { 'X-Trace': '1' } }), context)
    expect(spec).toEqual({
      verb: 'GET',
      host: 'files',
      path: '/v1/x/customers/cus_1.json',
      query: [
        ['expand[]', 'a'],
        ['expand[]', 'b'],
      ],
      headers: [
        ['X-Trace', '1'],
        ['Accept', 'application/json'],
        ['X-Site', 'x-acct'],
        ['Acme-Version', '2026-01-01'],
      ],
      body: undefined,
      contentType: undefined,
      timeoutMs: 1234,
      maxBytes: 1 << 20,
    })
  })

  it("sends the account's version, and a header of the caller instead of the definition's", () => {
    const spec = buildRequest(get, input({ headers: { accept: 'text/csv' } }), { ...context, apiVersion: '2020-01-01' })
    expect(spec.headers).toContainEqual(['Acme-Version', '2020-01-01'])
    expect(spec.headers).toContainEqual(['accept', 'text/csv'])
    expect(spec.headers.filter(([name]) => name.toLowerCase() === 'accept')).toHaveLength(1)
  })

  it('encodes the body by the rules of the operation', () => {
    const spec = buildRequest(create, input({ path: {}, body: { name: 'Ada' } }), context)
    expect(Buffer.from(spec.body ?? []).toString()).toBe('{"name":"Ada"}')
    expect(spec.contentType).toBe('application/json')
  })

  it('takes the media type of a raw body from the caller, of no other', () => {
    const headers = { 'Content-Type': 'image/png' }
    const spec = buildRequest(upload, input({ path: {}, body: Buffer.from([1]), headers }), context)
    expect(spec.contentType).toBe('image/png')
    expect(spec.headers.some(([name]) => name.toLowerCase() === 'content-type')).toBe(false)
    expect(codeOf(() => buildRequest(create, input({ path: {}, body: {}, headers }), context))).toBe('owned_parameter')
  })

  it.each([
    ['..', 'path_not_allowed'],
    ['cus_1/../../charges', 'path_not_allowed'],
    ['', 'path_not_allowed'],
    [null, 'invalid_parameter'],
    [undefined, 'invalid_parameter'],
  ])('refuses the id %j', (id, code) => {
    expect(codeOf(() => buildRequest(get, input({ path: { id } }), context))).toBe(code)
  })

  it('an id behind a literal dot cannot become a dot segment', () => {
    const hidden = operation('hidden.get', 'GET', '/v1/.{{ $path.id }}/x')
    expect(codeOf(() => buildRequest(hidden, input({ path: { id: '.' } }), context))).toBe('path_not_allowed')
  })

  it.each([
    'Authorization',
    'ACME-Account',
    'Host',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Content-Length',
    'Proxy-Authorization',
    'Proxy-Anything',
    'Cookie',
    'X-HTTP-Method-Override',
    'X-Original-URL',
    'X-Rewrite-URL',
  ])('refuses the header %s', (name) => {
    expect(codeOf(() => buildRequest(get, input({ headers: { [name]: 'x' } }), context))).toBe('owned_parameter')
  })

  it.each(['api_key', 'API_KEY', 'api_key[]', 'api_key[x]', 'api_key.x', 'scope[account]', 'scope'])(
    'refuses the query parameter %s',
    (name) => {
      expect(codeOf(() => buildRequest(get, input({ query: { [name]: 'x' } }), context))).toBe('owned_parameter')
    },
  )

  it.each([{ token: 'x' }, { auth: { key: 'x' } }, { 'auth.key': 'x' }, { token: null }])(
    'refuses the body field in %j',
    (body) => {
      expect(codeOf(() => buildRequest(create, input({ path: {}, body }), context))).toBe('owned_parameter')
    },
  )

  it('a header that would start another line is refused', () => {
    expect(codeOf(() => buildRequest(get, input({ headers: { 'X-A': 'a\r\nX-B: c' } }), context))).toBe(
      'invalid_parameter',
    )
    expect(codeOf(() => buildRequest(get, input({ headers: { 'X A': 'a' } }), context))).toBe('invalid_parameter')
    expect(codeOf(() => buildRequest(get, input({ headers: { 'X-A': '\u0141' } }), context))).toBe('invalid_parameter')
  })
})
