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
  const isInBody = rule.body?.includes('$signature') ?? false
  const places = [sign.header !== undefined, sign.value !== undefined, !isInBody]
  if (new Set(places).size > 1) {
    throw invalid(
      'The signature of deliveries of the sandbox is in a header or in the body',
      'Give `sign.header` and `sign.value`, or read $signature in `body`.',
    )
  }
  return {
    in: rule.in,
    url: text(rule.url),
    when: rule.when === undefined ? undefined : text(rule.when),
    version: rule.version === undefined ? undefined : text(rule.version),
    body: rule.body === undefined ? undefined : expression(rule.body, ['event', 'constants', 'signature']),
    sign: {
      header: sign.header,
      headers: Object.entries(sign.headers ?? {}).map(([name, source]) => [name, expression(source, SIGNED)] as const),
      secret: sign.secret === undefined ? undefined : text(sign.secret),
      secretForm: sign.secret_form ?? 'text',
      certificatePath: sign.certificate,
      algorithm: sign.algorithm ?? 'sha256',
      encoding: sign.encoding ?? 'hex',
      over: expression(sign.over, SIGNED),
      value:
        sign.value === undefined ? undefined : expression(sign.value, ['timestamp', 'signature', 'event', 'secret']),
    },
    retryS: rule.retry_s ?? [],
  }
}

/** What a delivery is made of, and signed with. */
export interface Signing {
  /** The record of the endpoint. */
  readonly endpoint: Json
  /** The text of an HMAC, or the key behind the certificate. */
  readonly key: string | KeyObject
  /** When it is sent, in seconds. */
  readonly timestamp: number
  readonly event: Json
  readonly url: string
  readonly constants: Json
}

/** A delivery as it is sent: its body, and the headers that its signature is in, or is over. */
export interface Signed {
  readonly body: string
  readonly headers: readonly (readonly [string, string])[]
}

/** Makes a delivery, with its signature in a header over the body, or in the body. */
export function signed(rules: WebhookRules, signing: Signing): Signed {
  const { sign } = rules
  const { endpoint, key, timestamp, event, url, constants } = signing
  const bodyWith = (more: Json): string =>
    JSON.stringify(rules.body?.evaluate(endpoint, { event, constants, ...more }) ?? event, null, 2)
  const early = { timestamp, event, url }
  const body = bodyWith(sign.header === undefined ? { signature: signatureOf(rules, key, endpoint, early) } : {})
  const known = { ...early, body }
  const further = sign.headers.map(([name, source]) => [name, String(source.evaluate(endpoint, known) ?? '')] as const)
  if (sign.header === undefined) return { body, headers: further }
  const signature = signatureOf(rules, key, endpoint, known)
  const secret = typeof key === 'string' ? key : ''
  const value = String(sign.value?.evaluate(endpoint, { timestamp, signature, event, secret }))
  return { body, headers: [[sign.header, value], ...further] }
}

function signatureOf({ sign }: WebhookRules, key: string | KeyObject, endpoint: Json, known: Json): string {
  const over = String(sign.over.evaluate(endpoint, known))
  if (typeof key !== 'string') return signWith(sign.algorithm, Buffer.from(over), key).toString(sign.encoding)
  const bytes = sign.secretForm === 'text' ? Buffer.from(key) : Buffer.from(key, sign.secretForm)
  return createHmac(sign.algorithm, bytes).update(over).digest(sign.encoding)
}
