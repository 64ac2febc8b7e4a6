import { createHash } from 'node:crypto'
import type { WebhookRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'
import type { Delivery, DeliveryKeys, NativeEvent, Received } from './contract.ts'
import { checkSigned, signedOf } from './verify.ts'

const MOST_LEVELS = 100
const MOST_EVENTS = 10_000

/**
 * Verifies a delivery and takes it apart. Nothing of it is looked at before its signature fits, but for what a challenge
 * and signatures in the body need. Throws signature_refused, invalid_json or invalid_body.
 */
export function readDelivery(of: WebhookRules, delivery: Delivery, keys: DeliveryKeys): Received {
  const rules = rulesFor(of, delivery)
  const { signature, challenge } = rules
  const body = challenge === undefined ? undefined : parsed(rules, delivery)
  const answer = challenge?.evaluate(body, { headers: delivery.headers, query: delivery.query })
  if (typeof answer === 'string' && answer !== '') return { challenge: answer }
  if (signature?.per === 'delivery') checkSigned(signature, delivery, keys, signedOf(signature, delivery, keys))
  const whole = body ?? parsed(rules, delivery)
  const events = eventsOf(rules, delivery, whole)
  if (signature?.per === 'event') {
    const signed = events.map((event) => signedOf(signature, delivery, keys, event))
    for (const one of signed) checkSigned(signature, delivery, keys, one)
  }
  const seen = { headers: delivery.headers, query: delivery.query, body: whole }
  return { events: nativeEvents(rules, events, seen) }
}

/** The rules of the kind that a delivery is of: its own where nobody signs it. */
export function rulesFor(rules: WebhookRules, { headers, query }: Pick<Delivery, 'headers' | 'query'>): WebhookRules {
  const { unsigned } = rules
  return unsigned?.when.evaluate(undefined, { headers, query }) === true ? unsigned.rules : rules
}

/** What a definition says of events, wherever they were read. Throws invalid_body for one without a type. */
export function nativeEvents(
  { event: rule, signature }: WebhookRules,
  values: readonly unknown[],
  seen: Readonly<Record<string, unknown>>,
): readonly NativeEvent[] {
  const texts = values.map((value) => {
    const text = (expression: Compiled | undefined): string | null => {
      const found = expression?.evaluate(value, seen)
      return typeof found === 'string' || typeof found === 'number' ? String(found) : null
    }
    return { id: text(rule.id), type: text(rule.type), account: text(rule.account), apiVersion: text(rule.apiVersion) }
  })
  return texts.map(({ id, type, ...rest }, at) => {
    if (type === null) throw new EngineError('invalid_body', 'An event has no type', { where: 'body' })
    const value = values[at]
    const hash = () => createHash('sha256').update(JSON.stringify(value)).digest('hex')
    return { id: id ?? (signature === undefined ? null : hash()), type, ...rest, value }
  })
}

function eventsOf({ events }: WebhookRules, { headers, query }: Delivery, body: unknown): readonly unknown[] {
  const found = events === undefined ? body : events.evaluate(body, { headers, query })
  const list = [found ?? []].flat() as readonly unknown[]
  if (list.length <= MOST_EVENTS) return list
  throw new EngineError('invalid_body', `A delivery of more than ${MOST_EVENTS} events is not taken`, { where: 'body' })
}

const read = new WeakMap<Uint8Array, { readonly form: WebhookRules['body']; readonly value: unknown }>()

/** The body of a delivery, read once. */
function parsed({ body: form }: WebhookRules, { body }: Delivery): unknown {
  const known = read.get(body)
  if (known?.form === form) return known.value
  const value = parsedAs(form, textOf(body))
  read.set(body, { form, value })
  return value
}

function parsedAs(form: WebhookRules['body'], text: string): unknown {
  if (form === 'form') return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    refuseDeep(value)
    return value
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('invalid_json', 'The delivery is not valid JSON', { where: 'body', cause })
  }
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new EngineError('invalid_json', 'The delivery is not UTF-8', { where: 'body', cause })
  }
}

/** Level by level, without recursion: what follows may recurse. */
function refuseDeep(value: unknown): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) {
      throw new EngineError('invalid_body', `The delivery nests more than ${MOST_LEVELS} levels`, { where: 'body' })
    }
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
}
