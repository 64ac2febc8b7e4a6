import type { ApiDocument, ApiNode, ApiSecurity, LeftOut } from '../../../engine/index.ts'
import { snake } from '../names.ts'
import { guess, inline, type Marked } from '../yaml.ts'

/** The auth methods of a definition by name, what was left out, and hosts that only auth needs. */
export interface AuthGuess {
  readonly methods: Readonly<Record<string, Marked | object>>
  readonly kinds: readonly string[]
  readonly hosts: Readonly<Record<string, string>>
  readonly leftOut: readonly LeftOut[]
}

interface One {
  readonly kind: string
  readonly method: object
  readonly because: string
  readonly hosts?: Readonly<Record<string, string>> | undefined
}

const isNode = (value: unknown): value is ApiNode => typeof value === 'object' && value !== null

/** The one that is offered first comes first. */
const ORDER = ['bearer', 'oauth2', 'api_key', 'basic', 'none']

/** Guesses the auth methods by the security schemes of a document. `origin` is that of the API's own host. */
export function authOf({ security }: Pick<ApiDocument, 'security'>, origin: string): AuthGuess {
  const found = security.map((each) => [each, methodOf(each, origin)] as const)
  const good = found.flatMap(([{ name }, one]) => ('why' in one ? [] : [[snake(name), one] as const]))
  const leftOut = found.flatMap(([{ name }, one]) =>
    'why' in one ? [{ what: `security scheme ${name}`, why: one.why }] : [],
  )
  const sorted = good.sort(([, a], [, b]) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  if (sorted.length === 0) {
    const because = 'the document names no security scheme that the language can say'
    return {
      methods: { none: guess({ type: 'none', label: 'No credentials' }, because) },
      kinds: ['none'],
      hosts: {},
      leftOut,
    }
  }
  return {
    methods: Object.fromEntries(sorted.map(([name, { method, because }]) => [name, guess(method, because)])),
    kinds: sorted.map(([, { kind }]) => kind),
    hosts: Object.assign({}, ...sorted.map(([, { hosts = {} }]) => hosts)),
    leftOut,
  }
}

function methodOf({ name, scheme }: ApiSecurity, origin: string): One | { readonly why: string } {
  const type = String(scheme.type ?? '')
  const way = String(scheme.scheme ?? '').toLowerCase()
  if (type === 'http' && way === 'bearer') return bearer(name)
  if (type === 'http' && way === 'basic') return basic(name)
  if (type === 'apiKey') return apiKey(name, scheme)
  if (type === 'oauth2') return oauth2(name, scheme, origin)
  return { why: `the language has no auth of type ${[type, way].filter((part) => part !== '').join(' ')}` }
}

const secret = (label: string): Marked => inline({ label, secret: true })

const bearer = (name: string): One => ({
  kind: 'bearer',
  method: { type: 'bearer', label: 'API key', fields: { api_key: secret('API key') }, token: '$credentials.api_key' },
  because: `the security scheme ${name} is HTTP bearer`,
})

const basic = (name: string): One => ({
  kind: 'basic',
  method: {
    type: 'basic',
    label: 'Key and secret',
    fields: {
      username: secret('Key or user name'),
      password: inline({ label: 'Secret or password', secret: true, required: false }),
    },
    username: '$credentials.username',
    password: '$credentials.password',
  },
  because: `the security scheme ${name} is HTTP basic; the password may be empty`,
})

function apiKey(name: string, scheme: ApiNode): One | { readonly why: string } {
  const [where, key] = [String(scheme.in ?? ''), String(scheme.name ?? '')]
  if (where !== 'header' && where !== 'query') return { why: `keys go into a header or the query, not into a ${where}` }
  // Documents often write a bearer token as a key in the header that carries it.
  if (where === 'header' && key.toLowerCase() === 'authorization') {
    return {
      ...bearer(name),
      because: `the security scheme ${name} is a key in the header ${key}, which mostly is a bearer token`,
    }
  }
  return {
    kind: 'api_key',
    method: {
      type: 'api_key',
      label: 'API key',
      fields: { api_key: secret('API key') },
      in: where,
      name: key,
      value: '{{ $credentials.api_key }}',
    },
    because: `the security scheme ${name} is a key in the ${where}`,
  }
}

function oauth2(name: string, scheme: ApiNode, origin: string): One | { readonly why: string } {
  const flows = isNode(scheme.flows) ? scheme.flows : {}
  const [code, own] = [flows.authorizationCode, flows.clientCredentials]
  const flow = isNode(code) ? code : own
  if (!isNode(flow))
    return { why: 'of OAuth 2.0 the language has authorization code, client credentials and JWT bearer' }
  const authorize = isNode(code) ? endpointOf(flow.authorizationUrl, origin, 'login') : undefined
  const token = endpointOf(
    flow.tokenUrl,
    origin,
    isSameOrigin(flow.tokenUrl, flow.authorizationUrl) ? 'login' : 'token',
  )
  if (token === undefined || (isNode(code) && authorize === undefined)) return { why: 'its URLs cannot be read' }
  const scopes = Object.keys(isNode(flow.scopes) ? flow.scopes : {}).filter((scope) =>
    /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope),
  )
  const client = { client_id: inline({ label: 'Client ID' }), client_secret: secret('Client secret') }
  const oauth = {
    ...(isNode(code) ? { authorize: inline(authorize?.at) } : { grant: 'client_credentials' }),
    token: inline(token.at),
    ...(isNode(code) ? {} : { client: inline({ id: '$connection.client_id', secret: '$credentials.client_secret' }) }),
    ...(scopes.length === 0 ? {} : { scopes }),
  }
  const kind = isNode(code) ? 'authorization code' : 'client credentials'
  return {
    kind: 'oauth2',
    method: {
      type: 'oauth2',
      label: isNode(code) ? 'Sign in' : 'Client credentials',
      [isNode(code) ? 'app' : 'fields']: client,
      oauth2: oauth,
    },
    because: `the security scheme ${name} is OAuth 2.0 with ${kind}; whether scopes divide by blanks and PKCE is taken is not known`,
    hosts: { ...token.hosts, ...authorize?.hosts },
  }
}

const isSameOrigin = (one: unknown, other: unknown): boolean =>
  [one, other].every((url) => typeof url === 'string' && URL.canParse(url)) &&
  new URL(String(one)).origin === new URL(String(other)).origin

/** Host and path of an endpoint; a host of its own where it is another one. */
function endpointOf(
  url: unknown,
  origin: string,
  host: string,
): { at: object; hosts: Record<string, string> } | undefined {
  const full =
    typeof url === 'string' && URL.canParse(url, origin === '' ? undefined : origin)
      ? new URL(url, origin === '' ? undefined : origin)
      : undefined
  if (full === undefined || !/^https?:$/.test(full.protocol)) return undefined
  const path = `${full.pathname}${full.search}`
  return full.origin === origin ? { at: { path }, hosts: {} } : { at: { host, path }, hosts: { [host]: full.origin } }
}
