import type { ErrorRules, RequestFacts, Rules } from './contract.ts'
import type { Json } from './paths.ts'
import type { Refusal } from './refusal.ts'
import type { Answer } from './replays.ts'
import { answerOf } from './slots.ts'

/** The provider's answer to what was refused. */
export function refusalAnswer(failure: Refusal, facts: RequestFacts, rules: Rules, now: number): Answer {
  const rule: ErrorRules | undefined = rules.errors.get(failure.error)
  if (rule === undefined) throw new TypeError(`the sandbox rules have no error ${failure.error}`)
  const variables: Json = {
    error: failure.facts,
    request: facts,
    constants: rules.constants,
    now,
    http_status: rule.status,
  }
  const headers = rule.headers.flatMap(([name, value]) => {
    const text = answerOf(value, variables)
    return text === undefined || text === null ? [] : [[name, String(text)] as const]
  })
  return { status: rule.status, body: answerOf(rule.body, variables), headers }
}

/** RFC 9110: No Content and Reset Content. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205])

/** An answer as it goes out, with the headers that every answer has. */
export function writeAnswer(
  { status, body, headers }: Answer,
  facts: RequestFacts,
  rules: Rules,
  now: number,
): Response {
  const variables: Json = { request: facts, constants: rules.constants, now, http_status: status }
  const all = new Headers({ 'content-type': 'application/json' })
  for (const [name, value] of rules.headers) {
    const text = answerOf(value, variables)
    if (text !== undefined && text !== null) all.set(name, String(text))
  }
  for (const [name, value] of headers) all.set(name, value)
  if (WITHOUT_BODY.has(status)) all.delete('content-type')
  return new Response(WITHOUT_BODY.has(status) ? null : JSON.stringify(body ?? null), { status, headers: all })
}
