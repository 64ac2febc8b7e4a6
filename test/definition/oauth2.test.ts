import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { compileCatalog } from '../../engine/index.ts'
import type { AuthMethod, Signing } from '../../engine/schema/generated.ts'
import { oauthMethod } from '../oauth/parties.ts'

/** The issues of an acme with this method, as `code text: message`, where text stands at the caret. */
function issuesOf(method: AuthMethod, more: object = {}): string[] {
  const text = stringify({
    ...{ onefold: 1, name: 'acme', label: 'Acme', description: 'Made up.' },
    hosts: { default: { url: 'https://acme.test' }, login: { url: 'https://login.acme.test' } },
    auth: { methods: { oauth: method } },
    ...more,
  })
  const { issues } = compileCatalog([{ path: 'integrations/acme/integration.yaml', text }])
  return issues.map(({ code, line, column, message, hint }) => {
    expect(hint).not.toBe('')
    const at = text
      .split('\n')
      [line - 1]?.slice(column - 1)
      .split(':')[0]
    return `${code} ${at}: ${message}`
  })
}

const signing: Signing = { key: '$credentials.secret', parts: ['body'], headers: { 'X-S': '$signature' } }
const token = { path: '/oauth/token' }
const authorize = { path: '/oauth/authorize' }

describe('an oauth2 method', () => {
  it('that is whole has no issue', () => {
    expect(issuesOf(oauthMethod({ revoke: { host: 'login', path: '/revoke' } }))).toEqual([])
  })

  it.each<[string, AuthMethod, readonly string[]]>([
    ['without `oauth2`', { type: 'oauth2', label: 'X' }, ['auth_keys oauth: `type: oauth2` needs `oauth2`']],
    [
      'on another type',
      { type: 'none', label: 'X', oauth2: { token, authorize, client: { id: "'a'", auth: 'none' } } },
      ['auth_keys oauth2: `type: none` does not use `oauth2`'],
    ],
    [
      'whose code grant sends nobody anywhere',
      { ...oauthMethod(), oauth2: { token } },
      ['auth_keys oauth2: `grant: authorization_code` needs `authorize`'],
    ],
    [
      'that asserts and sends people somewhere',
      { ...oauthMethod(), app: {}, oauth2: { grant: 'jwt_bearer', token, authorize } },
      [
        'auth_keys oauth2: `grant: jwt_bearer` needs `assertion`',
        'auth_keys authorize: `grant: jwt_bearer` does not use `authorize`',
      ],
    ],
    [
      'whose app has no secret',
      oauthMethod({}, { app: { client_id: { label: 'Id' } } }),
      ['auth_keys oauth2: the client has no `secret`'],
    ],
    [
      'whose client has no key to sign with',
      oauthMethod({ client: { auth: 'private_key_jwt', secret: '$app.client_secret' } }),
      ['auth_keys client: the client has no `key`'],
    ],
    [
      'that goes to a host that is not there',
      oauthMethod({ token: { host: 'logn', path: '/oauth/token' } }),
      ['unknown_host logn: unknown host `logn`'],
    ],
    [
      'that reads a field which the app does not have',
      oauthMethod({ token: { path: '/t', params: { a: '$app.clientid' } } }),
      ['unknown_setting $app.clientid: unknown field of `app` `clientid`'],
    ],
    [
      'whose app is asked for what nobody sends',
      oauthMethod({}, { app: { ...oauthMethod().app, spare: { label: 'Spare', secret: true } } }),
      ['unused_key spare: the secret `spare` is asked for and never sent'],
    ],
    [
      'that keeps a token twice and tells a setting that is none',
      oauthMethod({ keep: { access_token: '$response.x' }, settings: { site: '$response.site' } }),
      [
        'duplicate_name access_token: `access_token` is a credential or field already',
        'unknown_setting site: unknown setting `site`',
      ],
    ],
    [
      'that says in part where the token goes',
      oauthMethod({}, { in: 'header', name: 'X-Token' }),
      ['auth_keys in: where the token goes is said in part'],
    ],
  ])('%s', (_what, method, issues) => {
    expect(issuesOf(method)).toEqual(issues)
  })

  it('never lets a mapping or a path read the app', () => {
    expect(issuesOf(oauthMethod({ authorize: { path: '/o/{{ $app.client_id }}' } }))[0]).toContain('unknown_variable')
  })

  it('reads what it keeps, and the tokens', () => {
    const method = oauthMethod(
      { keep: { user: '$response.user' } },
      { token: '$app.client_secret', headers: { 'X-User': '$credentials.user', 'X-At': '$credentials.access_token' } },
    )
    expect(issuesOf(method)).toEqual([])
  })
})

describe('a signature', () => {
  const method = { type: 'none' as const, label: 'Signed', fields: { secret: { label: 'Secret', secret: true } } }

  it('goes with any method', () => {
    expect(issuesOf({ ...method, signing })).toEqual([])
  })

  it('that no header carries is told', () => {
    const issues = issuesOf({ ...method, signing: { ...signing, headers: { 'X-S': '$timestamp' } } })
    expect(issues).toEqual(['auth_keys headers: no header carries `$signature`'])
  })
})
