import { createHmac } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import type { Secret } from '../../engine/index.ts'
import { eventOut } from '../api/wire.ts'
import type { Webhook } from '../stores/index.ts'
import type { WebhookSecrets } from '../stores/webhook-types.ts'
import type { Sender, SendMeans, Shipment } from './contract.ts'
import { post } from './post.ts'

/** Posts events as they are, signed. What was sent without an answer counts as failed: receivers tell repeats by the id. */
export function createWebhookSender(means: SendMeans): Sender {
  return async (shipment) => {
    const { webhook, event, secrets, signal } = shipment
    const body = JSON.stringify(eventOut(event))
    const headers = [
      ['content-type', 'application/json'],
      ['user-agent', 'onefold'],
      ...signatureHeaders(shipment, body, means.clock.now()),
    ] as const
    const hidden = secrets.reveal().signing ?? []
    const outcome = await post(means, { url: webhook.url ?? '', headers, body, signal, secrets: hidden })
    return outcome.result === 'unknown' ? { ...outcome, result: 'failed' } : outcome
  }
}

type Signed = Pick<Shipment, 'secrets' | 'event'> & { readonly webhook: Pick<Webhook, 'previousUntil'> }

/**
 * The headers of Standard Webhooks, with one signature for each secret that counts, the newest first; and beside them the one
 * that clients of Truto read: HMAC-SHA256 of the body with the text of the newest secret, in base64.
 */
export function signatureHeaders({ webhook, secrets, event }: Signed, body: string, now: number) {
  const at = new Date(now)
  const counting = countingSecrets(secrets, webhook, now)
  const hash = createHmac('sha256', counting[0] ?? '')
    .update(body)
    .digest('base64')
  return [
    ['webhook-id', event.id],
    ['webhook-timestamp', String(Math.floor(now / 1_000))],
    ['webhook-signature', counting.map((secret) => new Signer(secret).sign(event.id, at, body)).join(' ')],
    ['x-truto-signature', `format=sha256,v=${hash}`],
  ] as const
}

function countingSecrets(
  secrets: Secret<WebhookSecrets>,
  { previousUntil }: Pick<Webhook, 'previousUntil'>,
  now: number,
): readonly string[] {
  const [newest, previous] = secrets.reveal().signing ?? []
  const counts = previous !== undefined && previousUntil !== null && now < previousUntil
  return [newest, counts ? previous : undefined].filter((secret) => secret !== undefined)
}
