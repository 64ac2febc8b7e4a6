import {
  type CallOptions,
  EngineError,
  type Integration,
  type JsonRecord,
  type ModelResource,
  parseUnifiedQuery,
  type UnifiedAnswer,
  type UnifiedCall,
} from '../../engine/index.ts'
import type { TokenEffect } from '../stores/index.ts'
import { chooseAccount, toEngineAccount } from './accounts.ts'
import { unifiedAct } from './acts.ts'
import { audited } from './audit.ts'
import { readSwitches, reportHeaders, toCallOptions } from './call-options.ts'
import type { CallContext, Reply, Services } from './context.ts'
import { listEnvelope } from './envelope.ts'
import { type GatedWrite, gatedWrite } from './gate.ts'
import { callMerged } from './merged.ts'
import { checkRecordOf, customerOf, narrowQuery, refuseNarrowed } from './narrow.ts'
import { asEngineError } from './problem.ts'
import { checkReach } from './reach.ts'
import { checkRedactedQuery, isRedacting, redactError, redactReply } from './redact.ts'
import type { UnifiedRequest } from './requests.ts'
import { namesSeveral } from './several-accounts.ts'
import { currencyField } from './spend.ts'
import { callSynced } from './synced-call.ts'

type WriteOptions = Pick<CallOptions, 'idempotencyKey' | 'beforeWrite'>

/** Answers a unified call. Throws EngineError. */
export async function callUnified(context: CallContext, request: UnifiedRequest): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, request.model, request.resource)
  if (!isRedacting(caller.token)) return await answerUnified(context, request, resource)
  try {
    const reply = await answerUnified(context, request, resource)
    return redactReply(services.engine.catalog(), resource, request.method, reply)
  } catch (thrown) {
    throw redactError(asEngineError(thrown))
  }
}

async function answerUnified(context: CallContext, request: UnifiedRequest, resource: ModelResource): Promise<Reply> {
  const { services, caller } = context
  const { model, method, id, body } = request
  const { switches, rest } = readSwitches(request.query)
  if (switches.source === 'synced') return callSynced(context, resource, request, { switches, rest })
  if (namesSeveral(switches)) return callMerged(context, resource, request, { switches, rest })
  const { stored } = await chooseAccount(context, switches)
  const { reads } = services
  const [environment, overrides] = await Promise.all([reads.environment(stored.environmentId), reads.overrides(stored)])
  const account = toEngineAccount(stored, overrides)
  const integration = services.engine.integration(account)
  const effect = effectOf(integration, resource, method)
  const parsed = parseUnifiedQuery(rest, resource, { method, timezone: environment?.settings.timezone, ignore: [] })
  const customer = customerOf(caller.token)
  const query = customer !== null && method === 'list' ? narrowQuery(parsed, resource, customer) : parsed
  const call: UnifiedCall = { model, resource: resource.name, method, id, query, body }
  const send = async (write: WriteOptions = {}): Promise<Reply> => {
    const answer = await services.engine.unified(account, call, toCallOptions(context, switches, write))
    if (customer !== null && answer.kind === 'record') checkRecordOf(answer.record, resource, customer)
    return { status: 200, headers: reportHeaders(answer.report), body: toEnvelope(answer, query.keyBy) }
  }
  const operation = `unified/${model}/${resource.name}/${method}`
  return audited(context, operation, effect, () => {
    checkReach(caller.token, unifiedAct(integration, resource, { method, effect }))
    if (isRedacting(caller.token)) checkRedactedQuery(query, resource)
    if (effect === 'read' && (customer === null || isPlainRead(method))) return send()
    refuseNarrowed(caller.token)
    const write: GatedWrite = {
      ...{ account: stored, operation, effect, request: { id, rest, body }, key: request.idempotencyKey },
      call: { surface: 'unified', request },
      recordCurrency: () => currencyOf(context, request, resource),
    }
    return gatedWrite(context, write, (idempotencyKey, beforeWrite) => send({ idempotencyKey, beforeWrite }))
  })
}

/** The currency of the record that a write is for, where its body says that the record has it. */
async function currencyOf(
  context: CallContext,
  request: UnifiedRequest,
  resource: ModelResource,
): Promise<string | null> {
  const field = currencyField(resource, request.method)
  if (field === null || request.id === undefined) return null
  const { switches } = readSwitches(request.query)
  const { stored } = await chooseAccount(context, switches)
  const account = toEngineAccount(stored, await context.services.reads.overrides(stored))
  const query = parseUnifiedQuery([['fields', field]], resource, { method: 'get', timezone: undefined, ignore: [] })
  const call: UnifiedCall = { model: request.model, resource: resource.name, method: 'get', id: request.id, query }
  const answer = await context.services.engine.unified(account, call, toCallOptions(context, switches))
  const value = answer.kind === 'record' ? readPath(answer.record, field) : null
  return typeof value === 'string' ? value : null
}

const isPlainRead = (method: string): boolean => method === 'list' || method === 'get'

/** A resource of a model. Throws unknown_model or unknown_resource. */
export function modelResource(services: Pick<Services, 'engine'>, model: string, resource: string): ModelResource {
  const { models } = services.engine.catalog()
  const known = models.get(model)
  if (known === undefined) {
    throw new EngineError('unknown_model', `There is no unified model ${model.slice(0, 64)}`, {
      valid: [...models.keys()],
    })
  }
  const found = known.resources.get(resource)
  if (found !== undefined) return found
  throw new EngineError('unknown_resource', `${model} has no resource ${resource.slice(0, 64)}`, {
    valid: [...known.resources.keys()],
  })
}

/** What the call does by its mapping; where the provider has none, what the model foresees. Unknown means money. */
function effectOf(integration: Integration, resource: ModelResource, method: string): TokenEffect {
  if (isPlainRead(method)) return 'read'
  const mapping = integration.mappings.get(`${resource.model}/${resource.name}`)
  const mapped = mapping?.writes.get(method)?.effect ?? resource.methods.get(method)?.effect
  if (mapped !== undefined) return mapped
  return resource.writes.includes(method) ? 'write' : 'money'
}

function toEnvelope(answer: UnifiedAnswer, keyBy: string | undefined): unknown {
  const explain = answer.explain === undefined ? {} : { explain: answer.explain }
  const warnings = answer.report.warnings.length === 0 ? {} : { warnings: answer.report.warnings }
  if (answer.kind === 'list') return { ...listEnvelope(answer, keyBy), ...explain, ...warnings }
  if (answer.kind === 'record') return { ...answer.record, ...explain, ...warnings }
  return { result: answer.result, ...explain, ...warnings }
}

const readPath = (record: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as JsonRecord | null | undefined)?.[name], record)
