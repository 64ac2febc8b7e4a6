import { type Origin, resolveOrigin } from '../auth/index.ts'
import type { Integration, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { matchOperation, parseTarget, refuseOwnedQuery } from '../request/index.ts'
import type { Account } from './contract.ts'

/** Where a forwarded request goes. */
export interface ForwardTarget {
  readonly operation: Operation | undefined
  readonly origin: Origin
  /** Path below the origin's base path, as written. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
}

const refused = (where: string): EngineError =>
  new EngineError('owned_parameter', `'${where}' is chosen by Onefold and cannot be given`, { where })

const isBelow = (path: string, prefix: string): boolean =>
  prefix !== '' && path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')

function refuseOwnedPaths(integration: Integration, path: string): void {
  if (integration.owned.paths.length === 0) return
  const lower = path.toLowerCase()
  for (const prefix of integration.owned.paths) {
    if (isBelow(lower, prefix.toLowerCase().replace(/\/+$/, ''))) throw refused(prefix)
  }
}

function refuseOwnedQueries(integration: Integration, query: string): void {
  if (query === '' || integration.owned.query.size === 0) return
  for (const field of query.slice(1).split(/[&;]/)) {
    const [name = ''] = field.split('=', 1)
    refuseOwnedQuery(integration.owned, new URLSearchParams(`${name}=`).keys().next().value ?? name)
  }
}

/** A path that names the account by a setting must name this account's. */
function refuseForeignSettings(operation: Operation, path: string, account: Account): void {
  if (!operation.path.variables.includes('connection')) return
  const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const source = operation.path.parts.map((part) => {
    if (typeof part === 'string') return quoted(part)
    if (!part.variables.includes('connection')) return '[^/]+'
    return quoted(String(part.evaluate(undefined, { connection: account.connection, path: {} }) ?? ''))
  })
  if (!new RegExp(`^${source.join('')}/?$`).test(path)) throw refused('path')
}

interface Candidate {
  readonly operation: Operation | undefined
  readonly host: string
  /** Segments of the host's base path that the target starts with. */
  readonly skip: number
}

/** The operation on the host it belongs to; the target may be written from the root of the host or below its base path. */
function findOperation(
  integration: Integration,
  verb: string,
  segments: readonly string[],
  account: Account,
): Candidate {
  let underDefault = 0
  const whole = `/${segments.join('/')}`
  for (const host of integration.hosts.keys()) {
    const { hostPath } = resolveOrigin(integration, host, account)
    if (!isBelow(whole, hostPath)) continue
    const skip = hostPath.split('/').length - 1
    const operation = matchOperation(integration, verb, segments.slice(skip), host)
    if (operation !== undefined) return { operation, host, skip }
    if (host === 'default') underDefault = skip
  }
  const operation = matchOperation(integration, verb, segments)
  if (operation !== undefined) return { operation, host: operation.host, skip: 0 }
  return { operation, host: 'default', skip: underDefault }
}

const withoutSegments = (path: string, count: number): string => {
  let at = 0
  for (let skipped = 0; skipped < count; skipped += 1) at = path.indexOf('/', at + 1)
  return count > 0 && at < 0 ? '/' : path.slice(at)
}

/**
 * Finds the declared operation of a target and its origin. Throws path_not_allowed for a path that could leave its
 * place, owned_parameter for owned paths and parameters and for another account's settings in the path.
 */
export function forwardTarget(integration: Integration, account: Account, verb: string, target: string): ForwardTarget {
  const parsed = parseTarget(target)
  const { operation, host, skip } = findOperation(integration, verb, parsed.segments, account)
  const plain = `/${parsed.segments.slice(skip).join('/')}`
  refuseOwnedPaths(integration, plain)
  refuseOwnedQueries(integration, parsed.query)
  if (operation !== undefined) refuseForeignSettings(operation, plain, account)
  const origin = resolveOrigin(integration, host, account)
  return { operation, origin, path: withoutSegments(parsed.path, skip), query: parsed.query }
}
