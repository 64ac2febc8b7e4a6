import type { Catalog, Integration } from '../definition/catalog.ts'
import { createEngine } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Account, CallOptions, Engine } from '../execute/contract.ts'
import type { Case } from '../schema/generated.ts'
import { accountOf } from './account.ts'
import { makeCall } from './call.ts'
import { casePorts } from './case-ports.ts'
import { differences, recordDifferences, show } from './compare.ts'
import { type Answer, type Expectation, errorExpectation, expectationOf, fieldErrors } from './expectation.ts'
import { playTape } from './tape.ts'

/** How a case came out. */
export interface Played<E> {
  /** What the case would have to expect; undefined where it did not come that far. */
  readonly actual: E | undefined
  /** Whether the requests were those of the exchanges, all of them. */
  readonly fits: boolean
  /** What does not come out as written; empty is good. */
  readonly problems: readonly string[]
}

/** Plays one case of an integration through the engine. */
export async function playCase(catalog: Catalog, integration: Integration, each: Case): Promise<Played<Expectation>> {
  const { account, credentials, app } = accountOf(integration, each.account)
  const tape = playTape(each.exchanges)
  const engine = createEngine({ catalog, ports: casePorts(tape.transport, credentials, each.now, app) })
  const options = { ...OPTIONS, idempotencyKey: each.call?.idempotency_key ?? 'case-key' }
  const asked: Promise<Answer> =
    each.call === undefined ? connected(engine, account) : makeCall(engine, account, each.call, options)
  const outcome = await asked.then(
    (answer) => ({ answer }),
    (thrown: unknown) => ({ thrown }),
  )
  const { expect } = each
  const problems = tape.problems()
  const fits = problems.length === 0
  if ('answer' in outcome) {
    const actual = expectationOf(outcome.answer, expect, each.call?.model !== undefined)
    return { actual, fits, problems: fits ? answerProblems(each, outcome.answer) : problems }
  }
  if (!fits) return { actual: undefined, fits, problems: [...failure(outcome.thrown, expect), ...problems] }
  if (!(outcome.thrown instanceof EngineError)) throw outcome.thrown
  return { actual: errorExpectation(outcome.thrown, expect), fits, problems: errorProblems(each, outcome.thrown) }
}

/** What the call ended with before it came to all of its exchanges; nothing where the case expects that. */
function failure(thrown: unknown, expect: Expectation): string[] {
  if (!(thrown instanceof EngineError) || thrown.code === 'internal') return []
  return expect.error?.code === thrown.code ? [] : [`the call failed with ${thrown.code}: ${thrown.message}`]
}

const OPTIONS: CallOptions = { requestId: 'req_case', priority: 'interactive', onLimit: 'wait' }

/** A connect as the server does it: who it is, then every step of post_install. */
async function connected(engine: Engine, account: Account): Promise<Answer> {
  const { identity, unnamed, mode, livemode, traits } = await engine.verify(account, OPTIONS)
  let now: Account = { ...account, mode, livemode, traits: { ...account.traits, ...traits } }
  for (const { name } of engine.integration(account).auth.postInstall) {
    const kept = await engine.install(now, name, { ...OPTIONS, idempotencyKey: `case-${name}` })
    now = { ...now, traits: { ...now.traits, ...kept.traits }, connection: { ...now.connection, ...kept.settings } }
  }
  const result = { identity, mode, livemode, traits: now.traits, settings: now.connection }
  return { kind: 'connect', result, unnamed }
}

function answerProblems({ call: asked, expect }: Case, answer: Answer): string[] {
  const model = asked?.model
  const actual = answer.kind === 'record' ? answer.record : answer.result
  if (expect.error !== undefined) return [`it answers ${show(actual)}, not the error ${expect.error.code}`]
  const compare = model === undefined ? differences : recordDifferences
  return [
    ...compare(expect.result, actual),
    ...unnamedProblems(expect, answer),
    ...(expect.more === undefined || answer.kind !== 'list'
      ? []
      : differences(expect.more, answer.nextCursor !== null, 'more')),
    ...(expect.partial === undefined || answer.kind !== 'list'
      ? []
      : differences(expect.partial, answer.isPartial, 'partial')),
    ...(model === undefined
      ? []
      : differences([...(expect.field_errors ?? [])].sort(), fieldErrors(actual), 'field_errors')),
  ]
}

/** An identity that is not found is meant only where the case says so. */
function unnamedProblems({ result }: Expectation, answer: Answer): string[] {
  const isMeant = typeof result === 'object' && result !== null && 'identity' in result
  if (answer.kind !== 'connect' || answer.unnamed === null || isMeant) return []
  return [`${answer.unnamed}; where that is meant, say \`identity: null\``]
}

function errorProblems({ expect }: Case, thrown: EngineError): string[] {
  if (expect.error === undefined) return [`it fails with ${thrown.code}: ${thrown.message}`]
  const { code, provider_code } = expect.error
  return [
    ...differences(code, thrown.code, 'error.code'),
    ...(provider_code === undefined
      ? []
      : differences(provider_code, thrown.details.provider?.code, 'error.provider_code')),
  ]
}
