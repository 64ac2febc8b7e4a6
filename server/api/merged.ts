import { type Account, EngineError, type ModelResource, parseUnifiedQuery } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { type AccountChoice, requireActive, toEngineAccount } from './accounts.ts'
import { unifiedAct } from './acts.ts'
import { audited } from './audit.ts'
import { type CallSwitches, toCallOptions } from './call-options.ts'
import type { CallContext, Reply } from './context.ts'
import { listEnvelope } from './envelope.ts'
import { type LeftOut, leftOut } from './left-out.ts'
import { refuseNarrowed } from './narrow.ts'
import { asEngineError } from './problem.ts'
import { checkReach } from './reach.ts'
import { checkRedactedQuery, isRedacting } from './redact.ts'
import type { UnifiedRequest } from './requests.ts'
import { severalAccounts } from './several-accounts.ts'

/** One list over several accounts. Throws EngineError; what only some of them fail with stands in `errors`. */
export function callMerged(
  context: CallContext,
  resource: ModelResource,
  { method }: Pick<UnifiedRequest, 'method'>,
  { switches, rest }: { readonly switches: CallSwitches; readonly rest: UnifiedRequest['query'] },
): Promise<Reply> {
  const { services, caller, trace } = context
  if (method !== 'list') throw oneOnly(method)
  return audited(context, `unified/${resource.model}/${resource.name}/list`, 'read', async () => {
    refuseNarrowed(caller.token)
    const all = await severalAccounts(context, switches)
    trace.accountId = null
    const [first] = all
    if (first === undefined) throw nobody(switches)
    const { settings } = (await services.reads.environment(first.environmentId)) ?? {}
    const query = parseUnifiedQuery(rest, resource, { method, timezone: settings?.timezone, ignore: [] })
    if (isRedacting(caller.token)) checkRedactedQuery(query, resource)
    const { accounts, failures } = await admit(context, all, resource)
    if (accounts.length === 0) throw failures[0]?.error ?? nobody(switches)
    const call = {
      accounts,
      selection: selectionOf(all, switches),
      model: resource.model,
      resource: resource.name,
      query,
    }
    const answer = await services.engine.unifiedMerged(call, toCallOptions(context, switches))
    for (const { account, error } of answer.failures) {
      const stored = all.find(({ id }) => id === account.id)
      if (stored !== undefined) failures.push({ account: stored, error })
    }
    const { warnings } = answer.report
    return {
      status: 200,
      body: {
        ...listEnvelope(answer, query.keyBy),
        is_partial_response: answer.isPartial || failures.length > 0,
        errors: failures.map((one) => leftOut(one, isRedacting(caller.token))),
        ...(answer.explain === undefined ? {} : { explain: answer.explain }),
        ...(warnings.length === 0 ? {} : { warnings }),
      },
    }
  })
}

/** Which of the accounts can be asked, and what is wrong with the others. */
async function admit(context: CallContext, all: readonly IntegratedAccount[], resource: ModelResource) {
  const accounts: Account[] = []
  const failures: LeftOut[] = []
  for (const stored of all) {
    try {
      accounts.push(await admitted(context, stored, resource))
    } catch (thrown) {
      failures.push({ account: stored, error: asEngineError(thrown) })
    }
  }
  return { accounts, failures }
}

/** The engine's view of an account that answers and that the token may list. */
async function admitted(
  { services, caller }: CallContext,
  stored: IntegratedAccount,
  resource: ModelResource,
): Promise<Account> {
  requireActive(stored)
  const account = toEngineAccount(stored, await services.reads.overrides(stored))
  const integration = services.engine.integration(account)
  checkReach(caller.token, unifiedAct(integration, resource, { method: 'list', effect: 'read' }))
  return account
}

/** What a cursor is bound to: the tenant, or the accounts in whatever order they are named. */
const selectionOf = (all: readonly IntegratedAccount[], { tenantId }: AccountChoice): string =>
  JSON.stringify(tenantId === undefined ? all.map(({ id }) => id).sort() : { tenantId })

const oneOnly = (method: string): EngineError =>
  new EngineError('ambiguous_account', `${method} is for one account, and the call names several`, {
    where: 'integrated_account_id',
    hint: 'Make one call for each account: integrated_account_id=<id>. Only lists go over several.',
  })

const nobody = ({ tenantId = '' }: AccountChoice): EngineError =>
  new EngineError('unknown_account', `There is no integrated account of the tenant ${tenantId.slice(0, 128)}`, {
    where: 'tenant_id',
    hint: 'GET /integrated-account lists the accounts of this environment.',
  })
