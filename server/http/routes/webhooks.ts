import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import { createWebhook, rotateSecret, testWebhook, updateWebhook, type WebhookBody } from '../../api/webhooks.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import { type Webhook, webhookOut } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text } from '../schemas.ts'
import { TESTED, WEBHOOK, WEBHOOK_FIELDS, WEBHOOK_KIND, WEBHOOK_ONCE } from '../webhook-schemas.ts'

const tag = 'Webhooks'
const ID = '/webhook/{id}'
const OPTIONAL = Object.keys(WEBHOOK_FIELDS)
const DAY_S = 86_400

/** Where events go: webhooks, chats and mailboxes. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/webhook', tag, rank: 'read', query: PAGING, answer: pageOf(WEBHOOK), handle: list },
    summary: 'Lists where the events of the environment go.',
  },
  {
    ...{ verb: 'post', path: '/webhook', tag, rank: 'write', query: {}, status: 201, answer: WEBHOOK_ONCE },
    summary: 'Has events sent to a URL, a Slack channel or mail addresses; the signing secret is shown this once.',
    body: object({ kind: WEBHOOK_KIND, ...WEBHOOK_FIELDS }, ['kind', ...OPTIONAL]),
    handle: async ({ context, body }) => ({ status: 201, body: await createWebhook(context, body as WebhookBody) }),
  },
  {
    ...{ verb: 'get', path: ID, tag, rank: 'read', query: {}, answer: WEBHOOK },
    summary: 'Gets a webhook.',
    handle: async (call) => ({ status: 200, body: webhookOut(await namedWebhook(call)) }),
  },
  {
    ...{ verb: 'patch', path: ID, tag, rank: 'write', query: {}, answer: WEBHOOK },
    summary: 'Changes a webhook; switched on again, it starts without its earlier troubles.',
    body: object(WEBHOOK_FIELDS, OPTIONAL),
    handle: async (call) => ({
      status: 200,
      body: await updateWebhook(call.context, await namedWebhook(call), call.body as WebhookBody),
    }),
  },
  {
    ...{ verb: 'delete', path: ID, tag, rank: 'write', query: {}, answer: object({ id: text('Its id.') }) },
    summary: 'Deletes a webhook with its deliveries.',
    handle: remove,
  },
  {
    ...{ verb: 'post', path: `${ID}/test`, tag, rank: 'write', query: {}, answer: TESTED },
    summary: 'Sends a test event at once, and tells what became of it.',
    handle: async (call) => ({ status: 200, body: await testWebhook(call.context, await namedWebhook(call)) }),
  },
  {
    ...{ verb: 'post', path: `${ID}/rotate-secret`, tag, rank: 'write', query: {}, answer: WEBHOOK_ONCE },
    summary: 'Makes a new signing secret, shown this once; the one before signs, too, for a while.',
    body: object(
      {
        keep_previous_s: {
          ...{ type: 'integer', minimum: 0, maximum: 7 * DAY_S },
          description: 'Seconds for which both sign; 86400 by default.',
        },
      },
      ['keep_previous_s'],
    ),
    handle: async (call) => {
      const { keep_previous_s: seconds = DAY_S } = (call.body ?? {}) as { keep_previous_s?: number }
      return { status: 200, body: await rotateSecret(call.context, await namedWebhook(call), seconds) }
    },
  },
]

/** The webhook that a path names. Throws not_found. */
export async function namedWebhook({ context, params }: Pick<RouteCall, 'context' | 'params'>): Promise<Webhook> {
  const { services, caller } = context
  const webhook = await services.stores.webhooks.get(caller.environmentId, params.id ?? '')
  if (webhook !== null) return webhook
  throw new EngineError('not_found', 'There is no such webhook', { where: 'id' })
}

async function list({ context, query }: RouteCall): Promise<Reply> {
  const { page, binding } = readPageQuery(context, 'webhooks', query)
  const found = await context.services.stores.webhooks.list(context.caller.environmentId, page)
  return pageReply(context, binding, found, webhookOut)
}

async function remove(call: RouteCall): Promise<Reply> {
  const { context } = call
  const { environmentId, id } = await namedWebhook(call)
  await context.services.stores.webhooks.delete(environmentId, id)
  await audit(context, 'webhook.delete', `webhook:${id}`, 'succeeded')
  return { status: 200, body: { id } }
}
