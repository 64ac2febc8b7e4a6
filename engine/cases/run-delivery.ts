import type { Catalog, Integration } from '../definition/catalog.ts'
import { createEngine } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Account, CallOptions, Engine, JsonRecord } from '../execute/contract.ts'
import type { UnifiedEvent } from '../execute/webhook-contract.ts'
import { parseUnifiedQuery } from '../query/index.ts'
import type { DeliveryCase } from '../schema/generated.ts'
import type { Delivery } from '../webhooks/index.ts'
import { accountOf } from './account.ts'
import { casePorts } from './case-ports.ts'
import { differences, recordDifferences, show } from './compare.ts'
import { written } from './expectation.ts'
import type { Played } from './run-case.ts'
import { playTape } from './tape.ts'

const OPTIONS: CallOptions = { requestId: 'req_case', priority: 'interactive', onLimit: 'wait' }
const DEFAULT_URL = 'https://onefold.test/webhook-in/case'

/** Plays one case of webhooks. */
export async function playDelivery(
  catalog: Catalog,
  integration: Integration,
  each: DeliveryCase,
): Promise<Played<DeliveryCase['expect']>> {
  const { account, credentials, app } = accountOf(integration, each.account)
  const tape = playTape(each.exchanges ?? [])
  const ports = casePorts(tape.transport, credentials, each.now, app)
  const engine = createEngine({ catalog, ports })
  const { secrets = ['case-secret'], endpoint_id: endpointId = 'case-endpoint', certificate } = each
  const keys = { secrets, endpointId, nowMs: ports.clock.now(), certificate }
  try {
    const received = await engine.receive(integration, deliveryOf(each), keys)
    if ('challenge' in received) {
      const { challenge } = received
      return { actual: { challenge }, fits: true, problems: differences(each.expect.challenge, challenge, 'challenge') }
    }
    const events = await engine.mapEvents(account, received.events, OPTIONS)
    const failure = events.find((event) => event.failure !== null)?.failure
    if (failure != null) throw failure
    const found: JsonRecord[] = []
    for (const [at, event] of events.entries()) {
      const wantsRecord = 'record' in (each.expect.events?.[at] ?? {})
      found.push(shown(event, wantsRecord ? await recordOf(engine, account, event) : null))
    }
    const problems = tape.problems()
    const fits = problems.length === 0
    return { actual: eventsOf(each, found), fits, problems: fits ? eventProblems(each, found) : problems }
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const { code, message } = thrown
    const wanted = each.expect.error?.code
    const problems =
      wanted === undefined ? [`it fails with ${code}: ${message}`] : differences(wanted, code, 'error.code')
    return { actual: { error: { code } }, fits: true, problems }
  }
}

function deliveryOf({ delivery: { headers = {}, query = {}, body, url = DEFAULT_URL } }: DeliveryCase): Delivery {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return { url, headers: Object.fromEntries(named), query, body: new TextEncoder().encode(text) }
}

/** The record as it came, or as it is read from the provider. */
async function recordOf(engine: Engine, account: Account, event: UnifiedEvent): Promise<JsonRecord | null> {
  const { target, recordId: id, record } = event
  if (record !== null || target === null || id === null) return record
  const { model, resource } = target
  const unified = engine.catalog().models.get(model)?.resources.get(resource)
  if (unified === undefined) return null
  const query = parseUnifiedQuery([], unified, { method: 'get' })
  const answer = await engine.unified(account, { model, resource, method: 'get', id, query }, OPTIONS)
  return answer.kind === 'record' ? answer.record : null
}

const instant = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z')

function shown({ native, type, target, recordId, occurredAt }: UnifiedEvent, record: JsonRecord | null): JsonRecord {
  return {
    id: native.id,
    raw_type: native.type,
    account: native.account,
    api_version: native.apiVersion,
    type,
    resource: target === null ? null : `${target.model}/${target.resource}`,
    resource_id: recordId,
    occurred_at: instant(occurredAt),
    record,
  }
}

/** What the case would have to expect: of each event what it names, or what tells most of one that it does not know. */
function eventsOf({ expect }: DeliveryCase, found: readonly JsonRecord[]): DeliveryCase['expect'] {
  const events = found.map((event, at) => {
    const given = expect.events?.[at]
    const named = Object.entries(event).filter(([name]) => given === undefined || name in given)
    return written(Object.fromEntries(named), given) as JsonRecord
  })
  return { events }
}

function eventProblems({ expect }: DeliveryCase, found: readonly JsonRecord[]): string[] {
  if (expect.events === undefined) return [`it holds ${show(found)}`]
  const { events } = expect
  const counts = events.length === found.length ? [] : [`there are ${found.length} events, not ${events.length}`]
  const each = events.slice(0, found.length).flatMap((wanted, at) =>
    Object.entries(wanted).flatMap(([name, value]) => {
      const compare = name === 'record' ? recordDifferences : differences
      return compare(value, found[at]?.[name], `[${at}].${name}`)
    }),
  )
  return [...counts, ...each]
}
