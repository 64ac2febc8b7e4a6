import { randomBytes } from 'node:crypto'
import { EngineError, Secret } from '../../engine/index.ts'
import { checkedRecipients, checkedTarget } from '../outbound/target.ts'
import { type JsonObject, type Webhook, webhookOut } from '../stores/index.ts'
import type { NewWebhook, WebhookKind, WebhookPatch, WebhookSecrets } from '../stores/webhook-types.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'

/** A destination as a caller gives it; null takes a filter away. */
export interface WebhookBody {
  readonly kind?: WebhookKind
  readonly name?: string | null
  readonly url?: string
  readonly to?: readonly string[]
  readonly event_types?: readonly string[]
  readonly tenant_id?: string | null
  readonly integrated_account_id?: string | null
  readonly integration?: string | null
  readonly models?: readonly string[] | null
  readonly description?: string | null
  readonly is_enabled?: boolean
}

const MOST = 100
const SECRET_BYTES = 32
const SECOND_MS = 1_000

const targetOf = ({ id }: Webhook): string => `webhook:${id}`

/** Makes a destination; the secret is answered this once, null where nothing is signed. Throws invalid_body and the like. */
export async function createWebhook(context: CallContext, body: WebhookBody): Promise<JsonObject> {
  const { services, caller } = context
  const { kind = 'webhook' } = body
  const { result } = await services.stores.webhooks.list(caller.environmentId, { limit: MOST })
  if (result.length === MOST) {
    throw new EngineError('invalid_request', `An environment has at most ${MOST} webhooks`)
  }
  if (kind === 'email' ? body.to === undefined : body.url === undefined) {
    const field = kind === 'email' ? 'to' : 'url'
    throw new EngineError('invalid_body', `${field} is missing`, { where: `/${field}`, missingFields: [field] })
  }
  await checkName(context, null, body)
  const secret = kind === 'webhook' ? newSecret() : null
  const patch = await checkedPatch(context, kind, body)
  const signing = secret === null ? {} : { secrets: new Secret({ signing: [secret] }) }
  const input = { ...NONE, ...patch, ...signing, kind } as NewWebhook
  const webhook = await services.stores.webhooks.create(caller.environmentId, input, services.clock.now())
  await audit(context, 'webhook.create', targetOf(webhook), 'succeeded', { kind })
  return { ...webhookOut(webhook), secret }
}

/** Changes a destination; what it waits to send is sent to the new address. Throws invalid_body and the like. */
export async function updateWebhook(context: CallContext, webhook: Webhook, body: WebhookBody): Promise<JsonObject> {
  const { services } = context
  await checkName(context, webhook.id, body)
  const patch = await checkedPatch(context, webhook.kind, body)
  const { environmentId, id } = webhook
  const changed = await services.stores.webhooks.update(environmentId, id, patch, services.clock.now())
  services.outbound.wake()
  await audit(context, 'webhook.update', targetOf(webhook), 'succeeded', { fields: Object.keys(body) })
  return webhookOut(changed)
}

/** Gives a webhook a new secret; the one before signs, too, for a while. Throws invalid_request where nothing is signed. */
export async function rotateSecret(context: CallContext, webhook: Webhook, keepSeconds: number): Promise<JsonObject> {
  const { services } = context
  const { environmentId, id, kind } = webhook
  if (kind !== 'webhook') throw new EngineError('invalid_request', `What goes to ${kind} is not signed`)
  const { signing = [] } = (await services.stores.webhooks.secrets(environmentId, id)).reveal()
  const secret = newSecret()
  const secrets = new Secret({ signing: [secret, ...signing.slice(0, 1)] })
  const now = services.clock.now()
  const previousUntil = now + keepSeconds * SECOND_MS
  const changed = await services.stores.webhooks.update(environmentId, id, { secrets, previousUntil }, now)
  await audit(context, 'webhook.rotate_secret', targetOf(webhook), 'succeeded')
  return { ...webhookOut(changed), secret }
}

/** Sends a test event at once and tells what became of it. */
export async function testWebhook(context: CallContext, webhook: Webhook): Promise<JsonObject> {
  const { result, responseStatus, response, error, eventId, durationMs } = await context.services.outbound.test(webhook)
  const outcome = result === 'failed' ? 'failed' : result === 'unknown' ? 'unknown' : 'succeeded'
  await audit(context, 'webhook.test', targetOf(webhook), outcome)
  return {
    event_id: eventId,
    status: result,
    response_status: responseStatus ?? null,
    response: response ?? null,
    error: error ?? null,
    duration_ms: durationMs,
  }
}

const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`

const NONE: Omit<NewWebhook, 'kind'> = {
  name: null,
  url: null,
  recipients: null,
  secrets: null,
  eventTypes: ['*'],
  tenantId: null,
  integratedAccountId: null,
  integration: null,
  models: null,
  description: null,
  isEnabled: true,
}

/** Rules send to one destination of a name. Throws conflict. */
async function checkName({ services, caller }: CallContext, id: string | null, { name }: WebhookBody): Promise<void> {
  if (name == null) return
  const other = await services.stores.webhooks.named(caller.environmentId, name)
  if (other === null || other.id === id) return
  throw new EngineError('conflict', `There is a webhook ${name} already`, { where: '/name' })
}

/** What a body changes of a destination, checked; only fields that were given. */
async function checkedPatch(context: CallContext, kind: WebhookKind, body: WebhookBody): Promise<WebhookPatch> {
  await checkFilters(context, body)
  const filters = {
    name: body.name,
    eventTypes: body.event_types,
    tenantId: body.tenant_id,
    integratedAccountId: body.integrated_account_id,
    integration: body.integration,
    models: body.models,
    description: body.description,
    isEnabled: body.is_enabled,
  }
  return given({ ...filters, ...addressOf(context, kind, body) })
}

/** Without the keys whose value is undefined, which would hide what they are spread over. */
function given<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

function addressOf({ services }: CallContext, kind: WebhookKind, { url, to }: WebhookBody): WebhookPatch {
  const foreign = kind === 'email' ? url : to
  if (foreign !== undefined) {
    const field = kind === 'email' ? 'url' : 'to'
    throw new EngineError('invalid_body', `${field} is not for the kind ${kind}`, { where: `/${field}` })
  }
  if (to !== undefined) return { recipients: checkedRecipients(to) }
  if (url === undefined) return {}
  const target = checkedTarget(url, services.settings.egressAllow)
  return kind === 'slack' ? { secrets: new Secret<WebhookSecrets>({ url: target }) } : { url: target }
}

async function checkFilters({ services, caller }: CallContext, body: WebhookBody): Promise<void> {
  const { integrations, models } = services.engine.catalog()
  const { integration, integrated_account_id: accountId } = body
  if (integration != null && !integrations.has(integration)) {
    throw new EngineError('unknown_integration', `There is no integration ${integration.slice(0, 64)}`, {
      where: '/integration',
    })
  }
  if (accountId != null && (await services.stores.accounts.get(caller.environmentId, accountId)) === null) {
    throw new EngineError('unknown_account', `There is no integrated account ${accountId.slice(0, 128)}`, {
      where: '/integrated_account_id',
    })
  }
  const names = [...models.values()].flatMap(({ name, resources }) => [
    name,
    ...[...resources.keys()].map((resource) => `${name}/${resource}`),
  ])
  const unknown = body.models?.find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new EngineError('invalid_body', `${unknown.slice(0, 128)} is no unified model, nor a resource of one`, {
    where: '/models',
    valid: names,
  })
}
