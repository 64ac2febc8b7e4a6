import { CURRENCIES } from '../../engine/index.ts'
import type { JsonObject, StoredEvent } from '../stores/index.ts'

/** An event in words. Texts are plain: each channel escapes them its own way. */
export interface Told {
  readonly title: string
  readonly lines: readonly { readonly label: string; readonly value: string }[]
}

const LONGEST = 300
const MOST_DIGITS = 15

/** Says an event in a few words, from its type and what its record has; nothing here knows single types or providers. */
export function tell(event: StoredEvent): Told {
  const { data } = event
  const lines = [
    { label: 'Amount', value: amountOf(data) },
    { label: 'Customer', value: customerOf(data.customer) },
    { label: 'Status', value: textOf(data.status) },
    { label: 'Why', value: textOf(event.reason) ?? failureOf(data.failure) },
    { label: 'Due', value: textOf(data.due_at) },
    { label: 'Address', value: textOf(data.url) },
    { label: 'Record', value: textOf(data.id) },
    { label: 'Account', value: textOf(event.integratedAccountId) },
    { label: 'Tenant', value: textOf(event.tenantId) },
    { label: 'Provider', value: textOf(event.integration) },
    { label: 'Mode', value: event.livemode === false ? 'test' : undefined },
    { label: 'At', value: new Date(event.createdAt).toISOString() },
    { label: 'Event', value: event.id },
  ]
  return {
    title: titleOf(event),
    lines: lines.flatMap(({ label, value }) => (value === undefined ? [] : [{ label, value }])),
  }
}

/** `payment.failed` is "Payment failed"; of `record:created` the record says what it is. */
function titleOf({ type, data }: StoredEvent): string {
  const kind = textOf(data.object)
  const words = kind !== undefined && type.startsWith('record:') ? `${kind} ${type.slice('record:'.length)}` : type
  const plain = cleanWords(words.replaceAll(/[._:]+/g, ' '))
  return `${plain.slice(0, 1).toUpperCase()}${plain.slice(1)}`
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? cleanWords(value) : undefined
}

/** A text of others on one line, cut where it is long: anything that could end the line, or turn its direction, is a blank. */
export function cleanWords(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`
}

/** An amount of minor units as people write it, with the code of its currency. */
function amountOf({ amount, currency }: JsonObject): string | undefined {
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || typeof currency !== 'string') return undefined
  const digits = CURRENCIES.get(currency.toUpperCase())
  if (digits === undefined) return undefined
  const whole = String(Math.abs(amount)).padStart(digits + 1, '0')
  const at = whole.length - digits
  const text = digits === 0 ? whole : `${whole.slice(0, at)}.${whole.slice(at)}`
  return text.length > MOST_DIGITS + 1 ? undefined : `${amount < 0 ? '-' : ''}${text} ${currency.toUpperCase()}`
}

function customerOf(customer: unknown): string | undefined {
  if (typeof customer !== 'object' || customer === null) return undefined
  const { name, email, id } = customer as JsonObject
  return textOf(name) ?? textOf(email) ?? textOf(id)
}

function failureOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined
  const { message, code } = failure as JsonObject
  return textOf(message) ?? textOf(code)
}
