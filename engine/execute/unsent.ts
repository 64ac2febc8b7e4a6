import type { WriteMapping, WriteSlot, WriteWay } from '../definition/catalog.ts'
import { reasonFor, unreadFields } from '../definition/unread.ts'
import type { Compiled } from '../expression/index.ts'
import type { Session } from './session.ts'

/** Dotted fields of a unified body that nothing in these ways of a write reads, nor its reads and conditions. */
export function unsentFields(write: WriteMapping, ways: readonly WriteWay[], body: unknown): readonly string[] {
  return unreadFields(
    body,
    expressionsOf(write, ways).flatMap(({ paths }) => paths),
  )
}

/**
 * Tells the caller by warnings which fields of the body the provider never hears of: a field must not vanish in silence,
 * and the same call must stay possible for providers that have a place for it.
 */
export function warnUnsent(session: Session, write: WriteMapping, ways: readonly WriteWay[], body: unknown): void {
  const none = `${session.integration.label} has no place for it here`
  for (const field of unsentFields(write, ways, body)) {
    const reason = reasonFor(field, write.absent) ?? reasonFor(field, session.mapping.absent) ?? none
    session.call.warn(`\`${field}\` was not sent: ${reason}`)
  }
}

function expressionsOf(write: WriteMapping, ways: readonly WriteWay[]): Compiled[] {
  const reads = [...write.reads.values()]
  const slots = [...ways, ...reads].flatMap((part) => [...part.path.values(), ...part.query.values()])
  const conditions = [...write.ways, ...write.followUps, ...reads, ...write.refuse].map(({ when }) => when)
  return [...slots, ...ways.flatMap(({ body }) => [...body.values()])]
    .map(expressionOf)
    .concat(conditions)
    .filter((expression) => expression !== undefined)
}

function expressionOf(slot: WriteSlot): Compiled | undefined {
  if (slot.kind === 'const') return undefined
  return slot.kind === 'table' ? slot.from : slot.expression
}
