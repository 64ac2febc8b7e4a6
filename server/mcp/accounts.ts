import { findAccount } from '../api/accounts.ts'
import type { CallContext } from '../api/context.ts'
import { accountsOf, checkRank } from '../api/reach.ts'
import { pageReply, readPageQuery } from '../api/wire.ts'
import type { IntegratedAccount, JsonObject } from '../stores/index.ts'
import type { Arguments, Found } from './contract.ts'
import { foundIn, pageOf } from './reply.ts'
import { textOf } from './values.ts'

/** The accounts that the caller may name; of a token that is bound to some, these. */
export async function listAccounts(context: CallContext, args: Arguments): Promise<Found> {
  const { services, caller } = context
  const { token } = caller
  const bound = accountsOf(token)
  if (bound !== null) {
    const own = await Promise.all(bound.map((id) => findAccount(context, id)))
    return { result: own.map(shown), rest: { next_cursor: null }, isFromOutside: false }
  }
  checkRank(token, 'read')
  const send = async (limit?: number): Promise<Found> => {
    const integration = textOf(args, 'integration')
    const wanted: [string, string][] = integration === undefined ? [] : [['integration', integration]]
    const pairs = [...pageOf(limit === undefined ? args : { ...args, limit }), ...wanted]
    const { page, binding } = readPageQuery(context, 'accounts of agents', pairs)
    const found = await services.stores.accounts.list(caller.environmentId, { ...page, integration })
    const { result, rest } = foundIn(pageReply(context, binding, found, shown), true)
    return { result, rest: { next_cursor: rest?.next_cursor ?? null }, isFromOutside: false }
  }
  return { ...(await send()), again: send }
}

const shown = ({ id, integration, tenantId, status, mode, livemode }: IntegratedAccount): JsonObject => ({
  id,
  integration,
  tenant_id: tenantId,
  status,
  mode,
  livemode,
})

/** The integrations whose tools the caller can use: of its account, or of the environment's accounts. */
export async function reachedIntegrations(context: CallContext, accountId?: string): Promise<ReadonlySet<string>> {
  const { services, caller } = context
  const { token } = caller
  const ids = accountId === undefined ? accountsOf(token) : [accountId]
  if (ids !== null)
    return new Set(await Promise.all(ids.map(async (id) => (await findAccount(context, id)).integration)))
  checkRank(token, 'read')
  const { accounts } = services.stores
  const names = [...services.engine.catalog().integrations.keys()]
  const connected = await Promise.all(
    caller.environments.flatMap((environment) =>
      names.map(async (integration) => {
        const { result } = await accounts.list(environment, { integration, limit: 1 })
        return result.length > 0 ? [integration] : []
      }),
    ),
  )
  return new Set(connected.flat())
}
