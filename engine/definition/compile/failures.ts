import type { ErrorRule, Retry } from '../../schema/generated.ts'
import type { CompiledErrorRule, RetryRules } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenSet } from '../frozen.ts'
import { expressionOf, expressionsOf, maybeExpression } from './slots.ts'

const STATUSES = [408, 429, 500, 502, 503, 504]

/** When an attempt is made again; earlier layers win, their hints are asked first. */
export function retryOf(layers: readonly (Located<Retry> | undefined)[]): RetryRules {
  const merged: Retry = Object.assign({}, ...[...layers].reverse().map((layer) => layer?.value ?? {}))
  const hints = layers.flatMap((layer) => layer?.at('hints')?.items() ?? [])
  return {
    attempts: merged.attempts ?? 4,
    baseMs: merged.base_ms ?? 250,
    capMs: merged.cap_ms ?? 20_000,
    statuses: new FrozenSet(merged.statuses ?? STATUSES),
    hints: hints.map((hint) => ({ when: expressionOf(hint.need('when')), retry: hint.value.retry })),
  }
}

/** Error rules in order. */
export function errorRulesOf(list: Located<readonly ErrorRule[]> | undefined): CompiledErrorRule[] {
  return (list?.items() ?? []).map((rule) => {
    const { code, action = 'fail', hint } = rule.value
    const instead = rule.at('succeed_with')
    return {
      when: expressionOf(rule.need('when')),
      code,
      action,
      succeedWith:
        instead === undefined ? undefined : { from: instead.value.from, path: expressionsOf(instead.at('path')) },
      hint,
      missingFields: maybeExpression(rule.at('missing_fields')),
      missingScopes: maybeExpression(rule.at('missing_scopes')),
    }
  })
}
