import { type Compiled, type CompiledTemplate, compileExpression } from '../../expression/index.ts'
import type { Slot, WriteSlot } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap, frozenCopy } from '../frozen.ts'

/** The compiled expression of a slot that validation has seen to. */
export function expressionOf(node: Located<string>): Compiled {
  if (node.expression === undefined)
    throw new TypeError(`${node.document.source.path}${node.pointer}: not an expression`)
  return node.expression
}

/** The compiled expression of a slot that may be left out. */
export const maybeExpression = (node: Located<string> | undefined): Compiled | undefined =>
  node === undefined ? undefined : expressionOf(node)

/** The compiled template of a slot that validation has seen to. */
export function templateOf(node: Located<string>): CompiledTemplate {
  if (node.template === undefined) throw new TypeError(`${node.document.source.path}${node.pointer}: not a template`)
  return node.template
}

/** An expression that the language itself brings as a default. */
export function defaultExpression(source: string, scope: readonly string[]): Compiled {
  const result = compileExpression(source, scope)
  if ('problems' in result) throw new TypeError(`the default expression ${source} does not compile`)
  return result.expression
}

/** A regular expression of a definition. Without flags g and y it keeps no state, so it can be frozen. */
export const patternOf = (node: Located<string>): RegExp => Object.freeze(new RegExp(node.value, 'u'))

type Entries<T> = Located<Record<string, T>> | undefined

/** A mapping compiled entry by entry; an empty one where there is none. */
export function mapOf<T, R>(node: Entries<T>, make: (value: Located<T>, key: string) => R): FrozenMap<string, R> {
  const entries = (node?.entries() ?? []) as [string, Located<T>][]
  return new FrozenMap(entries.map(([key, value]) => [key, make(value, key)]))
}

/** Expressions by name. */
export const expressionsOf = (node: Entries<string>): FrozenMap<string, Compiled> => mapOf(node, expressionOf)

/** A slot that is an expression or `{ const: ... }`. */
function slotOf(node: Located<unknown>): Slot {
  if (typeof node.value === 'string') return { kind: 'expression', expression: expressionOf(node as Located<string>) }
  return { kind: 'const', value: frozenCopy((node.value as { const: unknown }).const) }
}

/** Slots by name. */
export const slotsOf = (node: Entries<unknown>): FrozenMap<string, Slot> => mapOf(node, slotOf)

/** A slot of a write: also a table from unified to native values. */
function writeSlotOf(node: Located<unknown>): WriteSlot {
  if (typeof node.value === 'string' || 'const' in (node.value as object)) return slotOf(node)
  const table = node as Located<{ from: string; map: Record<string, unknown> }>
  const map = new FrozenMap(Object.entries(table.need('map').value))
  return { kind: 'table', from: expressionOf(table.need('from') as Located<string>), map }
}

/** Slots of a write by native name. */
export const writeSlotsOf = (node: Entries<unknown>): FrozenMap<string, WriteSlot> => mapOf(node, writeSlotOf)

/** Path values with `{ id: <default> }` filled in where the path wants an id and nothing says otherwise. */
export function withId<T>(path: FrozenMap<string, T>, wanted: readonly string[], id: () => T): FrozenMap<string, T> {
  return wanted.includes('id') && !path.has('id') ? new FrozenMap([...path, ['id', id()] as const]) : path
}
