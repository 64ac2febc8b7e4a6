import { createHmac } from 'node:crypto'
import type { SandboxFile } from '../../engine/index.ts'
import type { WebhookRules } from './contract.ts'
import type { Json } from './paths.ts'
import { expression } from './slots.ts'

/** Compiles how events are delivered. Throws definition_invalid. */
export function webhooksOf(rule: NonNullable<SandboxFile['webhooks']>): WebhookRules {
  const text = (source: string) => expression(source, ['event', 'constants'])
  const { sign } = rule
  return {
    in: rule.in,
    url: text(rule.url),
    when: rule.when === undefined ? undefined : text(rule.when),
    version: rule.version === undefined ? undefined : text(rule.version),
    body: rule.body === undefined ? undefined : text(rule.body),
    sign: {
      header: sign.header,
      secret: text(sign.secret),
      secretForm: sign.secret_form ?? 'text',
      algorithm: sign.algorithm ?? 'sha256',
      encoding: sign.encoding ?? 'hex',
      over: expression(sign.over, ['timestamp', 'body', 'event', 'url']),
      value: expression(sign.value, ['timestamp', 'signature', 'event', 'secret']),
    },
    retryS: rule.retry_s ?? [],
  }
}

/** What a delivery is signed over. */
export interface Signed {
  readonly secret: string
  /** When it is sent, in seconds. */
  readonly timestamp: number
  readonly body: string
  readonly event: Json
  readonly url: string
}

/** The signature header of a delivery. */
export function signatureOf({ sign }: WebhookRules, signed: Signed): readonly [name: string, value: string] {
  const { secret, timestamp, body, event, url } = signed
  const over = String(sign.over.evaluate(undefined, { timestamp, body, event, url }))
  const key = sign.secretForm === 'text' ? Buffer.from(secret) : Buffer.from(secret, sign.secretForm)
  const signature = createHmac(sign.algorithm, key).update(over).digest(sign.encoding)
  return [sign.header, String(sign.value.evaluate(undefined, { timestamp, signature, event, secret }))]
}
