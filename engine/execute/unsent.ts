import type { WriteMapping, WriteSlot, WriteWay } from '../definition/catalog.ts'
import type { Compiled } from '../expression/index.ts'

/**
 * Fields of a unified body that no part of the write reads, so that the provider never hears of them. The caller is told
 * by a warning: a field must not vanish in silence, and the same call must stay possible for providers that have a place for it.
 */
export function unsentFields(write: WriteMapping, way: WriteWay, body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const read = new Set(expressionsOf(write, way).flatMap(({ paths }) => paths.map(headOf)))
  return read.has('*') ? [] : Object.keys(body).filter((field) => !read.has(field))
}

function expressionsOf(write: WriteMapping, way: WriteWay): Compiled[] {
  const reads = [...write.reads.values()]
  const ways = [way, ...write.followUps]
  const slots = [...ways, ...reads].flatMap((part) => [...part.path.values(), ...part.query.values()])
  const conditions = [...ways, ...reads, ...write.refuse].map(({ when }) => when)
  return [...slots, ...ways.flatMap(({ body }) => [...body.values()])]
    .map(expressionOf)
    .concat(conditions)
    .filter((expression) => expression !== undefined)
}

function expressionOf(slot: WriteSlot): Compiled | undefined {
  if (slot.kind === 'const') return undefined
  return slot.kind === 'table' ? slot.from : slot.expression
}

const headOf = (path: string): string => path.split('.', 1)[0] ?? path
