import { EngineError } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { type AccountChoice, findAccount } from './accounts.ts'
import type { CallContext } from './context.ts'
import { accountsOf } from './reach.ts'

/** Accounts of one call: each has a place in the memory of the merge. */
export const MOST_MERGED = 100

/** Whether a call may be about several accounts: it names some with commas, or a tenant. */
export const namesSeveral = ({ integratedAccountId, tenantId }: AccountChoice): boolean =>
  integratedAccountId?.includes(',') === true || tenantId !== undefined

/**
 * The accounts that are named, or those of a tenant that the token reaches, whatever their status. Throws `unknown_account`, and
 * `invalid_parameter` for more than `most` of them.
 */
export async function severalAccounts(
  context: CallContext,
  { integratedAccountId, tenantId }: AccountChoice,
  most = MOST_MERGED,
): Promise<readonly IntegratedAccount[]> {
  if (integratedAccountId !== undefined && tenantId !== undefined) {
    throw new EngineError('invalid_parameter', 'Name accounts or a tenant, not both', { where: 'tenant_id' })
  }
  if (integratedAccountId === undefined) return tenantAccounts(context, tenantId ?? '', most)
  const ids = [...new Set(integratedAccountId.split(',').map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length > most) throw tooMany(most, 'integrated_account_id')
  const accounts: IntegratedAccount[] = []
  for (const id of ids) accounts.push(await findAccount(context, id))
  return accounts
}

async function tenantAccounts(
  { services, caller, trace }: CallContext,
  tenantId: string,
  most: number,
): Promise<readonly IntegratedAccount[]> {
  const { token, environments } = caller
  if (token.kind === 'agent' && token.tenantId !== tenantId) return []
  const bound = accountsOf(token)
  for (const environmentId of environments) {
    const { result, next } = await services.stores.accounts.list(environmentId, { tenantId, limit: most })
    if (next !== null) throw tooMany(most, 'tenant_id')
    const reached = result.filter((account) => bound?.includes(account.id) ?? true)
    if (reached.length === 0) continue
    trace.environmentId = environmentId
    return reached
  }
  return []
}

const tooMany = (most: number, where: string): EngineError =>
  new EngineError('invalid_parameter', `More than ${most} accounts are too many for one call`, {
    where,
    hint: `Name up to ${most} of them: integrated_account_id=<id>,<id>.`,
  })
