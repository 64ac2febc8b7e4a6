import type { LeafSource, Source } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isObject } from '../mapping/index.ts'
import type { EngineContext } from './context.ts'
import type { Account, CallOptions, CompareAnswer, CompareCall } from './contract.ts'
import { readRecord } from './get.ts'
import { mapFound } from './map-found.ts'
import { type Found, Session } from './session.ts'

/**
 * Maps one native record twice: with the overrides of the account, and with others in their place. The record is read
 * once, and what lookups join is shared. Throws EngineError as a get does, definition_invalid for overrides that do not fit.
 */
export async function compare(
  context: EngineContext,
  account: Account,
  { model, resource, of, overrides, query }: CompareCall,
  options: CallOptions,
): Promise<CompareAnswer> {
  const current = new Session({ context, account, options, model, resource, query })
  const { call, found } = current
  const other = { ...account, overrides }
  const proposed = new Session({ context, account: other, options, model, resource, query, call, found })
  const native = 'id' in of ? await readRecord(current, of.id) : asFound(current, of.record)
  const record = async (session: Session) =>
    (await mapFound(session, [native], { fields: undefined }, true))[0]?.record ?? {}
  return { current: await record(current), proposed: await record(proposed), report: call.report() }
}

/** A native record as if it had just been read. */
function asFound(session: Session, native: unknown): Found {
  const input = { path: {}, query: {} }
  const answer = { status: 200, headers: {}, body: native, records: [], record: native, input, url: '', base: '' }
  const response = { ...answer, requestId: undefined, replayed: false, apiVersion: null }
  return { native, response, ...originOf(session, native) }
}

/** Where such a record would come from: the way to read it alone, or the first source of the list. */
function originOf(session: Session, native: unknown): Pick<Found, 'operation' | 'source'> {
  const { get = [], list } = session.mapping
  const id = isObject(native) ? native.id : undefined
  const fits = get.find(({ pattern }) => pattern === undefined || (typeof id === 'string' && pattern.test(id)))
  const way = fits ?? get[0]
  if (way !== undefined) return { operation: session.operation(way.operation) }
  const leaf = list === undefined ? undefined : firstLeaf(list.source)
  if (leaf !== undefined) return { operation: session.operation(leaf.operation), source: leaf.name }
  throw new EngineError('unsupported_method', `${session.integration.label} cannot read ${session.resource.name}`)
}

function firstLeaf(source: Source | undefined): LeafSource | undefined {
  if (source === undefined || source.kind === 'leaf') return source
  if (source.kind === 'union') return firstLeaf(source.sources[0])
  return firstLeaf(source.kind === 'route' ? source.ways[0]?.source : source.source)
}
