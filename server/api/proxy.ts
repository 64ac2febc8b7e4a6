import type { CallOptions, Integration, Operation, ProxyAnswer, ProxyCall } from '../../engine/index.ts'
import { EngineError } from '../../engine/index.ts'
import { type ChosenAccount, chooseAccount } from './accounts.ts'
import { nativeAct } from './acts.ts'
import { audited } from './audit.ts'
import { onlyLive, readSwitches, reportHeaders, toCallOptions } from './call-options.ts'
import type { CallContext, Reply } from './context.ts'
import { listEnvelope } from './envelope.ts'
import { type GatedWrite, gatedWrite } from './gate.ts'
import { refuseNarrowed } from './narrow.ts'
import { checkReach } from './reach.ts'
import type { ProxyRequest } from './requests.ts'

const OURS = new Set(['limit', 'next_cursor', 'prev_cursor'])

/** Answers a call of a native resource with the provider's own fields. Throws EngineError. */
export async function callProxy(context: CallContext, request: ProxyRequest): Promise<Reply> {
  const { services, caller } = context
  refuseNarrowed(caller.token)
  const { switches, rest } = readSwitches(request.query)
  onlyLive(switches)
  const chosen = await chooseAccount(context, switches)
  const integration = services.engine.integration(chosen.account)
  const target = targetOf(integration, request)
  const operation = operationOf(integration, request.resource, target.method)
  const call: ProxyCall = {
    ...target,
    resource: request.resource,
    query: groupedQuery(rest),
    body: request.body,
    limit: limitOf(rest),
    cursor: cursorOf(rest),
  }
  const send = async (write: Pick<CallOptions, 'idempotencyKey' | 'beforeWrite'> = {}): Promise<Reply> => {
    const answer = await services.engine.proxy(chosen.account, call, toCallOptions(context, switches, write))
    const headers = reportHeaders(answer.report)
    return { status: 200, headers, body: bodyOf(answer) }
  }
  const name = `proxy/${operation.resource}/${operation.name}`
  return audited(context, name, operation.effect, () => {
    checkReach(caller.token, nativeAct(integration, operation, 'native'))
    if (operation.effect === 'read') return send()
    const write = gated(chosen, { operation: name, effect: operation.effect, request })
    return gatedWrite(context, write, (idempotencyKey, beforeWrite) => send({ idempotencyKey, beforeWrite }))
  })
}

/** A bare record keeps its own `warnings`, should it have any: ours then stand in `_meta`. */
function bodyOf(answer: ProxyAnswer): unknown {
  const { warnings } = answer.report
  const said = warnings.length === 0 ? {} : { warnings }
  if (answer.kind === 'list') return { ...listEnvelope(answer), ...said }
  if (answer.kind === 'method') return { result: answer.result, ...said }
  return 'warnings' in said && 'warnings' in answer.record
    ? { ...answer.record, _meta: said }
    : { ...answer.record, ...said }
}

function gated(
  { stored }: ChosenAccount,
  { operation, effect, request }: Pick<GatedWrite, 'operation' | 'effect'> & { readonly request: ProxyRequest },
): GatedWrite {
  const { id, query, body, idempotencyKey: key } = request
  const write = { account: stored, operation, effect, request: { id, query, body }, key }
  return { ...write, call: { surface: 'proxy', request }, recordCurrency: () => Promise.resolve(null) }
}

/** `GET /proxy/{resource}/{segment}` is a reading method of the collection when it has one of that name, else a get. */
function targetOf(integration: Integration, { resource, method, id }: ProxyRequest): { method: string; id?: string } {
  if (method !== null) return id === undefined ? { method } : { method, id }
  const named = integration.resources.get(resource)?.operations.get(id ?? '')
  if (named !== undefined && named.on === 'collection' && named.effect === 'read') return { method: named.name }
  return { method: 'get', ...(id === undefined ? {} : { id }) }
}

/** The declared operation. Throws unknown_resource or unknown_method. */
function operationOf(integration: Integration, resource: string, method: string): Operation {
  const native = integration.resources.get(resource)
  if (native === undefined) {
    throw new EngineError('unknown_resource', `${integration.label} has no resource ${resource.slice(0, 64)}`, {
      valid: [...integration.resources.keys()],
    })
  }
  const operation = native.operations.get(method)
  if (operation !== undefined) return operation
  throw new EngineError('unknown_method', `${resource} has no method ${method.slice(0, 64)}`, {
    valid: [...native.operations.keys()],
  })
}

function groupedQuery(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    if (OURS.has(name)) continue
    const before = Object.hasOwn(query, name) ? query[name] : undefined
    query[name] = before === undefined ? value : [before, value].flat()
  }
  return query
}

function limitOf(pairs: readonly (readonly [string, string])[]): number | undefined {
  const text = pairs.find(([name]) => name === 'limit')?.[1]
  if (text === undefined) return undefined
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 1_000) return limit
  throw new EngineError('invalid_parameter', '`limit`: expected a whole number from 1 to 1000', { where: 'limit' })
}

const cursorOf = (pairs: readonly (readonly [string, string])[]): string | undefined =>
  pairs.find(([name]) => name === 'next_cursor' || name === 'prev_cursor')?.[1]
