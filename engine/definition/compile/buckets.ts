import type { Integration as IntegrationFile, RateLimits } from '../../schema/generated.ts'
import type { BucketRule } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenSet } from '../frozen.ts'

type Bucket = NonNullable<RateLimits['buckets']>[string]

const bucketsIn = (integration: Located<IntegrationFile>): [string, Bucket][] =>
  Object.entries(integration.value.rate_limits?.buckets ?? {})

function ruleOf([name, { kind, limit, window_ms = 0, per = 'account', modes }]: [string, Bucket]): BucketRule {
  return { name, kind, limit, windowMs: window_ms, per, modes: modes === undefined ? undefined : new FrozenSet(modes) }
}

/** The buckets that an operation takes from. */
export const bucketsOf = (integration: Located<IntegrationFile>, id: string, effect: string): BucketRule[] =>
  bucketsIn(integration)
    .filter(([, { effects, operations = [id] }]) => {
      const isNamed = operations.includes(id) || operations.includes(`${id.split('.')[0]}.*`)
      return isNamed && (effects === undefined || (effects as readonly string[]).includes(effect))
    })
    .map(ruleOf)

/** The buckets that every request takes from, also one of no declared operation. */
export const generalBuckets = (integration: Located<IntegrationFile>): BucketRule[] =>
  bucketsIn(integration)
    .filter(([, { effects, operations }]) => effects === undefined && operations === undefined)
    .map(ruleOf)
