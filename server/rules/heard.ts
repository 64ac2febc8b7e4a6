import type { Rule } from '../../engine/index.ts'
import { eventOut, type JsonObject, type StoredEvent } from '../stores/index.ts'

/** An event as rules see it. */
export interface Heard {
  readonly event: StoredEvent
  /** As it is shown, which is what expressions are over. */
  readonly shown: JsonObject
}

/** An event as rules see it. */
export const heardOf = (event: StoredEvent): Heard => ({ event, shown: eventOut(event) })

/** What rules make themselves: none of them listens to it. */
const isOwn = (type: string): boolean => type.startsWith('rule.') || type.startsWith('rule_run.')

/** Whether a type is among wanted ones, each exact or with a `*` at the end. */
export const isAmong = (wanted: readonly string[], type: string): boolean =>
  wanted.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type))

/** Whether a rule is to be told of events of a type. */
export function hears({ on, stop }: Rule, type: string): boolean {
  return !isOwn(type) && (isAmong(on, type) || stop.some((one) => isAmong(one.on, type)))
}

/** What an event is about where a rule does not say: its record, or else the object in it. */
export function defaultSubject({ type, about, data }: StoredEvent): string | null {
  if (about?.recordId != null) return `${about.resource ?? 'record'}/${about.recordId}`
  return typeof data.id === 'string' ? `${type.split('.')[0]}/${data.id}` : null
}

/** The customer that an event is about, where it is about one. */
export function customerOf({ about, data }: StoredEvent): string | null {
  if (about?.resource === 'customers') return about.recordId
  const { customer } = data
  if (typeof customer !== 'object' || customer === null) return null
  const { id } = customer as JsonObject
  return typeof id === 'string' ? id : null
}
