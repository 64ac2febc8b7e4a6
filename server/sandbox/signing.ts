import { createHmac, type KeyObject, sign as signWith } from 'node:crypto'
import type { SandboxFile } from '../../engine/index.ts'
import { invalid } from './coherence.ts'
import type { WebhookRules } from './contract.ts'
import type { Json } from './paths.ts'
import { expression } from './slots.ts'

const SIGNED = ['timestamp', 'body', 'event', 'url'] as const

/** Compiles how events are delivered. Throws definition_invalid. */
export function webhooksOf(rule: NonNullable<SandboxFile['webhooks']>): WebhookRules {
  const text = (source: string) => expression(source, ['event', 'constants'])
  const { sign } = rule
  if ((sign.secret === undefined) === (sign.certificate === undefined)) {
    throw invalid('Deliveries of the sandbox are signed with a secret or by a certificate', 'Give one of them.')
  }
  return {
    in: rule.in,
    url: text(rule.url),
    when: rule.when === undefined ? undefined : text(rule.when),
    version: rule.version === undefined ? undefined : text(rule.version),
    body: rule.body === undefined ? undefined : text(rule.body),
    sign: {
      header: sign.header,
      headers: Object.entries(sign.headers ?? {}).map(([name, source]) => [name, expression(source, SIGNED)] as const),
      secret: sign.secret === undefined ? undefined : text(sign.secret),
      secretForm: sign.secret_form ?? 'text',
      certificatePath: sign.certificate,
      algorithm: sign.algorithm ?? 'sha256',
      encoding: sign.encoding ?? 'hex',
      over: expression(sign.over, SIGNED),
      value: expression(sign.value, ['timestamp', 'signature', 'event', 'secret']),
    },
    retryS: rule.retry_s ?? [],
  }
}

/** What a delivery is signed over, and with. */
export interface Signed {
  /** The record of the endpoint. */
  readonly endpoint: Json
  /** The text of an HMAC, or the key behind the certificate. */
  readonly key: string | KeyObject
  /** When it is sent, in seconds. */
  readonly timestamp: number
  readonly body: string
  readonly event: Json
  readonly url: string
}

/** The headers of a delivery that its signature is in, or is over. */
export function signatureOf({ sign }: WebhookRules, signed: Signed): readonly (readonly [string, string])[] {
  const { endpoint, key, timestamp, body, event, url } = signed
  const known = { timestamp, body, event, url }
  const over = String(sign.over.evaluate(endpoint, known))
  const signature =
    typeof key === 'string'
      ? createHmac(sign.algorithm, sign.secretForm === 'text' ? Buffer.from(key) : Buffer.from(key, sign.secretForm))
          .update(over)
          .digest(sign.encoding)
      : signWith(sign.algorithm, Buffer.from(over), key).toString(sign.encoding)
  const secret = typeof key === 'string' ? key : ''
  const value = String(sign.value.evaluate(endpoint, { timestamp, signature, event, secret }))
  const further = sign.headers.map(([name, source]) => [name, String(source.evaluate(endpoint, known) ?? '')] as const)
  return [[sign.header, value], ...further]
}
