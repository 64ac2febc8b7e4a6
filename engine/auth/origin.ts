import type { Host, Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type { FormField } from '../schema/generated.ts'

/** Where the requests of an account go: origin and base path. Made by resolveOrigin only; never changed. */
export class Origin extends URL {
  /** True when an admin granted it to the account instead of the definition's own host. */
  readonly isGranted: boolean
  /** Base path of the definition's host, without a slash at its end; empty for none. */
  readonly hostPath: string
  /** Origin and base path as text; a path is put behind it. */
  readonly prefix: string

  constructor(url: URL, isGranted: boolean, hostPath: string) {
    super(url)
    this.isGranted = isGranted
    this.hostPath = hostPath
    this.prefix = prefixOf(url)
  }
}

/** Origin and base path without a slash at its end. */
export const prefixOf = (url: URL): string => url.origin + slashless(url.pathname)

const slashless = (path: string): string => path.replace(/\/+$/, '')

/** What of an account chooses the origin. */
export interface OriginAccount {
  readonly mode: string | null
  readonly connection: Readonly<Record<string, string>>
  readonly baseUrl: string | null
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

const refused = (message: string): EngineError => new EngineError('egress_refused', message)

function fieldNamed(integration: Integration, name: string): FormField | undefined {
  if (Object.hasOwn(integration.settings, name)) return integration.settings[name]
  for (const { fields } of integration.auth.methods.values()) if (Object.hasOwn(fields, name)) return fields[name]
  return undefined
}

/** Checks the settings that a part of the host reads: each must be one label and fit the pattern of its field. */
function checkSettings(integration: Integration, part: Compiled, connection: OriginAccount['connection']): void {
  for (const path of part.variablePaths) {
    const name = path.replace(/^connection\.?/, '')
    const field = fieldNamed(integration, name)
    const value = Object.hasOwn(connection, name) ? connection[name] : undefined
    if (field?.pattern === undefined || value === undefined) continue
    if (!new RegExp(`^(?:${field.pattern})$`).test(value))
      throw refused(`The setting '${name}' does not fit its pattern`)
  }
}

const oneLabel = (value: string): string => {
  if (LABEL.test(value)) return value
  throw refused('A setting that is part of the host is not one label of a host name')
}

function parseBase(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (isPlain && !/[?#\\\s]/.test(text)) return url
  throw refused(`${what} is not a plain http or https address`)
}

const hasSuffix = (hostname: string, suffix: string): boolean => {
  const wanted = suffix.toLowerCase().replace(/^\./, '')
  return hostname === wanted || hostname.endsWith(`.${wanted}`)
}

const templateOf = (host: Host, mode: string | null): CompiledTemplate =>
  (mode === null ? undefined : host.modes.get(mode)) ?? host.url

function hostUrl(integration: Integration, host: Host, account: OriginAccount): URL {
  const template = templateOf(host, account.mode)
  for (const part of template.parts) if (typeof part !== 'string') checkSettings(integration, part, account.connection)
  const text = template.render(undefined, { connection: account.connection }, oneLabel)
  if (text === undefined) throw refused(`The host '${host.name}' needs a setting that the account does not have`)
  const url = parseBase(text, `The host '${host.name}'`)
  // A mode may have a fixed host of another name beside one that is built.
  if (template.isLiteral && !host.url.isLiteral) return url
  if (host.suffix !== undefined && !hasSuffix(url.hostname, host.suffix))
    throw refused(`The host '${host.name}' does not end in its declared suffix`)
  if (host.suffix === undefined && !template.isLiteral) throw refused(`The host '${host.name}' declares no suffix`)
  return url
}

function buildOrigin(integration: Integration, host: Host, account: OriginAccount): Origin {
  const own = hostUrl(integration, host, account)
  const hostPath = slashless(own.pathname)
  if (account.baseUrl === null) return new Origin(own, false, hostPath)
  const granted = parseBase(account.baseUrl, "The account's base URL")
  granted.pathname = `${slashless(granted.pathname)}${hostPath}`
  return new Origin(granted, true, hostPath)
}

const MOST_KEPT = 1000

/** Origins of hosts without a variable, by base URL: parsed once. */
const kept = new WeakMap<CompiledTemplate, Map<string | null, Origin>>()

/**
 * The origin of a host of the definition for an account, base path included. An account's own base URL replaces the
 * origin and stands before the base path of the host. A setting in the host must be one label, fit its pattern, and the
 * host built must end in the declared suffix; a mode's fixed host beside a built one need not. Throws egress_refused.
 */
export function resolveOrigin(integration: Integration, hostName: string, account: OriginAccount): Origin {
  const host = integration.hosts.get(hostName)
  if (host === undefined) throw new EngineError('definition_invalid', `${integration.name} has no host '${hostName}'`)
  const template = templateOf(host, account.mode)
  if (!template.isLiteral) return buildOrigin(integration, host, account)
  const origins = kept.get(template) ?? new Map<string | null, Origin>()
  if (origins.size === 0) kept.set(template, origins)
  const known = origins.get(account.baseUrl)
  if (known !== undefined) return known
  const origin = buildOrigin(integration, host, account)
  if (origins.size >= MOST_KEPT) origins.clear()
  origins.set(account.baseUrl, origin)
  return origin
}
