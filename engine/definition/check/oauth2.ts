import type { AuthMethod, Integration, OAuth2 } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { unknownName } from '../words.ts'

type Grant = NonNullable<OAuth2['grant']>

/** The key that a grant needs, and that no other has. */
const KEY_OF: Readonly<Partial<Record<Grant, 'authorize' | 'assertion'>>> = {
  authorization_code: 'authorize',
  jwt_bearer: 'assertion',
}

/** Whether an `oauth2` has what its grant needs, goes to hosts that exist, and names what is there. */
export function oauth2Issues(integration: Located<Integration>, method: Located<AuthMethod>): Issue[] {
  const oauth2 = method.at('oauth2')
  if (oauth2 === undefined) return []
  return [
    ...placeIssues(method),
    ...grantIssues(oauth2),
    ...clientIssues(method, oauth2),
    ...hostIssues(integration, oauth2),
    ...nameIssues(integration, method, oauth2),
  ]
}

/** Where the token goes is said whole or not at all. */
function placeIssues(method: Located<AuthMethod>): Issue[] {
  const keys = ['in', 'name', 'value'] as const
  const given = keys.filter((key) => method.at(key) !== undefined)
  if (method.value.type !== 'oauth2' || given.length === 0) return []
  if (given.length === keys.length && method.at('token') === undefined) return []
  const message = 'where the token goes is said in part'
  const hint = 'Give `in`, `name` and `value` together and no `token`, or none of them for a bearer token.'
  return [(method.at(given[0] ?? 'in') as Located<unknown>).issue('key', 'auth_keys', { message, hint })]
}

function grantIssues(oauth2: Located<OAuth2>): Issue[] {
  const grant = oauth2.value.grant ?? 'authorization_code'
  const needed = KEY_OF[grant]
  const foreign = (['authorize', 'assertion'] as const).filter((key) => key !== needed && oauth2.at(key) !== undefined)
  const issues = foreign.map((key) =>
    (oauth2.at(key) as Located<unknown>).issue('key', 'auth_keys', {
      message: `\`grant: ${grant}\` does not use \`${key}\``,
      hint: 'authorization_code takes `authorize`, jwt_bearer takes `assertion`.',
    }),
  )
  if (needed === undefined || oauth2.at(needed) !== undefined) return issues
  const message = `\`grant: ${grant}\` needs \`${needed}\``
  const hint = needed === 'authorize' ? 'Say where the person is sent.' : 'Say what is asserted and what signs it.'
  return [...issues, oauth2.issue('key', 'auth_keys', { message, hint })]
}

/** Whether the app can prove itself as it says. */
function clientIssues(method: Located<AuthMethod>, oauth2: Located<OAuth2>): Issue[] {
  const { app = {} } = method.value
  const { client = {}, grant } = oauth2.value
  const at = oauth2.at('client') ?? oauth2
  const has = { id: client.id ?? app.client_id, secret: client.secret ?? app.client_secret, key: client.key }
  const auth = client.auth ?? 'client_secret_basic'
  const hasNone = grant === 'jwt_bearer' && has.id === undefined
  const lacks = (what: keyof typeof has, hint: string): Issue[] =>
    has[what] !== undefined ? [] : [at.issue('key', 'auth_keys', { message: `the client has no \`${what}\``, hint })]
  const needsId = !hasNone && !(auth === 'none' && grant === 'client_credentials')
  const ids = needsId ? lacks('id', 'Declare `client_id` under `app`, or say `client.id`.') : []
  if (hasNone || auth === 'none') return ids
  if (auth === 'private_key_jwt') return [...ids, ...lacks('key', '`auth: private_key_jwt` signs with `client.key`.')]
  return [...ids, ...lacks('secret', `\`auth: ${auth}\` sends \`client_secret\` of \`app\`, or \`client.secret\`.`)]
}

function hostIssues(integration: Located<Integration>, oauth2: Located<OAuth2>): Issue[] {
  const known = Object.keys(integration.value.hosts ?? {})
  const places = [oauth2.at('authorize')?.at('host'), oauth2.at('token')?.at('host'), oauth2.at('revoke')?.at('host')]
  return places.flatMap((host) =>
    host === undefined || known.includes(host.value)
      ? []
      : [unknownName(host, 'value', 'unknown_host', 'host', host.value, known)],
  )
}

/** Names that the token answer fills: settings must be declared, and tokens are kept anyway. */
function nameIssues(integration: Located<Integration>, method: Located<AuthMethod>, oauth2: Located<OAuth2>): Issue[] {
  const fields = Object.entries({ ...integration.value.settings, ...method.value.fields })
  const open = fields.filter(([, field]) => field.secret !== true).map(([name]) => name)
  const taken = ['access_token', 'refresh_token', ...fields.map(([name]) => name)]
  const unknown = (oauth2.at('settings')?.entries() ?? [])
    .filter(([name]) => !open.includes(name))
    .map(([name, node]) => unknownName(node, 'key', 'unknown_setting', 'setting', name, open))
  const twice = (oauth2.at('keep')?.entries() ?? [])
    .filter(([name]) => taken.includes(name))
    .map(([name, node]) => {
      const message = `\`${name}\` is a credential or field already`
      return node.issue('key', 'duplicate_name', { message, hint: 'Keep it under another name.' })
    })
  return [...unknown, ...twice]
}

/** Whether a signature is sent at all. */
export function signingIssues(method: Located<AuthMethod>): Issue[] {
  const headers = method.at('signing')?.at('headers')
  if (headers === undefined) return []
  const isSent = headers.entries().some(([, node]) => node.expression?.variables.includes('signature') === true)
  const isWhole = headers.entries().every(([, node]) => node.expression !== undefined)
  if (isSent || !isWhole) return []
  const facts = { message: 'no header carries `$signature`', hint: 'Add one, such as `Acme-Signature: $signature`.' }
  return [headers.issue('key', 'auth_keys', facts)]
}
