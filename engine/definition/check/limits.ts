import type { Integration, RateLimits } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { RawIntegration, Subject } from '../registry.ts'
import { unknownName } from '../words.ts'

type Bucket = NonNullable<RateLimits['buckets']>[string]

/** Whether rate buckets are possible and apply to something. */
export function checkLimits({ integration }: Subject): Issue[] {
  const { definition } = integration
  const buckets = definition?.at('rate_limits')?.at('buckets')?.entries() ?? []
  if (definition === undefined) return []
  return buckets.flatMap(([, bucket]) => [
    ...windowIssues(bucket),
    ...modeIssues(definition, bucket),
    ...(integration.isBroken ? [] : operationIssues(integration, bucket)),
  ])
}

function windowIssues(bucket: Located<Bucket>): Issue[] {
  const window = bucket.at('window_ms')
  const kind = bucket.at('kind')?.value
  if (kind === undefined) return []
  if (kind === 'concurrency' && window !== undefined) {
    const facts = { message: '`kind: concurrency` has no window', hint: 'Remove `window_ms`.' }
    return [window.issue('key', 'rate_bucket', facts)]
  }
  if (kind === 'concurrency' || window !== undefined) return []
  const facts = {
    message: `\`kind: ${kind}\` needs \`window_ms\``,
    hint: 'Add the length of the window, such as 1000.',
  }
  return [bucket.issue('key', 'rate_bucket', facts)]
}

function modeIssues(definition: Located<Integration>, bucket: Located<Bucket>): Issue[] {
  const known = Object.keys(definition.value.modes ?? {})
  return (bucket.at('modes')?.items() ?? [])
    .filter((mode) => !known.includes(mode.value))
    .map((mode) => unknownName(mode, 'value', 'unknown_mode', 'mode', mode.value, known))
}

function operationIssues({ operations, resources }: RawIntegration, bucket: Located<Bucket>): Issue[] {
  const known = [...operations.keys(), ...[...resources.keys()].map((name) => `${name}.*`)]
  return (bucket.at('operations')?.items() ?? [])
    .filter((operation) => !known.includes(operation.value))
    .map((operation) => unknownName(operation, 'value', 'unknown_operation', 'operation', operation.value, known))
}
