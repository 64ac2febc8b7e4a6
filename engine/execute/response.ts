import type { Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { type Answer, ask, holds, requestIdOf } from '../resilience/index.ts'
import { settled } from './apart.ts'
import type { EngineContext, Invocation, OperationResponse } from './context.ts'
import type { Prepared } from './prepare.ts'

const missing = (operation: Operation, path: string): EngineError =>
  new EngineError('missing_path', `The answer to ${operation.id} has nothing at \`${path}\``, { where: path })

/** The records of a list answer. Throws missing_path when the list is not where the definition says. */
function recordsOf(operation: Operation, answer: Answer): readonly unknown[] {
  const { records } = operation.response
  const value = records === undefined ? answer.body : ask(records, answer)
  if (Array.isArray(value)) return value
  // An expression over one record gives the record itself.
  if (records !== undefined && typeof value === 'object' && value !== null) return [value]
  const isAbsent = value === undefined || value === null
  if (isAbsent && operation.pagination?.omitsPathWhenEmpty === true) return []
  throw missing(operation, records?.source ?? 'the top level, as a list')
}

function recordOf(operation: Operation, answer: Answer): unknown {
  const { record } = operation.response
  if (answer.body === null) return undefined
  if (record === undefined) return answer.body
  const value = ask(record, answer)
  if (value === undefined || value === null) throw missing(operation, record.source)
  return value
}

function versionOf(invocation: Invocation, { integration }: Prepared, answer: Answer): string | null {
  const read = integration.apiVersion?.read
  const stated = read === undefined ? undefined : ask(read, answer)
  if (typeof stated === 'string') return stated
  return invocation.account.apiVersion ?? integration.apiVersion?.value ?? null
}

/** Reads an accepted answer; an ignored failure has no records and no record. Throws missing_path. */
export async function toResponse(
  context: EngineContext,
  invocation: Invocation,
  prepared: Prepared,
  { answer, isIgnored }: { readonly answer: Answer; readonly isIgnored: boolean },
): Promise<OperationResponse> {
  const { operation, call, account } = invocation
  const { integration, input, url, base } = prepared
  const read = await settled(context, account, () => ({
    records: operation.isList && !isIgnored ? recordsOf(operation, answer) : [],
    record: operation.isList || isIgnored ? undefined : recordOf(operation, answer),
    requestId: requestIdOf(integration, answer),
    replayed: holds(operation.idempotency?.replayed, answer),
    apiVersion: versionOf(invocation, prepared, answer),
  }))
  if (read.replayed) call.markReplayed()
  if (isIgnored)
    call.warn(`${integration.name} answered ${operation.id} with ${answer.status}; its definition says to go on`)
  return { ...answer, input, url, base, ...read }
}
