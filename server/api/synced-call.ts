import { EngineError, type ModelResource, parseUnifiedQuery } from '../../engine/index.ts'
import { audited } from './audit.ts'
import { type CallSwitches, onlyLive } from './call-options.ts'
import type { CallContext, Reply } from './context.ts'
import { checkRecordOf, customerOf, narrowQuery } from './narrow.ts'
import { checkRedactedQuery, isRedacting } from './redact.ts'
import type { UnifiedRequest } from './requests.ts'
import { MOST_MERGED } from './several-accounts.ts'
import { getSynced, listSynced } from './synced.ts'
import { chooseSources, type SyncedSources } from './synced-subject.ts'

/** A list or a get that is answered from synced data. Throws EngineError. */
export function callSynced(
  context: CallContext,
  resource: ModelResource,
  { method, id }: Pick<UnifiedRequest, 'method' | 'id'>,
  { switches, rest }: { readonly switches: CallSwitches; readonly rest: UnifiedRequest['query'] },
): Promise<Reply> {
  const { services, caller } = context
  return audited(context, `unified/${resource.model}/${resource.name}/${method}`, 'read', async () => {
    if (method !== 'list' && method !== 'get') onlyLive(switches)
    const chosen = await chooseSources(context, resource, switches, method === 'list' ? MOST_MERGED : 1)
    const parsed = await parseSynced(context, resource, rest, chosen, method)
    const customer = customerOf(caller.token)
    const query = customer !== null && method === 'list' ? narrowQuery(parsed, resource, customer) : parsed
    if (isRedacting(caller.token)) checkRedactedQuery(query, resource)
    if (method === 'list') return { status: 200, body: await listSynced({ services, resource, query, ...chosen }) }
    const [source] = chosen.sources
    if (source === undefined || chosen.isSeveral) throw new EngineError('ambiguous_account', 'A get is for one account')
    const record = await getSynced({ services, query }, source, id ?? '')
    if (customer !== null) checkRecordOf(record, resource, customer)
    return { status: 200, body: record }
  })
}

/** The query of a call over synced data; dates are read in the zone of its environment unless it names one. */
export async function parseSynced(
  { services }: CallContext,
  resource: ModelResource,
  pairs: UnifiedRequest['query'],
  { sources }: SyncedSources,
  method = 'list',
) {
  const environment = await services.reads.environment(sources[0]?.account.environmentId ?? '')
  return parseUnifiedQuery(pairs, resource, { method, timezone: environment?.settings.timezone, ignore: [] })
}
