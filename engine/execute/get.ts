import type { GetWay, ResourceMapping } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isTrue, splitId } from '../mapping/index.ts'
import { answerRecords } from './answer.ts'
import type { RecordAnswer } from './contract.ts'
import type { Found, Session } from './session.ts'
import { expressionValues, slotValues } from './slots.ts'

/** A unified record by its id. */
export async function unifiedGet(session: Session, id: string): Promise<RecordAnswer> {
  const [record = {}] = await answerRecords(session, [await readRecord(session, id)])
  return { kind: 'record', record, report: session.call.report() }
}

/** The native record of a unified id. Throws EngineError record_not_found, also for an id that no way of the mapping fits. */
export async function readRecord(session: Session, id: string): Promise<Found> {
  const { get } = session.mapping
  if (get === undefined) {
    const message = `${session.integration.label} cannot read one of ${session.resource.name}`
    throw new EngineError('unsupported_method', message, { hint: session.mapping.cannot.get('get') })
  }
  const way = wayOf(get, id, session)
  const variables = { ...idVariables(session, id), filters: {}, parent: null, body: null, reads: {} }
  const { path, query, parent } = await session.settled(() => ({
    path: way.path.size === 0 ? { id } : expressionValues(way.path, undefined, variables),
    query: slotValues(way.query, undefined, variables),
    parent: way.parent.size === 0 ? undefined : expressionValues(way.parent, undefined, variables),
  }))
  const operation = session.operation(way.operation)
  const response = await session.invoke(operation, { path, query })
  const native = operation.isList ? response.records[0] : response.record
  if (native === undefined || native === null) throw notFound(session, id)
  const known = { account: session.accountView, parent: parent ?? null }
  const isIt = await session.settled(() => way.where === undefined || isTrue(way.where.evaluate(native, known)))
  if (!isIt) throw notFound(session, id)
  return { native, operation, response, parent }
}

/** `$id` of a record, its parts where the id is composite, and what goes with it. */
export function idVariables(session: Session, id: string | undefined): Record<string, unknown> {
  return {
    id: id === undefined ? null : idValue(session, session.mapping, id),
    account: session.accountView,
    connection: session.account.connection,
  }
}

function idValue(session: Session, { idParts }: ResourceMapping, id: string): unknown {
  if (idParts === undefined) return id
  const names = idParts.map(({ name }) => name)
  const parts = splitId(id, names)
  if (parts !== undefined) return parts
  throw notFound(session, id, `Ids here are made of ${names.join(' and ')}, joined by ~.`)
}

/** The first way whose pattern fits an id. Throws EngineError record_not_found. */
export function wayOf<T extends { readonly pattern: GetWay['pattern'] }>(
  ways: readonly T[],
  id: string | undefined,
  session: Session,
): T {
  const way = ways.find(({ pattern }) => pattern === undefined || (id !== undefined && pattern.test(id)))
  if (way !== undefined) return way
  const patterns = ways.map(({ pattern }) => pattern?.source ?? '').join(', ')
  throw notFound(session, id ?? '', `Ids of ${session.resource.name} fit one of: ${patterns}`)
}

function notFound(session: Session, id: string, hint?: string): EngineError {
  const message = `${session.integration.label} has no ${session.resource.object} \`${id.slice(0, 255)}\``
  return new EngineError('record_not_found', message, { where: 'id', hint })
}
