import type { Integration, Operation } from '../definition/catalog.ts'
import { parseTarget } from './path.ts'

/** What stands under a segment: literal ones first, then patterns such as `{x}.json`, then any. */
interface Branch {
  readonly literals: Map<string, Branch>
  readonly patterns: { readonly source: string; readonly pattern: RegExp; readonly branch: Branch }[]
  any: Branch | undefined
  readonly operations: Operation[]
}

type Routes = ReadonlyMap<string, Branch>

const newBranch = (): Branch => ({ literals: new Map(), patterns: [], any: undefined, operations: [] })

const MARK = '\u0000'

/** The template's segments; each expression is a mark. */
const templateSegments = (operation: Operation): string[] =>
  operation.path.parts
    .map((part) => (typeof part === 'string' ? part : MARK))
    .join('')
    .replace(/^\/|\/$/g, '')
    .split('/')

function descend(branch: Branch, segment: string): Branch {
  if (segment === MARK) {
    branch.any ??= newBranch()
    return branch.any
  }
  if (!segment.includes(MARK)) {
    const literal = decodeURIComponent(segment)
    const next = branch.literals.get(literal) ?? newBranch()
    branch.literals.set(literal, next)
    return next
  }
  const known = branch.patterns.find(({ source }) => source === segment)
  if (known !== undefined) return known.branch
  const text = segment.split(MARK).map((literal) => decodeURIComponent(literal).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const added = { source: segment, pattern: new RegExp(`^${text.join('.+')}$`, 's'), branch: newBranch() }
  branch.patterns.push(added)
  branch.patterns.sort((a, b) => b.source.length - a.source.length)
  return added.branch
}

function buildRoutes(integration: Integration): Routes {
  const routes = new Map<string, Branch>()
  for (const operation of integration.operations.values()) {
    const root = routes.get(operation.verb) ?? newBranch()
    routes.set(operation.verb, root)
    templateSegments(operation).reduce(descend, root).operations.push(operation)
  }
  return routes
}

/** Routes by integration: built at the first question, gone with the catalog. */
const known = new WeakMap<Integration, Routes>()

function routesOf(integration: Integration): Routes {
  const routes = known.get(integration) ?? buildRoutes(integration)
  known.set(integration, routes)
  return routes
}

function find(branch: Branch, segments: readonly string[], at: number): readonly Operation[] {
  const segment = segments[at]
  if (segment === undefined) return branch.operations
  const literal = branch.literals.get(segment)
  const found = literal === undefined ? [] : find(literal, segments, at + 1)
  if (found.length > 0) return found
  for (const { pattern, branch: next } of branch.patterns) {
    const match = pattern.test(segment) ? find(next, segments, at + 1) : []
    if (match.length > 0) return match
  }
  return branch.any === undefined || segment === '' ? [] : find(branch.any, segments, at + 1)
}

/** The operation that a verb and decoded path segments belong to; see resolveOperation. */
export function matchOperation(
  integration: Integration,
  verb: string,
  segments: readonly string[],
  host?: string,
): Operation | undefined {
  const root = routesOf(integration).get(verb === 'HEAD' ? 'GET' : verb)
  if (root === undefined) return undefined
  const path = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  const found = find(root, path.length === 0 ? [''] : path, 0)
  if (host !== undefined) return found.find((operation) => operation.host === host)
  return found.find((operation) => operation.host === 'default') ?? found[0]
}

/**
 * The other operation that a path built for `operation` is, because an id in it is the name of a literal segment there;
 * undefined when the path is its own. `path` is encoded, each id one segment.
 */
export function impersonated(integration: Integration, operation: Operation, path: string): Operation | undefined {
  const root = routesOf(integration).get(operation.verb)
  if (root === undefined) return undefined
  const segments = path.replace(/^\/|\/$/g, '').split('/')
  const found = find(root, segments.map(decodeURIComponent), 0).filter(({ host }) => host === operation.host)
  return found.some(({ id }) => id === operation.id) ? undefined : found[0]
}

/**
 * The declared operation that a verb and a path (its query is ignored) belong to, or undefined. A literal segment wins
 * over a placeholder; a trailing slash and percent-encoded letters make no difference; HEAD is a GET. `host` names the
 * host it must be on; default any, `default` first. Throws path_not_allowed for a target that is refused everywhere.
 */
export function resolveOperation(
  integration: Integration,
  verb: string,
  target: string,
  host?: string,
): Operation | undefined {
  return matchOperation(integration, verb, parseTarget(target).segments, host)
}
