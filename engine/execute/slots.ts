import type { Slot, WriteSlot } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled, Variables } from '../expression/index.ts'
import { type Json, writePath } from '../mapping/index.ts'

/** The value of a slot; undefined when an expression has none. */
function slotValue(slot: Slot, record: unknown, variables: Variables): unknown {
  return slot.kind === 'const' ? slot.value : slot.expression.evaluate(record, variables)
}

/** Values by name, without those that are missing. */
export function slotValues(slots: ReadonlyMap<string, Slot>, record: unknown, variables: Variables): Json {
  const entries: [string, unknown][] = []
  for (const [name, slot] of slots) {
    const value = slotValue(slot, record, variables)
    if (value !== undefined) entries.push([name, value])
  }
  return Object.fromEntries(entries)
}

/** Values of plain expressions by name, without those that are missing. */
export function expressionValues(
  expressions: ReadonlyMap<string, Compiled>,
  record: unknown,
  variables: Variables,
): Json {
  const entries = [...expressions].map(([name, expression]) => [name, expression.evaluate(record, variables)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/**
 * Values of a write by native name. Throws EngineError invalid_body for a value that a table does not list, and for an
 * amount that the provider cannot be told.
 */
export function writeValues(slots: ReadonlyMap<string, WriteSlot>, record: unknown, variables: Variables): Json {
  const values: Json = {}
  for (const [name, slot] of slots) {
    const value = slot.kind === 'table' ? tableValue(slot, record, variables) : givenValue(slot, record, variables)
    if (value !== undefined) values[name] = value
  }
  return values
}

/** What is finer than the provider's unit, or in no currency, came with the call: the caller's to mend, not the definition's. */
function givenValue(slot: Slot, record: unknown, variables: Variables): unknown {
  try {
    return slotValue(slot, record, variables)
  } catch (thrown) {
    const cause = thrown instanceof EngineError ? (thrown.details.cause as { token?: unknown } | undefined) : undefined
    if (!(thrown instanceof EngineError) || cause?.token !== 'moneyOut') throw thrown
    throw new EngineError('invalid_body', thrown.message, { hint: thrown.details.hint, cause: thrown })
  }
}

function tableValue(slot: Extract<WriteSlot, { kind: 'table' }>, record: unknown, variables: Variables): unknown {
  const value = slot.from.evaluate(record, variables)
  if (value === undefined || value === null) return value
  const native = slot.map.get(String(value))
  if (native === undefined) throw notListed(slot, value)
  return native === null ? undefined : native
}

function notListed(slot: Extract<WriteSlot, { kind: 'table' }>, value: unknown): EngineError {
  const where = `/${slot.from.source.replaceAll('.', '/')}`
  const message = `\`${where}\`: this provider has no ${JSON.stringify(value)?.slice(0, 64)}`
  return new EngineError('invalid_body', message, { where, valid: [...slot.map.keys()] })
}

/** A nested body out of dotted names. */
export function nest(values: Readonly<Json>): Json {
  const body: Json = {}
  for (const [name, value] of Object.entries(values)) writePath(body, name, value)
  return body
}
