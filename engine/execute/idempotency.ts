import { createHash } from 'node:crypto'
import { withBodyPath } from '../body-path.ts'
import type { IdempotencyRules, Operation } from '../definition/catalog.ts'
import type { PageInput } from '../pagination/index.ts'
import type { RequestSpec } from '../types.ts'

/** The key as this provider takes it: one that is too long, or looks otherwise than keys may, is replaced by its hash. */
export function fitKey(key: string, { maxLength, pattern }: Pick<IdempotencyRules, 'maxLength' | 'pattern'>): string {
  const fits = key.length <= maxLength && (pattern === undefined || pattern.test(key))
  return fits ? key : createHash('sha256').update(key).digest('hex').slice(0, maxLength)
}

/** Where the key of an operation goes; undefined for reads and for writes that take none. */
export function keyPlace(operation: Operation): (IdempotencyRules & { readonly name: string }) | undefined {
  const rules = operation.idempotency
  if (operation.effect === 'read' || rules === undefined || rules.in === 'none' || rules.name === undefined)
    return undefined
  return { ...rules, name: rules.name }
}

/** The input with the key in its body, where the operation wants it there. */
export function withKeyInBody(operation: Operation, input: PageInput, key: string | undefined): PageInput {
  const place = keyPlace(operation)
  if (key === undefined || place?.in !== 'body') return input
  return { ...input, body: withBodyPath(input.body, place.name, key) }
}

/** The request with the key in its header, where the operation wants it there; in place of one the caller gave. */
export function withKeyInHeader(operation: Operation, spec: RequestSpec, key: string | undefined): RequestSpec {
  const place = keyPlace(operation)
  if (key === undefined || place?.in !== 'header') return spec
  const others = spec.headers.filter(([name]) => name.toLowerCase() !== place.name.toLowerCase())
  return { ...spec, headers: [...others, [place.name, key]] }
}
