import { type ApiDocument, type ApiServer, EngineError, type LeftOut } from '../../../engine/index.ts'
import { snake } from '../names.ts'
import { guess, inline, type Marked } from '../yaml.ts'

/** The hosts of a definition, what their variables are filled from, and where endpoints with servers of their own go. */
export interface HostGuess {
  readonly hosts: Readonly<Record<string, Marked | object>>
  readonly settings: Readonly<Record<string, object>>
  /** Origin of the default host; empty where it has a variable. */
  readonly origin: string
  /** Names of hosts by the URL of the server. */
  readonly byServer: ReadonlyMap<string, string>
  readonly leftOut: readonly LeftOut[]
}

/** Guesses hosts by the servers. Throws EngineError invalid_request when there is no absolute URL and none is given. */
export function hostsOf({ servers, endpoints }: ApiDocument, baseUrl: string | undefined): HostGuess {
  const absolute = servers.filter(({ url }) => /^https?:\/\//.test(url))
  const given = baseUrl === undefined ? undefined : { url: baseUrl, variables: {} }
  const first = given ?? absolute.find((server) => !isTrial(server)) ?? absolute[0]
  if (first === undefined) {
    const hint = 'Give the address of the API with --base-url https://api.acme.test.'
    throw new EngineError('invalid_request', 'The document names no server with an absolute URL', {
      where: '--base-url',
      hint,
    })
  }
  const main = hostOf(first)
  const own = new Map<string, ApiServer>()
  for (const server of endpoints.flatMap((endpoint) => endpoint.servers.slice(0, 1))) {
    if (server.url !== first.url && /^https?:\/\//.test(server.url)) own.set(server.url, server)
  }
  const others = [...own.values()].map(
    (server) => [snake(new URL(filled(server)).hostname.split('.')[0] ?? 'other'), server] as const,
  )
  const because = given === undefined ? `the first of ${servers.length} servers that is no sandbox` : 'it was given'
  return {
    hosts: {
      default: servers.length > 1 ? guess(inline(main.host), because) : inline(main.host),
      ...Object.fromEntries(others.map(([name, server]) => [name, inline(hostOf(server).host)])),
    },
    settings: main.settings,
    origin: Object.keys(main.settings).length === 0 ? new URL(filled(first)).origin : '',
    byServer: new Map(others.map(([name, { url }]) => [url, name])),
    leftOut: servers
      .filter(({ url }) => url !== first.url)
      .map(({ url }) => ({
        what: `server ${url}`,
        why: 'one host is default; add another one, or a mode, where accounts need it',
      })),
  }
}

/** Whether a server is named like one for trying things out; the last label of a host says nothing. */
const isTrial = (server: ApiServer): boolean =>
  new URL(filled(server)).hostname
    .split('.')
    .slice(0, -1)
    .some((label) => /sandbox|^(test|staging|dev|localhost)\b/.test(label))

/** The URL with every variable at its default. */
const filled = ({ url, variables }: ApiServer): string =>
  url.replace(/\{([^}]+)\}/g, (_, name: string) => variables[name]?.default || 'x')

/** A host; a variable that is a whole label before a fixed domain is asked of the person, others take their default. */
function hostOf(server: ApiServer): { host: object; settings: Record<string, object> } {
  const { url, variables } = server
  const [, variable = ''] = /^https?:\/\/\{([^}]+)\}\./.exec(url) ?? []
  if (variable === '') return { host: { url: withoutSlash(filled(server)) }, settings: {} }
  const name = snake(variable)
  const { default: byDefault = '', enum: values = [] } = variables[variable] ?? {}
  const rest = { ...server, url: url.replace(`{${variable}}`, 'x') }
  const suffix = new URL(filled(rest)).hostname.replace(/^x/, '')
  const text = withoutSlash(filled(rest)).replace('://x.', `://{{ $connection.${name} }}.`)
  const example = /^[a-z0-9-]+$/.test(byDefault) ? byDefault : undefined
  const setting = {
    label: variable,
    pattern: '^[a-z0-9-]+$',
    example,
    ...(values.length === 0 ? {} : { options: values }),
  }
  return { host: { url: text, suffix }, settings: { [name]: setting } }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
