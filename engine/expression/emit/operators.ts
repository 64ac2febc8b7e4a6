import { leftOf, type Node } from '../ast.ts'
import type { HelperName } from '../run/helpers.ts'
import { type Code, literal, type Place, raw, scalar, Uncovered } from './code.ts'

const ARITHMETIC: Readonly<Record<string, HelperName>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
}

const ORDER: Readonly<Record<string, HelperName>> = { '<': 'less', '<=': 'atMost', '>': 'greater', '>=': 'atLeast' }

/** The value of a part of a node. */
export function partOf(node: Node | undefined, place: Place): Code {
  if (node === undefined) throw new Uncovered('missing part')
  return place.out.emit(node, place)
}

/** Whether a part counts as true. */
export function truthOf(node: Node | undefined, place: Place): string {
  const { js, kind } = partOf(node, place)
  return kind === 'boolean' ? js : place.out.call('truth', js)
}

/** An operator between two values. */
export function emitBinary(node: Node, place: Place): Code {
  const { out } = place
  const operator = String(node.value)
  const [left, right] = [leftOf(node), node.rhs]
  if (operator === 'and') return scalar(`(${truthOf(left, place)}&&${truthOf(right, place)})`, 'boolean')
  if (operator === 'or') return scalar(`(${truthOf(left, place)}||${truthOf(right, place)})`, 'boolean')
  if (operator === '&') return scalar(joined(node, place), 'string')
  const sides = [partOf(left, place), partOf(right, place)] as const
  const [a, b] = [sides[0].js, sides[1].js]
  const arithmetic = ARITHMETIC[operator]
  if (arithmetic !== undefined) return scalar(out.call(arithmetic, a, b))
  const order = ORDER[operator]
  if (order !== undefined) return scalar(out.call(order, a, b), 'leaf')
  if (operator === '=')
    return scalar(isConstant(right) || sides.some(isShort) ? `(${a}===${b})` : out.call('equal', a, b), 'boolean')
  if (operator === '!=') return scalar(out.call('unequal', a, b), 'boolean')
  if (operator === '..') return raw(out.call('range', a, b), true)
  if (operator === 'in') return scalar(isIn(a, b, right, place), 'boolean')
  throw new Uncovered(`operator ${operator}`)
}

/** Texts that `&` joins, several at once: what they make together is bounded, and so is what some of them make. */
function joined(node: Node, place: Place): string {
  const parts: Node[] = []
  let first: Node | undefined = node
  while (first !== undefined && isJoining(first) && parts.length < MOST_PARTS) {
    if (first.rhs === undefined) throw new Uncovered('missing part')
    parts.unshift(first.rhs)
    first = leftOf(first)
  }
  const texts = [partOf(first, place), ...parts.map((part) => place.out.emit(part, place))]
  return place.out.call('built', texts.map((text) => textOf(text, place)).join('+'))
}

/** Most texts that are joined before the size of the whole is looked at. */
const MOST_PARTS = 8

/** Whether a node is `&` and nothing else. */
const isJoining = ({ type, value, predicate, group, keepArray }: Node): boolean =>
  type === 'binary' && value === '&' && predicate === undefined && group === undefined && keepArray !== true

/** Whether a value has the data of the record once at most. */
export const isOnce = (code: Code): boolean => code.isOnce === true || code.kind !== 'any'

/** Whether a value is known not to be missing and is as good as compared. */
const isShort = ({ kind }: Code): boolean => kind === 'number' || kind === 'boolean' || kind === 'null'

/** A literal. */
export function constantOf(value: unknown): Code {
  const kind = value === null ? 'null' : typeof value
  return scalar(literal(value), kind === 'string' || kind === 'number' || kind === 'boolean' ? kind : 'null')
}

/** Whether a node is a literal and nothing else. */
export const isConstant = (node: Node | undefined): node is Node =>
  node !== undefined &&
  ['string', 'number', 'value'].includes(node.type) &&
  node.predicate === undefined &&
  node.group === undefined

function textOf({ js, kind }: Code, { out }: Place): string {
  return kind === 'string' ? js : out.call('text', js)
}

/** `in`, with a set where the list is constant. */
function isIn(value: string, list: string, node: Node | undefined, { out }: Place): string {
  const items =
    node?.type === 'unary' && node.value === '[' && node.predicate === undefined ? (node.expressions ?? []) : []
  if (items.length === 0 || node?.group !== undefined || !items.every(isConstant)) return out.call('isIn', value, list)
  return `${out.constant(new Set(items.map((item) => item.value)))}.has(${value})`
}
