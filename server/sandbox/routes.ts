import { compileTemplate, type Integration, type Operation } from '../../engine/index.ts'
import { invalid } from './coherence.ts'
import type { ExtraRoute } from './contract.ts'
import type { Json } from './paths.ts'

/** An operation found by its address, with the values of its path. */
export interface Match {
  readonly operation: Operation
  readonly path: Json
}

interface Route {
  readonly operation: Operation
  readonly pattern: RegExp
  readonly names: readonly string[]
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Finds operations of an integration, and what is served beside them, by verb and path; a literal segment wins over a placeholder. */
export function createRouter(
  integration: Integration,
  extra: readonly ExtraRoute[] = [],
): (verb: string, path: string) => Match | undefined {
  const routes = [...integration.operations.values(), ...extra.map((route) => operationOf(integration, route))]
    .map((operation) => routeOf(operation, basePathsOf(integration, operation.host)))
    .sort((a, b) => a.names.length - b.names.length)
  return (verb, path) => {
    for (const { operation, pattern, names } of routes) {
      const found = operation.verb === verb ? pattern.exec(path) : null
      if (found === null) continue
      const values = names.map((name, index) => [name, decode(found[index + 1] ?? '')] as const)
      return { operation, path: Object.fromEntries(values) }
    }
    return undefined
  }
}

/** An operation that nobody declared: it reads and answers like the get of its resource. */
function operationOf(integration: Integration, { verb, path, method, parameters }: ExtraRoute): Operation {
  const [resource = '', name = ''] = method.split('.')
  const like = integration.operations.get(`${resource}.get`)
  const compiled = compileTemplate(path, ['path'])
  if (like === undefined || !('template' in compiled))
    throw invalid(`The sandbox rules serve ${path} as ${method}, which cannot be`, 'Its resource needs a get.')
  return { ...like, id: method, name, verb, path: compiled.template, parameters }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Paths of which one stands before every operation of a host: modes may have others. */
function basePathsOf(integration: Integration, name: string): readonly string[] {
  const host = integration.hosts.get(name)
  const urls = host === undefined ? [] : [host.url, ...host.modes.values()]
  const texts = urls.map(({ parts }) => parts.map((part) => (typeof part === 'string' ? part : 'x')).join(''))
  return texts.map((text) => new URL(text).pathname.replace(/\/+$/, ''))
}

function routeOf(operation: Operation, bases: readonly string[]): Route {
  const names: string[] = []
  const parts = operation.path.parts.map((part) => {
    if (typeof part === 'string') return escaped(part)
    names.push(part.variablePaths[0]?.replace(/^path\.?/, '') ?? '')
    return '([^/]+)'
  })
  return { operation, pattern: new RegExp(`^(?:${bases.map(escaped).join('|')})${parts.join('')}/?$`), names }
}
