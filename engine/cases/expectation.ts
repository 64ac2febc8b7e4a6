import type { EngineError } from '../errors.ts'
import type { ProxyAnswer, UnifiedAnswer } from '../execute/contract.ts'
import type { Case } from '../schema/generated.ts'
import { CONVENTIONAL, isObject } from './compare.ts'

/** What comes out of a case, as it is written. */
export type Expectation = Case['expect']

/** What a connect answers; `unnamed` says what found no identity. */
interface Connected {
  readonly kind: 'connect'
  readonly result: unknown
  readonly unnamed: string | null
}

/** What a call or a connect answers. */
export type Answer = UnifiedAnswer | ProxyAnswer | Connected

/**
 * What a case would have to expect of an answer. Of a unified record without nulls and without the conventional fields that
 * `given` does not name; in the order of `given`, so that the two can be held against each other.
 */
export function expectationOf(answer: Answer, given: Expectation | undefined, isUnified: boolean): Expectation {
  const actual = answer.kind === 'record' ? answer.record : answer.result
  const isList = answer.kind === 'list'
  const more = isList && answer.nextCursor !== null
  const isPartial = isList && answer.isPartial
  const errors = isUnified ? fieldErrors(actual) : []
  const made = {
    result: isUnified ? recordsOf(actual, given?.result) : actual,
    ...(isList && (given === undefined || given.more !== undefined) ? { more } : {}),
    ...(isList && (isPartial || given?.partial !== undefined) ? { partial: isPartial } : {}),
    ...(errors.length > 0 ? { field_errors: errors } : {}),
  }
  const shown = written(made, given) as Expectation
  // A result that is null is still the one that came.
  return 'result' in shown ? shown : ({ ...shown, result: null } as unknown as Expectation)
}

/** What a case would have to expect of a failure. */
export function errorExpectation({ code, details }: EngineError, given: Expectation | undefined): Expectation {
  const native = details.provider?.code
  const names = given?.error === undefined || given.error.provider_code !== undefined
  return { error: { code, ...(names && native !== undefined ? { provider_code: native } : {}) } }
}

/** Fields that did not fit the model, over all records, each once. */
export function fieldErrors(actual: unknown): string[] {
  const records = [actual].flat() as readonly { _meta?: { field_errors?: readonly { field: string }[] } }[]
  const fields = records.flatMap((record) => record?._meta?.field_errors?.map(({ field }) => field) ?? [])
  return [...new Set(fields)].sort()
}

/** Unified records without the conventional fields that nobody names. */
function recordsOf(actual: unknown, given: unknown): unknown {
  if (Array.isArray(actual))
    return actual.map((each, at) => recordsOf(each, Array.isArray(given) ? given[at] : undefined))
  if (!isObject(actual)) return actual
  const named = isObject(given) ? given : {}
  return Object.fromEntries(Object.entries(actual).filter(([name]) => name in named || !CONVENTIONAL.has(name)))
}

/** A value without nulls in objects, keys in the order of another one; what that one lacks follows. */
export function written(value: unknown, like?: unknown): unknown {
  if (Array.isArray(value)) return value.map((each, at) => written(each, Array.isArray(like) ? like[at] : undefined))
  if (!isObject(value)) return value
  const order = isObject(like) ? like : {}
  const names = [...Object.keys(order).filter((name) => name in value), ...Object.keys(value)]
  const pairs = [...new Set(names)].map((name): [string, unknown] => [name, written(value[name], order[name])])
  return Object.fromEntries(pairs.filter(([, each]) => each !== null && each !== undefined))
}
