import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSegment, parseTarget } from '../../engine/request/path.ts'
import { codeOf } from '../support/code-of.ts'

const REFUSED = [
  ['absolute form', 'http://evil.test/v1/x'],
  ['authority form', 'evil.test:443'],
  ['no slash', 'v1/charges'],
  ['nothing', ''],
  ['two slashes', '//evil.test/v1'],
  ['two slashes inside', '/v1//charges'],
  ['userinfo', '//user@evil.test/'],
  ['a backslash', '/v1\\..\\charges'],
  ['a backslash for a slash', '/\\evil.test'],
  ['an encoded backslash', '/v1/a%5c..%5ccharges'],
  ['a double-encoded backslash', '/v1/a%255C'],
  ['a dot segment', '/v1/customers/../charges'],
  ['a dot segment at the end', '/v1/customers/..'],
  ['a single dot', '/v1/./charges'],
  ['an encoded dot segment', '/v1/%2e%2e/charges'],
  ['a half encoded dot segment', '/v1/.%2E/charges'],
  ['a double-encoded dot segment', '/v1/%252e%252e/charges'],
  ['a triple-encoded dot segment', '/v1/%25252e%25252e/charges'],
  ['a dot segment behind broken double encoding', '/v1/%25zz/%252e%252e/charges'],
  ['a dot segment with parameters', '/v1/..;a=b/charges'],
  ['an encoded slash', '/v1/customers/cus_1%2Fsources'],
  ['an encoded way out', '/v1/customers/cus_1%2f..%2f..%2fcharges'],
  ['a double-encoded slash', '/v1/customers/cus_1%252Fsources'],
  ['endless encoding', '/v1/%2525252525252541'],
  ['broken encoding', '/v1/%zz'],
  ['broken UTF-8', '/v1/%ff'],
  ['a raw control character', '/v1/a\u0001'],
  ['an encoded control character', '/v1/a%00'],
  ['an encoded line break', '/v1/a%0d%0aX-Evil:%201'],
  ['a double-encoded line break', '/v1/a%250a'],
  ['a raw line break', '/v1/a\r\nX-Evil: 1'],
  ['a line break in the query', '/v1/a?b=\r\nX-Evil: 1'],
  ['a raw space', '/v1/a b'],
  ['raw non-ASCII', '/v1/é'],
  ['a fragment', '/v1/a#/../b'],
  ['a fragment in the query', '/v1/a?b#c'],
] as const

describe('the target of a forwarded request', () => {
  it.each(REFUSED)('is refused with %s', (_, target) => {
    expect(codeOf(() => parseTarget(target))).toBe('path_not_allowed')
  })

  it.each([
    '/',
    '/v1/charges',
    '/v1/charges/',
    '/v1/a.b/..c/c..',
    '/v1/x@y.test',
    '/v1/a%20b',
    '/v1/caf%C3%A9',
    '/v1/100%2525',
  ])('%s passes as written', (target) => {
    expect(parseTarget(target)).toMatchObject({ path: target, query: '' })
  })

  it('keeps the query as written, whatever is encoded in it', () => {
    const query = '?a=..%2F..%5C%0A&b=//x&c=%zz'
    expect(parseTarget(`/v1/charges${query}`)).toMatchObject({ path: '/v1/charges', query })
  })

  it('never resolves elsewhere than below where it is put', () => {
    const unit = fc.constantFrom('/', '\\', '.', '%2e', '%2f', '%5c', '%252e', 'a', '@', ':', ';', '%', '?', '#', '\t')
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (parts) => {
        const target = `/v1/${parts.join('')}`
        if (codeOf(() => parseTarget(target)) === 'path_not_allowed') return
        const url = new URL(`https://api.acme.test/base${target}`)
        expect(url.origin).toBe('https://api.acme.test')
        expect(url.pathname).toBe(`/base${parseTarget(target).path}`)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an id in a path', () => {
  it('fills one segment, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (id) => {
        fc.pre(!id.split(/[/\\]/).some((part) => /^\.\.?(;|$)/.test(part)))
        const url = new URL(`https://api.acme.test/v1/customers/${encodeSegment(id)}/sources`)
        const segments = url.pathname.split('/')
        expect(segments).toHaveLength(5)
        expect(decodeURIComponent(segments[3] ?? '')).toBe(id)
        expect(url.search + url.hash).toBe('')
      }),
      { numRuns: 1000 },
    )
  })

  it('every character of the basic plane lands in one segment', () => {
    const codes = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff)
    const strays = codes
      .map((code) => encodeSegment(`a${String.fromCharCode(code)}b`))
      .filter((segment) => !/^a([A-Za-z0-9\-_.!~*'()]|(%[0-9A-F]{2})+)b$/.test(segment))
    expect(strays).toEqual([])
  })

  it.each(['', '.', '..', 'cus_1/../../charges', '..\\x', 'a/..', '..;x'])('%j is refused', (id) => {
    expect(codeOf(() => encodeSegment(id))).toBe('path_not_allowed')
  })

  it('half a surrogate pair is refused', () => {
    expect(codeOf(() => encodeSegment('a\ud800'))).toBe('invalid_parameter')
  })
})
