import type { Integration, ProvisionCall, ProvisionRule, WebhookRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import {
  certificateUrl,
  type Delivery,
  type DeliveryKeys,
  type Received,
  readDelivery,
  rulesFor,
} from '../webhooks/index.ts'
import { settled } from './apart.ts'
import { CallState } from './call-state.ts'
import { type EngineContext, integrationOf, operationOf } from './context.ts'
import type { Account, CallOptions } from './contract.ts'
import { secretNames, withoutSecrets } from './secrets.ts'
import { invoke } from './send.ts'
import { nest, slotValues } from './slots.ts'
import type { ProvisionedWebhook, WebhookAddress } from './webhook-contract.ts'
import { webhooksOf } from './webhook-events.ts'

/** Verifies a delivery and takes it apart; see readDelivery. A certificate that it names is fetched, once a day. */
export async function receive(
  context: EngineContext,
  integration: Integration,
  delivery: Delivery,
  keys: DeliveryKeys,
): Promise<Received> {
  const { label, webhooks: rules } = integration
  if (rules === undefined) throw new EngineError('unsupported_method', `${label} tells nothing by itself`)
  const owner = { id: `deliveries of ${integration.name}`, tenantId: null }
  const named = await settled(context, owner, () => {
    const { signature } = rulesFor(rules, delivery)
    return signature === undefined ? null : certificateUrl(signature, delivery)
  })
  const certificate =
    keys.certificate ?? (named === null ? undefined : await fetchCertificate(context.ports, named, keys.baseUrl))
  const received = await settled(context, owner, () => readDelivery(rules, delivery, { ...keys, certificate }))
  if ('challenge' in received) return received
  const names = secretNames(integration)
  return { events: received.events.map((event) => ({ ...event, value: withoutSecrets(event.value, names) })) }
}

/** An address at the provider, or at what stands in its place. */
function reachedAt(url: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return url
  const { pathname, search } = new URL(url)
  return `${baseUrl.replace(/\/+$/, '')}${pathname}${search}`
}

const CERTIFICATE_MS = 86_400_000
const MOST_CERTIFICATES = 20
const certificates = new WeakMap<Ports, Map<string, { readonly pem: string; readonly until: number }>>()

async function fetchCertificate(ports: Ports, named: string, baseUrl: string | undefined): Promise<string> {
  const url = reachedAt(named, baseUrl)
  const known = certificates.get(ports) ?? new Map()
  certificates.set(ports, known)
  const found = known.get(url)
  const now = ports.clock.now()
  if (found !== undefined && found.until > now) return found.pem
  const isGranted = baseUrl !== undefined
  const request = { verb: 'GET', url, headers: [], timeoutMs: 10_000, maxBytes: 65_536, isGranted }
  const { status, body } = await ports.transport.send(request)
  if (status !== 200) throw new EngineError('provider_error', `The certificate at ${url} answers ${status}`)
  const pem = new TextDecoder().decode(body)
  if (known.size >= MOST_CERTIFICATES) known.clear()
  known.set(url, { pem, until: now + CERTIFICATE_MS })
  return pem
}

/** How deliveries are asked for with an auth method; undefined where the provider tells nothing by itself. */
export const provisionRule = (rules: WebhookRules | undefined, method: string): ProvisionRule | undefined =>
  rules?.provision.find(({ methods }) => methods === undefined || methods.has(method))

/**
 * Asks the provider for deliveries to an address, or tells it that the address changed. Throws unsupported_method where a
 * person has to, and what the wire throws.
 */
export async function provisionWebhook(
  context: EngineContext,
  account: Account,
  { url, secret, endpointId }: WebhookAddress,
  options: CallOptions,
): Promise<ProvisionedWebhook> {
  const rule = ruleOf(context, account)
  const { create, update } = rule
  if (create === undefined) throw new EngineError('unsupported_method', 'A person sets webhooks of this kind up')
  const run = runner(context, account, options)
  const seen = { url, secret, endpoint: { id: endpointId } }
  if (endpointId !== null && update !== undefined) {
    const isThere = await run(update, seen).then(() => true, isGone)
    if (isThere) return { endpointId, secret: null }
  } else if (endpointId !== null && rule.delete !== undefined) await run(rule.delete, seen).catch(isGone)
  const answer = await run(create, { ...seen, endpoint: { id: null } })
  const id = create.id.evaluate(answer, {})
  const own = create.secret?.evaluate(answer, {})
  if (id === undefined || id === null || (create.secret !== undefined && typeof own !== 'string')) {
    throw new EngineError('provider_bad_response', `The answer to ${create.operation} lacks the id or the secret`)
  }
  return { endpointId: String(id), secret: typeof own === 'string' ? own : secret }
}

/** Ends deliveries to an address; nothing where it is gone already, or where a person set it up. */
export async function removeWebhook(
  context: EngineContext,
  account: Account,
  endpointId: string,
  options: CallOptions,
): Promise<void> {
  const { delete: end } = ruleOf(context, account)
  if (end === undefined) return
  await runner(context, account, options)(end, { url: null, secret: null, endpoint: { id: endpointId } }).catch(isGone)
}

function ruleOf(context: EngineContext, account: Account): ProvisionRule {
  const rule = provisionRule(webhooksOf(context, account), account.authMethod)
  if (rule !== undefined) return rule
  throw new EngineError('unsupported_method', `Nothing says how webhooks are set up with ${account.authMethod}`)
}

/** False for what is not there any more; whatever else went wrong is thrown. */
function isGone(thrown: unknown): false {
  if (thrown instanceof EngineError && thrown.code === 'record_not_found') return false
  throw thrown
}

type Seen = { readonly url: string | null; readonly secret: string | null; readonly endpoint: { id: string | null } }

/** Runs operations of one account about its address; answers the record. */
function runner(context: EngineContext, account: Account, options: CallOptions) {
  const integration = integrationOf(context, account)
  const call = new CallState(options)
  return async ({ operation: id, path, body }: ProvisionCall, seen: Seen): Promise<unknown> => {
    const operation = operationOf(integration, id)
    const { connection, mode, livemode, traits } = account
    const version = integration.apiVersion?.value ?? null
    const variables = { ...seen, connection, account: { mode, livemode, traits }, api_version: version }
    const input = await settled(context, account, () => {
      const values = nest(slotValues(body, undefined, variables))
      return {
        path: slotValues(path, undefined, variables),
        query: {},
        ...(Object.keys(values).length > 0 ? { body: values } : {}),
      }
    })
    return (await invoke(context, { account, operation, input, options, call })).record
  }
}
