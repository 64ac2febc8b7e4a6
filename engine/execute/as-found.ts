import type { LeafSource, Source } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isObject } from '../mapping/index.ts'
import type { Found, Session } from './session.ts'

/** A native record as if it had just been read, rendered in a version of the provider's API. */
export function asFound(session: Session, native: unknown, apiVersion: string | null = null): Found {
  const input = { path: {}, query: {} }
  const answer = { status: 200, headers: {}, body: native, records: [], record: native, input, url: '', base: '' }
  const response = { ...answer, requestId: undefined, replayed: false, apiVersion }
  return { native, response, ...originOf(session, native) }
}

/**
 * Where such a record would come from: the way to read it alone, the first source of the list, or, for what is told and cannot
 * be read, any operation: its forms are those of the provider.
 */
function originOf(session: Session, native: unknown): Pick<Found, 'operation' | 'source'> {
  const { get = [], list } = session.mapping
  const id = isObject(native) ? native.id : undefined
  const fits = get.find(({ pattern }) => pattern === undefined || (typeof id === 'string' && pattern.test(id)))
  const way = fits ?? get[0]
  if (way !== undefined) return { operation: session.operation(way.operation) }
  const leaf = list === undefined ? undefined : firstLeaf(list.source)
  if (leaf !== undefined) return { operation: session.operation(leaf.operation), source: leaf.name }
  const [any] = session.integration.operations.values()
  if (any !== undefined) return { operation: any }
  throw new EngineError('unsupported_method', `${session.integration.label} cannot read ${session.resource.name}`)
}

function firstLeaf(source: Source | undefined): LeafSource | undefined {
  if (source === undefined || source.kind === 'leaf') return source
  if (source.kind === 'union') return firstLeaf(source.sources[0])
  return firstLeaf(source.kind === 'route' ? source.ways[0]?.source : source.source)
}
