import type { WriteMapping, WriteWay } from '../definition/catalog.ts'
import { EngineError, type ErrorCode } from '../errors.ts'
import type { Variables } from '../expression/index.ts'
import { isTrue, mapAnswer } from '../mapping/index.ts'
import { answerRecords } from './answer.ts'
import { ownerOf, worked } from './apart.ts'
import { requireBody } from './body.ts'
import type { JsonRecord, UnifiedAnswer } from './contract.ts'
import { filled } from './filled.ts'
import { followUp, type Made } from './follow-up.ts'
import { idVariables, readRecord, wayOf } from './get.ts'
import { itemOf, mapContext } from './map-found.ts'
import type { Found, Session } from './session.ts'
import { slotValues, writeValues } from './slots.ts'
import { warnUnsent } from './unsent.ts'
import { inputOf } from './write-input.ts'

/** A unified write: create, update, delete or a named method. Nothing is sent before the body and the checks are right. */
export async function unifiedWrite(
  session: Session,
  method: string,
  id: string | undefined,
  given: unknown,
): Promise<UnifiedAnswer> {
  const write = writeOf(session, method)
  const body = requireBody(session.resource, method, given)
  const sent = await sendOnce(session, write, id, body)
  const later = await followUp(session, write.followUps, sent, body, sent.variables)
  warnUnsent(
    session,
    write,
    [sent, ...later].map(({ way }) => way),
    body,
  )
  const answered = write.returns.of === 'first' ? sent : (later.at(-1) ?? sent)
  const explain = session.query.explain ? { explain: explained(sent, later) } : {}
  if (method === 'delete')
    return { kind: 'record', record: { id: id ?? '' }, ...explain, report: session.call.report() }
  const fills = await session.settled(() => writeValues(write.returns.fills, body, sent.variables))
  const found = filled(answered.found, fills)
  const result = await answerOf(session, method, write, found, id)
  const isRecord = method === 'create' || method === 'update'
  const report = session.call.report()
  return isRecord
    ? { kind: 'record', record: result, ...explain, report }
    : { kind: 'method', result, ...explain, report }
}

function explained(first: Made, later: readonly Made[]): JsonRecord {
  const told = ({ input, found }: Made): JsonRecord => ({ operation: found.operation.id, sent: input })
  return { ...told(first), ...(later.length > 0 ? { follow_ups: later.map(told) } : {}) }
}

function writeOf({ mapping, resource, integration }: Session, method: string): WriteMapping {
  const write = mapping.writes.get(method)
  if (write !== undefined) return write
  const valid = ['list', 'get', ...mapping.writes.keys()]
  const isKnown = resource.writes.includes(method) || resource.methods.has(method)
  const name = `${resource.model}/${resource.name}`
  if (!isKnown) throw new EngineError('unknown_method', `${name} has no method ${method}`, { valid })
  throw new EngineError('unsupported_method', `${integration.label} cannot ${method} ${name}`, {
    valid,
    hint: mapping.cannot.get(method),
  })
}

/** The first operation of a write, with what its expressions saw. */
interface Sent extends Made {
  readonly variables: Variables
}

/** Reads, checks and sends; on a conflict the reads are made again and the write is sent once more. */
async function sendOnce(
  session: Session,
  write: WriteMapping,
  id: string | undefined,
  body: unknown,
  isAgain = false,
): Promise<Sent> {
  const likely = session.operation(wayOf(write.ways, id, session).operation)
  const known = {
    ...idVariables(session, id),
    idempotency_key: session.options.idempotencyKey ?? null,
    money_form: likely.money,
  }
  const variables = { ...known, reads: await readFirst(session, write, body, known, id) }
  const { way, operation, input } = await session.settled(() => {
    refuse(write, body, variables)
    const holding = write.ways.filter((each) => holds(each, body, variables))
    const way = wayOf(holding, id, session)
    const operation = session.operation(way.operation)
    return { way, operation, input: inputOf(way, body, { ...variables, money_form: operation.money }, id) }
  })
  warnUnsent(session, write, [way, ...write.followUps], body)
  try {
    const response = await session.invoke(operation, input)
    return { way, input, found: { native: response.record, operation, response }, variables }
  } catch (thrown) {
    const isConflict = thrown instanceof EngineError && thrown.code === 'conflict'
    if (!isConflict || isAgain || write.reads.size === 0) throw thrown
    return await sendOnce(session, write, id, body, true)
  }
}

const holds = ({ when }: WriteWay, body: unknown, variables: Variables): boolean =>
  when === undefined || isTrue(when.evaluate(body, variables))

/** The records that a write needs first, in order; a later read may use an earlier one. */
async function readFirst(
  session: Session,
  write: WriteMapping,
  body: unknown,
  variables: Variables,
  id: string | undefined,
): Promise<Record<string, unknown>> {
  const reads: Record<string, unknown> = {}
  for (const [name, read] of write.reads) {
    const known = { ...variables, reads: { ...reads } }
    const input = await session.settled(() =>
      read.when === undefined || isTrue(read.when.evaluate(body, known))
        ? {
            path: read.path.size === 0 && id !== undefined ? { id } : writeValues(read.path, body, known),
            query: writeValues(read.query, body, known),
          }
        : undefined,
    )
    if (input === undefined) continue
    const operation = session.operation(read.operation)
    const response = await session.invoke(operation, input)
    reads[name] = operation.isList ? response.records : response.record
  }
  return reads
}

function refuse(write: WriteMapping, body: unknown, variables: Variables): void {
  const refused = write.refuse.find(({ when }) => isTrue(when.evaluate(body, variables)))
  if (refused === undefined) return
  throw new EngineError(refused.code as ErrorCode, `The write was refused before anything was sent`, {
    hint: refused.hint,
  })
}

async function answerOf(
  session: Session,
  method: string,
  { returns }: WriteMapping,
  found: Found,
  id: string | undefined,
): Promise<JsonRecord> {
  if (returns.fields !== undefined) {
    const schema = session.resource.methods.get(method)?.answer
    const work = mapAnswer(returns.fields, schema, itemOf(found), mapContext(session, false))
    return await worked(work, ownerOf(session.account), session.context.ports)
  }
  const target = returns.resource === undefined ? session : session.on(returns.resource, session.query)
  const [record] = await answerRecords(target, [returns.reread ? await reread(target, found, id) : found])
  return record ?? {}
}

/** The record once more, by the id in the call or in the answer. */
async function reread(session: Session, found: Found, id: string | undefined): Promise<Found> {
  const spec = session.mapping.fields.get('id')
  const own = await session.settled(() =>
    spec?.kind === 'expression' ? slotValues(new Map([['id', spec]]), found.native, {}).id : undefined,
  )
  const known = own ?? id
  if (known === undefined || known === null) {
    throw new EngineError('provider_bad_response', 'The answer to the write has no id to read the record by')
  }
  return await readRecord(session, String(known))
}
