import type { BucketRule, Integration, Operation } from '../definition/catalog.ts'
import type { BucketAsk } from '../ports.ts'
import type { Account } from './contract.ts'

const appliesIn = (rule: BucketRule, mode: string | null): boolean =>
  rule.modes === undefined || (mode !== null && rule.modes.has(mode))

/**
 * The buckets that a request of an account takes from. A request that no operation declares takes from those of the whole
 * account; `per: operation` ones then share one bucket for all undeclared requests. Without any there is still one, so that
 * an answer can block the account for all callers.
 */
export function bucketAsks(
  integration: Integration,
  account: Account,
  operation: Operation | undefined,
): readonly BucketAsk[] {
  const owner = operation ?? integration
  const known = kept.get(account)?.get(owner)
  if (known !== undefined) return known
  const asks = makeAsks(integration, account, operation)
  const ofAccount = kept.get(account) ?? new WeakMap<object, readonly BucketAsk[]>()
  kept.set(account, ofAccount.set(owner, asks))
  return asks
}

/** By account and what declares the buckets: both are never changed, and gone when nobody has them any more. */
const kept = new WeakMap<Account, WeakMap<object, readonly BucketAsk[]>>()

function makeAsks(integration: Integration, account: Account, operation: Operation | undefined): BucketAsk[] {
  const asks: BucketAsk[] = []
  for (const rule of (operation ?? integration).buckets) {
    if (!appliesIn(rule, account.mode)) continue
    const scope = rule.per === 'operation' ? `/${operation?.id ?? ''}` : ''
    const key = `${account.environmentId}/${account.id}/${rule.name}${scope}`
    asks.push({ key, kind: rule.kind, limit: rule.limit, windowMs: rule.windowMs })
  }
  if (asks.length > 0) return asks
  const key = `${account.environmentId}/${account.id}`
  return [{ key, kind: 'concurrency', limit: Number.MAX_SAFE_INTEGER, windowMs: 0 }]
}
