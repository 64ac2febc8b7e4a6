import { describe, expect, it } from 'vitest'
import { type OriginAccount, resolveOrigin } from '../../engine/auth/index.ts'
import { host, integration } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'

const acme = integration([], {
  settings: { site: { label: 'Site', pattern: '[a-z0-9-]+' }, region: { label: 'Region' } },
  hosts: new Map(
    [
      host('default', 'https://api.acme.test/base/', '.acme.test', { test: 'https://sandbox.acme.test' }),
      host('site', 'https://{{ $connection.site }}.acme.test', '.acme.test'),
      host('named', 'https://{{ $connection.site }}-pay.acme.test', '.acme.test', { test: 'https://pay.other.test' }),
      host('region', 'https://api.{{ $connection.region }}.acme.test', 'acme.test'),
      host('bare', 'https://{{ $connection.site }}.acme.test'),
      host('elsewhere', 'https://acme.test.evil.test', '.acme.test'),
      host('lookalike', 'https://evilacme.test', 'acme.test'),
      host('userinfo', 'https://user:pass@api.acme.test'),
      host('query', 'https://api.acme.test/?x=1'),
      host('scheme', 'ftp://api.acme.test'),
    ].map((each) => [each.name, each] as const),
  ),
})

const account = (extra: Partial<OriginAccount> = {}): OriginAccount => ({
  mode: null,
  connection: {},
  baseUrl: null,
  ...extra,
})

const hrefOf = (name: string, extra: Partial<OriginAccount> = {}) => resolveOrigin(acme, name, account(extra)).href

describe('resolveOrigin', () => {
  it("takes the definition's host, by mode where it has one", () => {
    expect(hrefOf('default')).toBe('https://api.acme.test/base/')
    expect(hrefOf('default', { mode: 'test' })).toBe('https://sandbox.acme.test/')
    expect(hrefOf('default', { mode: 'live' })).toBe('https://api.acme.test/base/')
    expect(resolveOrigin(acme, 'default', account()).isGranted).toBe(false)
  })

  it("an account's own base URL takes the place of the origin, before the host's base path", () => {
    const origin = resolveOrigin(acme, 'default', account({ baseUrl: 'http://127.0.0.1:4010/gate' }))
    expect([origin.href, origin.isGranted]).toEqual(['http://127.0.0.1:4010/gate/base', true])
    expect(hrefOf('default', { baseUrl: 'http://127.0.0.1:4011' })).toBe('http://127.0.0.1:4011/base')
    expect(hrefOf('default')).toBe('https://api.acme.test/base/')
  })

  it('fills one label of the host with a setting', () => {
    expect(hrefOf('site', { connection: { site: 'my-shop' } })).toBe('https://my-shop.acme.test/')
    expect(hrefOf('region', { connection: { region: 'eu1' } })).toBe('https://api.eu1.acme.test/')
  })

  it.each([
    'evil.com/#',
    'evil.com/',
    'evil.com?',
    'evil.com\\',
    'evil.com:443/',
    'user@evil',
    'a.b',
    'a/b',
    '',
    '-a',
    'a-',
    'a b',
    'a\n',
    'a%2e',
    'é',
    '。',
    'x'.repeat(64),
  ])('refuses the setting %j', (value) => {
    expect(codeOf(() => hrefOf('site', { connection: { site: value } }))).toBe('egress_refused')
    expect(codeOf(() => hrefOf('region', { connection: { region: value } }))).toBe('egress_refused')
  })

  it('the pattern of a setting fits the whole value', () => {
    expect(codeOf(() => hrefOf('site', { connection: { site: 'SHOP' } }))).toBe('egress_refused')
    expect(hrefOf('region', { connection: { region: 'EU' } })).toBe('https://api.eu.acme.test/')
  })

  it('a mode may have a fixed host of another name beside one that is built', () => {
    expect(hrefOf('named', { mode: 'test' })).toBe('https://pay.other.test/')
    expect(hrefOf('named', { connection: { site: 'a1' } })).toBe('https://a1-pay.acme.test/')
    expect(codeOf(() => hrefOf('named', { mode: 'live' }))).toBe('egress_refused')
  })

  it('refuses a host that lacks its setting, its suffix, or a plain address', () => {
    expect(codeOf(() => hrefOf('site'))).toBe('egress_refused')
    expect(codeOf(() => hrefOf('bare', { connection: { site: 'a' } }))).toBe('egress_refused')
    for (const name of ['elsewhere', 'lookalike', 'userinfo', 'query', 'scheme'])
      expect(codeOf(() => hrefOf(name))).toBe('egress_refused')
    expect(codeOf(() => hrefOf('unknown'))).toBe('definition_invalid')
  })

  it.each(['', 'acme.test', 'file:///etc/passwd', 'https://user:pass@x.test', 'https://x.test/#a', 'https://x.test?a'])(
    'refuses the base URL %j',
    (baseUrl) => {
      expect(codeOf(() => hrefOf('default', { baseUrl }))).toBe('egress_refused')
    },
  )

  it('an inherited name is no setting', () => {
    expect(codeOf(() => hrefOf('site', { connection: Object.create({ site: 'a/b' }) }))).toBe('egress_refused')
  })
})
