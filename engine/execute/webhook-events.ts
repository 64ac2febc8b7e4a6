import type { WebhookRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isTrue, type Mapped } from '../mapping/index.ts'
import { PLAIN_QUERY } from '../query/index.ts'
import type { NativeEvent } from '../webhooks/index.ts'
import { settled } from './apart.ts'
import { asFound } from './as-found.ts'
import { CallState } from './call-state.ts'
import { type EngineContext, integrationOf, operationOf } from './context.ts'
import type { Account, CallOptions, JsonRecord } from './contract.ts'
import { mapFound } from './map-found.ts'
import { secretNames, withoutSecrets } from './secrets.ts'
import { invoke } from './send.ts'
import { Session } from './session.ts'
import type { UnifiedEvent } from './webhook-contract.ts'

/** The webhooks of an integration. Throws unsupported_method for one that has none. */
export function webhooksOf(context: EngineContext, account: Account): WebhookRules {
  const { webhooks, label } = integrationOf(context, account)
  if (webhooks !== undefined) return webhooks
  throw new EngineError('unsupported_method', `${label} tells nothing by itself`)
}

/** What native events mean, in their order; thin ones are read whole first. Throws EngineError as reads do. */
export async function mapEvents(
  context: EngineContext,
  account: Account,
  events: readonly NativeEvent[],
  options: CallOptions,
): Promise<readonly UnifiedEvent[]> {
  const rules = webhooksOf(context, account)
  const call = new CallState(options)
  const whole = await Promise.all(events.map((event) => wholeEvent(context, account, rules, event, { options, call })))
  const session = sessionOn({ context, account, options, call }, rules.as)
  const mapped = await mapFound(
    session,
    // An event whose id stands in a header has it from what it came in, its parent.
    whole.map(({ id, value, apiVersion }) => ({ ...asFound(session, value, apiVersion), parent: { id } })),
    { fields: undefined },
  )
  const found = mapped.map((one, at) => meaningOf(session, rules, one, whole[at] as NativeEvent))
  return await withRecords({ context, account, options, call }, rules, found)
}

type Call = { readonly options: CallOptions; readonly call: CallState }

/** An event that names what happened and does not tell it is read from the provider. */
async function wholeEvent(
  context: EngineContext,
  account: Account,
  { thin }: WebhookRules,
  event: NativeEvent,
  { options, call }: Call,
): Promise<NativeEvent> {
  const path = await settled(context, account, () => thinPath(thin, event))
  if (thin === undefined || path === undefined) return event
  const integration = integrationOf(context, account)
  const operation = operationOf(integration, thin.operation)
  const { record } = await invoke(context, { account, operation, input: { path, query: {} }, options, call })
  return { ...event, value: withoutSecrets(record, secretNames(integration)) }
}

/** The path parameters that an event is read whole by; undefined where it is whole. */
function thinPath(thin: WebhookRules['thin'], { value }: NativeEvent): Record<string, unknown> | undefined {
  if (thin === undefined || !isTrue(thin.when.evaluate(value, {}))) return undefined
  return Object.fromEntries([...thin.path].map(([name, rule]) => [name, rule.evaluate(value, {})]))
}

type Base = Call & { readonly context: EngineContext; readonly account: Account }

const sessionOn = (base: Base, { model, resource }: { readonly model: string; readonly resource: string }): Session =>
  new Session({ ...base, model, resource, query: PLAIN_QUERY })

function meaningOf(
  session: Session,
  rules: WebhookRules,
  { record, fieldErrors }: Mapped,
  native: NativeEvent,
): UnifiedEvent {
  const text = (name: string): string | null => (typeof record[name] === 'string' ? record[name] : null)
  const [type, resource, at] = [text('type'), text('resource'), text('occurred_at')]
  const model = rules.record.models.find((one) => session.integration.mappings.has(`${one}/${resource}`))
  const changes = typeof record.changes === 'object' ? (record.changes as UnifiedEvent['changes']) : null
  return {
    native,
    type: type === 'unknown' ? null : type,
    target: model === undefined || resource === null ? null : { model, resource },
    recordId: text('resource_id'),
    occurredAt: at === null ? null : Date.parse(at),
    changes,
    record: null,
    isPartial: resource !== null && rules.record.partial.has(resource),
    failure: failureOf(session, rules, fieldErrors),
  }
}

/** Fields without which nobody knows what an event means. */
const DECISIVE: ReadonlySet<string> = new Set(['type', 'resource', 'resource_id', 'occurred_at'])

function failureOf(session: Session, { as }: WebhookRules, errors: Mapped['fieldErrors']): EngineError | null {
  const error = errors.find(({ field }) => DECISIVE.has(field))
  if (error === undefined) return null
  const where = `${session.integration.name}: ${as.model}/${as.resource} ${error.field}`
  return new EngineError('expression_failed', `What an event means cannot be told: ${error.field}: ${error.reason}`, {
    where,
  })
}

/** The records that events bring along, where the definition trusts them. */
async function withRecords(
  base: Base,
  rules: WebhookRules,
  events: readonly UnifiedEvent[],
): Promise<readonly UnifiedEvent[]> {
  const groups = new Map<string, { readonly session: Session; readonly at: number[]; readonly natives: unknown[] }>()
  const trusted = await settled(base.context, base.account, () =>
    events.map((event) => trustedRecord(base, rules, event)),
  )
  for (const [at, event] of events.entries()) {
    const native = trusted[at]
    if (native === undefined || event.target === null) continue
    const name = `${event.target.model}/${event.target.resource}`
    const group = groups.get(name) ?? { session: sessionOn(base, event.target), at: [], natives: [] }
    groups.set(name, group)
    group.at.push(at)
    group.natives.push(native)
  }
  const records = new Map<number, JsonRecord>()
  for (const { session, at, natives } of groups.values()) {
    const found = natives.map((native, index) =>
      asFound(session, native, events[at[index] as number]?.native.apiVersion ?? null),
    )
    const mapped = await mapFound(session, found, { fields: undefined })
    for (const [index, { record }] of mapped.entries()) records.set(at[index] as number, record)
  }
  return events.map((event, at) => {
    const record = records.get(at)
    return record === undefined || record.id !== event.recordId ? event : { ...event, record }
  })
}

function trustedRecord({ context, account }: Base, { record }: WebhookRules, event: UnifiedEvent): unknown {
  if (record.value === undefined || event.target === null || !record.trust.has(event.target.resource)) return undefined
  const version = account.apiVersion ?? integrationOf(context, account).apiVersion?.value ?? null
  const isTrusted =
    record.when === undefined || isTrue(record.when.evaluate(event.native.value, { api_version: version }))
  return isTrusted ? record.value.evaluate(event.native.value, {}) : undefined
}
