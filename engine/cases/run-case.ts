import type { Catalog, Integration } from '../definition/catalog.ts'
import { createEngine } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Account, CallOptions, Engine, ProxyAnswer, UnifiedAnswer } from '../execute/contract.ts'
import { parseUnifiedQuery } from '../query/index.ts'
import type { Case } from '../schema/generated.ts'
import { accountOf } from './account.ts'
import { casePorts } from './case-ports.ts'
import { differences, recordDifferences, show } from './compare.ts'
import { playTape } from './tape.ts'

type Answer = UnifiedAnswer | ProxyAnswer | { readonly kind: 'connect'; readonly result: unknown }

/** Runs one case of an integration through the engine. The answer says what does not come out as written; empty is good. */
export async function runCase(catalog: Catalog, integration: Integration, each: Case): Promise<string[]> {
  const { account, credentials, app } = accountOf(integration, each.account)
  const tape = playTape(each.exchanges)
  const engine = createEngine({ catalog, ports: casePorts(tape.transport, credentials, each.now, app) })
  const asked: Promise<Answer> =
    each.call === undefined ? connected(engine, account) : call(engine, catalog, account, each.call)
  const outcome = await asked.then(
    (answer) => ({ answer }),
    (thrown: unknown) => ({ thrown }),
  )
  const problems = tape.problems()
  if (problems.length > 0) return problems
  return 'answer' in outcome ? answerProblems(each, outcome.answer) : errorProblems(each, outcome.thrown)
}

const OPTIONS: CallOptions = { requestId: 'req_case', priority: 'interactive', onLimit: 'wait' }

/** A connect as the server does it: who it is, then every step of post_install. */
async function connected(engine: Engine, account: Account): Promise<Answer> {
  const { identity, mode, livemode, traits } = await engine.verify(account, OPTIONS)
  let now: Account = { ...account, mode, livemode, traits: { ...account.traits, ...traits } }
  for (const { name } of engine.integration(account).auth.postInstall) {
    const kept = await engine.install(now, name, { ...OPTIONS, idempotencyKey: `case-${name}` })
    now = { ...now, traits: { ...now.traits, ...kept.traits }, connection: { ...now.connection, ...kept.settings } }
  }
  const result = { identity, mode, livemode, traits: now.traits, settings: now.connection }
  return { kind: 'connect', result }
}

async function call(
  engine: Engine,
  catalog: Catalog,
  account: Account,
  asked: NonNullable<Case['call']>,
): Promise<Answer> {
  const { model, resource, method, id, query = {}, body, idempotency_key = 'case-key' } = asked
  const options = { ...OPTIONS, idempotencyKey: idempotency_key }
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
  if (model !== undefined) {
    const unified = catalog.models.get(model)?.resources.get(resource)
    if (unified === undefined) throw new EngineError('unknown_resource', `There is no ${model}/${resource}`)
    const parsed = parseUnifiedQuery(pairs, unified, { method })
    return await engine.unified(account, { model, resource, method, id, query: parsed, body }, options)
  }
  const { limit, next_cursor, ...rest } = Object.fromEntries(pairs)
  const paging = { limit: limit === undefined ? undefined : Number(limit), cursor: next_cursor }
  return await engine.proxy(account, { resource, method, id, query: rest, body, ...paging }, options)
}

function answerProblems({ call: asked, expect }: Case, answer: Answer): string[] {
  const model = asked?.model
  const actual = answer.kind === 'record' ? answer.record : answer.result
  if (expect.error !== undefined) return [`it answers ${show(actual)}, not the error ${expect.error.code}`]
  const compare = model === undefined ? differences : recordDifferences
  return [
    ...compare(expect.result, actual),
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

/** Fields that did not fit the model, over all records, each once. */
function fieldErrors(actual: unknown): string[] {
  const records = [actual].flat() as readonly { _meta?: { field_errors?: readonly { field: string }[] } }[]
  const fields = records.flatMap((record) => record?._meta?.field_errors?.map(({ field }) => field) ?? [])
  return [...new Set(fields)].sort()
}

function errorProblems({ expect }: Case, thrown: unknown): string[] {
  if (!(thrown instanceof EngineError)) throw thrown
  if (expect.error === undefined) return [`it fails with ${thrown.code}: ${thrown.message}`]
  const { code, provider_code } = expect.error
  return [
    ...differences(code, thrown.code, 'error.code'),
    ...(provider_code === undefined
      ? []
      : differences(provider_code, thrown.details.provider?.code, 'error.provider_code')),
  ]
}
