import { describe, expect, it } from 'vitest'
import type { RetryRules } from '../../engine/definition/catalog.ts'
import { type Failure, isUnanswered, type NextStep, nextStep } from '../../engine/resilience/index.ts'

const RULES: RetryRules = {
  attempts: 3,
  baseMs: 1,
  capMs: 1,
  statuses: new Set([408, 429, 500, 502, 503, 504]),
  hints: [],
}

const failure = (extra: Partial<Failure>): Failure => ({
  status: undefined,
  code: 'provider_error',
  action: undefined,
  hint: undefined,
  isLimited: false,
  wasSent: true,
  ...extra,
})
const status = (code: number, extra: Partial<Failure> = {}): Failure => failure({ status: code, ...extra })
const wire = (code: Failure['code'], wasSent = true): Failure => failure({ code, wasSent })

/** What a read or keyed write does, and what a write without a key does, while attempts are left. */
const MATRIX: readonly (readonly [string, Failure, NextStep, NextStep])[] = [
  ['a timeout', wire('timeout'), 'again', 'ask_then_again'],
  ['a broken connection', wire('connection_failed'), 'again', 'ask_then_again'],
  ['a connection that never came up', wire('connection_failed', false), 'again', 'again'],
  ['an answer that is too large', wire('response_too_large'), 'stop', 'ask_then_unknown'],
  ['a refused address', wire('egress_refused', false), 'stop', 'stop'],
  ['an unreadable 200', status(200, { code: 'provider_bad_response' }), 'again', 'ask_then_unknown'],
  ['400', status(400), 'stop', 'stop'],
  ['402', status(402), 'stop', 'stop'],
  ['404', status(404), 'stop', 'stop'],
  ['408', status(408), 'again', 'again'],
  ['409', status(409), 'stop', 'stop'],
  ['429', status(429, { isLimited: true }), 'again', 'again'],
  ['a limit with another status', status(403, { isLimited: true }), 'again', 'again'],
  ['500', status(500), 'again', 'ask_then_again'],
  ['502', status(502), 'again', 'ask_then_again'],
  ['503', status(503), 'again', 'again'],
  ['504', status(504), 'again', 'ask_then_again'],
  ['409 with the hint to retry', status(409, { hint: true }), 'again', 'again'],
  ['500 with the hint to retry', status(500, { hint: true }), 'again', 'again'],
  ['503 with the hint not to', status(503, { hint: false }), 'stop', 'stop'],
  ['500 with the hint not to', status(500, { hint: false }), 'stop', 'ask_then_unknown'],
  ['a rule that says retry', status(409, { action: 'retry' }), 'again', 'again'],
  ['a rule that says limited', status(400, { action: 'rate_limited', isLimited: true }), 'again', 'again'],
  ['a rule that says retry against the hint', status(409, { action: 'retry', hint: false }), 'again', 'again'],
  ['a rule that says fail', status(503, { action: 'fail' }), 'stop', 'stop'],
  ['a rule that says fail, and the hint to retry', status(503, { action: 'fail', hint: true }), 'again', 'again'],
  ['an error inside a 200', status(200, { action: 'fail' }), 'stop', 'stop'],
  ['refused credentials', status(401, { action: 'refresh', code: 'needs_reauth' }), 'stop', 'stop'],
]

describe('the retry matrix', () => {
  it.each(MATRIX)('%s', (_name, given, repeatable, keyless) => {
    expect(nextStep(RULES, given, { attempt: 1, isRepeatable: true })).toBe(repeatable)
    expect(nextStep(RULES, given, { attempt: 1, isRepeatable: false })).toBe(keyless)
  })

  it.each(MATRIX)('%s, on the last attempt, is not tried again', (_name, given, _repeatable, keyless) => {
    expect(nextStep(RULES, given, { attempt: 3, isRepeatable: true })).toBe('stop')
    const isOpen = keyless.startsWith('ask')
    expect(nextStep(RULES, given, { attempt: 3, isRepeatable: false })).toBe(isOpen ? 'ask_then_unknown' : 'stop')
  })

  it('a keyed write stays open after a wire failure or a gateway, not after an answer of the provider', () => {
    const open = (given: Failure) => isUnanswered(given, true)
    expect([wire('timeout'), wire('response_too_large'), status(502), status(504)].map(open)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([wire('timeout', false), status(500), status(503), status(429, { isLimited: true })].map(open)).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(open(wire('canceled'))).toBe(false)
  })
})
