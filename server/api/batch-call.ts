import { EngineError } from '../../engine/index.ts'
import { countCall } from './authenticate.ts'
import type { CallResult } from './batch-contract.ts'
import { callCustom } from './batch-custom.ts'
import type { CallParts, PlannedPart } from './batch-plan.ts'
import type { Scene } from './batch-values.ts'
import { logCall, logFailure } from './call-log.ts'
import { type CallContext, newTrace, type Trace } from './context.ts'
import { asEngineError, toProblem } from './problem.ts'
import { callProxy } from './proxy.ts'
import { auditMisses } from './refusals.ts'
import { callUnified } from './unified.ts'

/** One call of a batch, ready to be made. */
export interface PlannedCall {
  readonly planned: PlannedPart
  readonly parts: CallParts
  readonly idempotencyKey: string
  readonly requestId: string
}

/** A call that was made. */
export interface MadeCall {
  readonly result: CallResult
  readonly trace: Trace
}

interface Answered {
  readonly answer: unknown
  readonly status: number
  readonly replayed?: true | undefined
  /** An answer of the provider that tells of a failure. */
  readonly failure?: EngineError | undefined
}

/** Fills the values of a call. Throws invalid_body for one that does not fit its place. */
export function fillCall({ values, where }: PlannedPart, scene: Scene): CallParts {
  const filled = (field: keyof CallParts): unknown => values[field].fill(scene)
  const text = (field: keyof CallParts): string | undefined => {
    const value = filled(field)
    return value === undefined ? undefined : scalar(value, `${where}/${field}`)
  }
  return {
    integratedAccountId: text('integratedAccountId'),
    id: text('id'),
    path: text('path'),
    query: pairsOf(filled('query'), `${where}/query`),
    headers: pairsOf(filled('headers'), `${where}/headers`),
    body: filled('body'),
  }
}

function pairsOf(given: unknown, where: string): [string, string][] {
  return Object.entries(given ?? {}).flatMap(([name, value]) =>
    [value].flat().map((item): [string, string] => [name, scalar(item, `${where}/${name}`)]),
  )
}

function scalar(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
  throw new EngineError('invalid_body', `${where}: ${kind} is no text`, { where })
}

/** Makes a call just as it would be made alone, with a trace, a log line and a row of its own. Throws nothing. */
export async function makeCall(batch: CallContext, call: PlannedCall): Promise<MadeCall> {
  const trace: Trace = { ...newTrace(), environmentId: batch.trace.environmentId, tokenId: batch.trace.tokenId }
  const context: CallContext = { ...batch, requestId: call.requestId, trace }
  const from = performance.now()
  const { error, ...answered } = await attempt(context, call)
  const ended = { requestId: call.requestId, surface: 'batch', errorCode: error?.code ?? null, trace }
  logCall(batch.services, { ...ended, ...placeOf(call), status: answered.status, durationMs: performance.now() - from })
  const { answer, replayed } = answered
  const told = { ...(answer === undefined ? {} : { answer }), ...(replayed === undefined ? {} : { replayed }) }
  if (error === undefined) return { result: { status: 'done', ...told }, trace }
  return { result: { status: 'failed', ...told, error: toProblem(error, call.requestId) }, trace }
}

async function attempt(context: CallContext, call: PlannedCall) {
  try {
    await countCall(context.services, context.caller, context.trace)
    const { services, trace, requestId } = context
    const asked = { name: 'POST /batch-request', requestId }
    const { failure, ...answered } = await auditMisses(services, trace, asked, () => answerTo(context, call))
    return { ...answered, error: failure }
  } catch (thrown) {
    const error = asEngineError(thrown)
    logFailure(context.services, call.requestId, error)
    return { answer: undefined, replayed: undefined, status: error.status, error }
  }
}

async function answerTo(
  context: CallContext,
  { planned: { part }, parts, idempotencyKey }: PlannedCall,
): Promise<Answered> {
  const { resource = '', method = 'GET' } = part
  if (part.custom !== undefined) return callCustom(context, method, parts)
  const query = withAccount(parts)
  const cut = resource.indexOf('/')
  const given = { method, id: parts.id, query, body: parts.body, idempotencyKey }
  const { status, headers, body } =
    cut < 0
      ? await callProxy(context, { ...given, resource })
      : await callUnified(context, { ...given, model: resource.slice(0, cut), resource: resource.slice(cut + 1) })
  return { status, answer: body, ...(headers?.['idempotent-replayed'] === 'true' ? { replayed: true } : {}) }
}

const ACCOUNT = 'integrated_account_id'

/** The query with the account that the part, or else the batch, names. */
function withAccount({ query, integratedAccountId }: CallParts): CallParts['query'] {
  if (integratedAccountId === undefined || query.some(([name]) => name === ACCOUNT)) return query
  return [...query, [ACCOUNT, integratedAccountId]]
}

const VERBS: Readonly<Record<string, string>> = { list: 'GET', get: 'GET', update: 'PATCH', delete: 'DELETE' }

/** Verb and target of the same call made alone. */
function placeOf({ planned: { part }, parts }: PlannedCall): { readonly verb: string; readonly target: string } {
  const query = new URLSearchParams(
    withAccount(parts).map(([name, value]): [string, string] => [name, value]),
  ).toString()
  const rest = query === '' ? '' : `?${query}`
  const { resource = '', method = 'GET', custom } = part
  if (custom !== undefined) return { verb: method.toUpperCase(), target: `/custom${parts.path}${rest}` }
  const base = `/${resource.includes('/') ? 'unified' : 'proxy'}/${resource}`
  const id = parts.id === undefined ? '' : `/${encodeURIComponent(parts.id)}`
  const named = ['list', 'get', 'create', 'update', 'delete'].includes(method) ? '' : `/${method}`
  return { verb: VERBS[method] ?? 'POST', target: base + id + named + rest }
}
