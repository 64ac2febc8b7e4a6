import { EngineError, type NativeEvent, rulesFor } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services, Trace } from '../api/context.ts'
import type { FoundEndpoint, NewRawEvent } from '../stores/index.ts'
import { addressOf } from './address.ts'
import type { Intake } from './intake.ts'
import type { EndpointLookups } from './lookups.ts'
import type { DeliveryRates } from './rates.ts'

/** What deliveries are taken with. */
export interface Desk {
  readonly services: Services
  readonly intake: Intake
  readonly lookups: EndpointLookups
  readonly rates: DeliveryRates
}

/** A delivery as it arrives; its body is read when the address is known. */
export interface Arrival {
  readonly urlId: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: () => Promise<Uint8Array>
}

/** Most bytes of a delivery. */
export const MAX_BYTES = 1_048_576

/**
 * Takes a delivery: looked up by its address, read once, verified, stored; then it is acknowledged. Answers the text of the
 * acknowledgement. Throws not_found, rate_limited, body_too_large, signature_refused, invalid_json, invalid_body or store_failed.
 */
export async function receiveDelivery(desk: Desk, arrival: Arrival, trace: Trace): Promise<string> {
  const { services, intake, lookups, rates } = desk
  const { engine, clock } = services
  const { urlId, headers, query } = arrival
  const found = /^[\w-]{43}$/.test(urlId) ? await lookups.find(urlId) : null
  const integration = found && engine.catalog().integrations.get(found.endpoint.integration)
  const rules = integration?.webhooks
  if (!found?.account || !integration || !rules) throw nothingHere()
  const { endpoint } = found
  trace.environmentId = endpoint.environmentId
  const { signature } = rulesFor(rules, arrival)
  rates.take(endpoint.id, signature !== undefined)
  refuseCoded(headers)
  const delivery = {
    url: addressOf(services.settings.publicUrl?.href.replace(/\/$/, '') ?? services.lifecycle.url, urlId),
    ...{ headers, query, body: await arrival.body() },
  }
  const nowMs = clock.now()
  const secrets = endpoint.secrets.reveal().filter(({ until }) => until === null || until > nowMs)
  const baseUrl = signature?.certificate === undefined ? undefined : await elsewhere(services, found)
  const keys = { secrets: secrets.map(({ value }) => value), endpointId: endpoint.providerId, nowMs, baseUrl }
  const received = await engine.receive(integration, delivery, keys)
  if ('challenge' in received) return received.challenge
  const receivers = await receiversOf(services, found, received.events)
  const events = received.events.flatMap((event) => receivers(event).map((id) => rawEvent(id, event)))
  if (events.length > 0) trace.accountId = events[0]?.accountId ?? null
  await intake.store(endpoint.environmentId, events)
  services.metrics.count('inbound_events_received', { integration: integration.name }, received.events.length)
  return rules.answer
}

/** Where the provider of an account is reached in place of its own hosts. */
async function elsewhere({ reads }: Services, { endpoint, account }: FoundEndpoint): Promise<string | undefined> {
  if (account === null || !endpoint.owner.startsWith('account:')) return undefined
  const stored = await reads.account(endpoint.environmentId, account.id)
  return (stored && toEngineAccount(stored).baseUrl) ?? undefined
}

/** An address that is gone, or that nobody is attached to, is as unknown as any. */
const nothingHere = (): EngineError => new EngineError('not_found', 'Nothing is delivered to this address')

function refuseCoded(headers: Arrival['headers']): void {
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding === 'identity') return
  throw new EngineError('unsupported_media_type', `The content encoding ${coding.slice(0, 32)} is not taken`, {
    where: 'Content-Encoding',
    valid: ['identity'],
  })
}

/**
 * The accounts that events reach: of those attached to the address whose secret verified them, the one that each names. An
 * address that accounts share delivers nothing that names none.
 */
async function receiversOf(
  { stores }: Services,
  { endpoint, account: owner }: FoundEndpoint,
  events: readonly NativeEvent[],
): Promise<(event: NativeEvent) => readonly string[]> {
  if (endpoint.owner.startsWith('account:')) {
    const own = owner === null ? [] : [owner.id]
    return ({ account }) => (account === null || account === owner?.identity ? own : [])
  }
  const names = new Set(events.flatMap(({ account }) => account ?? []))
  const named = names.size === 0 ? [] : await stores.inbound.endpoints.named(endpoint, [...names])
  return ({ account }) => named.filter(({ identity }) => identity === account && account !== null).map(({ id }) => id)
}

/** An event to be stored for an account. */
export const rawEvent = (
  accountId: string,
  { id, type, apiVersion, value }: NativeEvent,
  source: NewRawEvent['source'] = 'webhook',
): NewRawEvent => ({ accountId, providerId: id, type, apiVersion, source, value })
