import { CURRENCIES } from '../../engine/index.ts'
import type { Approval, JsonObject } from '../stores/index.ts'
import type { Services } from './context.ts'

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** An approval on the wire, without the request. `url` is where a person decides. */
export function approvalOut(
  { clock, lifecycle }: Pick<Services, 'clock' | 'lifecycle'>,
  approval: Approval,
): JsonObject {
  const { id, environmentId, tokenId, integratedAccountId, operation, effect, policy, amount, currency } = approval
  const { createdAt, expiresAt, decidedAt, decidedBy, note, usedAt, outcome } = approval
  return {
    ...{ id, state: stateOf(approval, clock.now()), approval: policy },
    ...{ environment: environmentId, token_id: tokenId, integrated_account_id: integratedAccountId },
    ...{ operation, effect, amount, currency },
    summary: summaryOf(approval),
    url: `${lifecycle.url}/approve/${id}`,
    created_at: instant(createdAt),
    expires_at: instant(expiresAt),
    ...{ decided_at: instant(decidedAt), decided_by: decidedBy, note },
    ...{ used_at: instant(usedAt), outcome },
  }
}

/** The state as of now: what nobody used in time has expired. */
export function stateOf({ state, expiresAt }: Approval, now: number): Approval['state'] | 'expired' {
  return (state === 'pending' || state === 'released') && expiresAt <= now ? 'expired' : state
}

/** What is asked for, for people; in facts of ours alone, so nothing that an agent wrote stands in it. */
function summaryOf({ operation, effect, amount, currency, integratedAccountId }: Approval): string {
  const [method = '', resource = ''] = operation.split('/').reverse()
  const money = effect === 'money' ? ` of ${inUnits(amount, currency)}` : ', which touches credentials,'
  return `${method} ${resource}${money} on the account ${integratedAccountId}`
}

/** Minor units as people write them. */
function inUnits(amount: number | null, currency: string | null): string {
  if (amount === null) return 'an amount that the request does not name'
  if (currency === null) return `${amount} in minor units of a currency that the request does not name`
  const decimals = CURRENCIES.get(currency) ?? 0
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency}`
}
