import { EngineError, type JsonRecord } from '../../engine/index.ts'
import { toEngineAccount } from './accounts.ts'
import { unifiedAct } from './acts.ts'
import { audited } from './audit.ts'
import { readSwitches, toCallOptions } from './call-options.ts'
import type { CallContext, Reply } from './context.ts'
import { customerOf } from './narrow.ts'
import { checkReach } from './reach.ts'
import type { UnifiedRequest } from './requests.ts'
import { recordOf } from './synced-scan.ts'
import { chooseSources } from './synced-subject.ts'
import { callUnified, modelResource } from './unified.ts'

const EXPAND = 'summary'
/** Values of one look into the rows. */
const VALUES_AT_ONCE = 50

/** A summary is asked for. */
export type SummaryRequest = Pick<UnifiedRequest, 'model' | 'resource' | 'query'> & { readonly id: string }

/** What a customer paid and owes, live or from synced data, by the same rules. Throws EngineError. */
export async function summarize(context: CallContext, request: SummaryRequest): Promise<Reply> {
  const { switches, rest } = readSwitches(request.query)
  const resource = modelResource(context.services, request.model, request.resource)
  if (!resource.expand.includes(EXPAND)) {
    throw new EngineError('unknown_method', `${resource.model}/${resource.name} have no summary`)
  }
  const [odd] = rest.find(([name]) => name !== 'timezone') ?? []
  if (odd !== undefined) {
    throw new EngineError('unknown_parameter', `\`${odd.slice(0, 64)}\` is not a parameter of a summary`, {
      where: odd,
    })
  }
  if (switches.source === 'synced') return summarizeSynced(context, request, switches)
  const query: UnifiedRequest['query'] = [...request.query, ['expand', EXPAND], ['fields', `id,${EXPAND}`]]
  const { body, ...reply } = await callUnified(context, { ...request, method: 'get', query })
  return { ...reply, body: (body as JsonRecord)[EXPAND] }
}

function summarizeSynced(
  context: CallContext,
  { model, resource: name, id }: SummaryRequest,
  switches: ReturnType<typeof readSwitches>['switches'],
): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  return audited(context, `unified/${model}/${name}/summary`, 'read', async () => {
    const { sources } = await chooseSources(context, resource, switches, 1)
    const [source] = sources
    if (source === undefined) throw new EngineError('ambiguous_account', 'A summary is for one account')
    const { account: stored, set } = source
    const account = toEngineAccount(stored, await services.reads.overrides(stored))
    checkReach(
      caller.token,
      unifiedAct(services.engine.integration(account), resource, { method: 'get', effect: 'read' }),
    )
    const customer = customerOf(caller.token)
    const known = await services.stores.syncedReads.records(set.id, {
      descending: true,
      after: null,
      ids: [id],
      limit: 1,
    })
    if (known.length === 0 || (customer !== null && customer !== id)) {
      throw new EngineError('record_not_found', `No synced record has the id ${id.slice(0, 128)}`)
    }
    const read = (of: { readonly model: string; readonly resource: string }, ids: readonly string[]) =>
      keptOf(context, { environmentId: stored.environmentId, integratedAccountId: stored.id, ...of }, ids)
    const call = { model, resource: name, expand: EXPAND, id, read }
    return { status: 200, body: await services.engine.keptFigures(account, call, toCallOptions(context, switches)) }
  })
}

type Address = Parameters<CallContext['services']['stores']['synced']['find']>[0]

/** Records that hold one of the ids somewhere; which of them are meant is for the filter of the list. */
async function keptOf({ services }: CallContext, address: Address, ids: readonly string[]) {
  const { synced, syncedReads } = services.stores
  const set = await synced.find(address)
  if (set === null) return null
  const records = new Map<string, JsonRecord>()
  for (let from = 0; from < ids.length; from += VALUES_AT_ONCE) {
    for (const kept of await syncedReads.holding(set.id, ids.slice(from, from + VALUES_AT_ONCE))) {
      records.set(kept.recordId, recordOf(kept))
    }
  }
  return { records: [...records.values()], observedAt: set.completeUntil }
}
