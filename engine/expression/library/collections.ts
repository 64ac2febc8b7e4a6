import { EngineError } from '../../errors.ts'
import { isPlainObject, setOwn } from '../plain.ts'
import { describe, integerOf, isNothing, listOf, objectOf, textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

/** The text under a dotted path of an item; throws where there is none. */
function keyOf(item: unknown, path: unknown, at: number): string {
  const steps = textOf(path, 'The name of a field').split('.')
  let value: unknown = item
  for (const [depth, step] of steps.entries()) {
    const holder = value
    value = isPlainObject(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined
    if (!isNothing(value)) continue
    const where = depth === 0 ? `item ${at}` : `\`${steps.slice(0, depth).join('.')}\` of item ${at}`
    throw new EngineError('invalid_parameter', `${where} has no \`${step}\`: it is ${describe(holder)}`, {
      hint: 'Leave such items out first: `items[$exists(id)]`.',
    })
  }
  return typeof value === 'boolean' ? String(value) : textOf(value, `A text or number as \`${steps.join('.')}\``)
}

function groupBy(items: unknown, path: unknown): Record<string, unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const [at, item] of listOf(items).entries()) {
    const key = keyOf(item, path, at)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return objectFrom(groups)
}

function keyBy(items: unknown, path: unknown): Record<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [at, item] of listOf(items).entries()) {
    const key = keyOf(item, path, at)
    if (found.has(key)) {
      const hint = 'Take `$uniqueBy` first to keep the first of each, or `$groupBy` to keep all.'
      throw new EngineError('invalid_parameter', `item ${at} has a key that an earlier item has too`, { hint })
    }
    found.set(key, item)
  }
  return objectFrom(found)
}

function uniqueBy(items: unknown, path: unknown): unknown[] {
  const seen = new Set<string>()
  return listOf(items).filter((item, at) => {
    const key = keyOf(item, path, at)
    return seen.size < seen.add(key).size
  })
}

function objectFrom<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const result: Record<string, T> = {}
  for (const [key, value] of entries) setOwn(result, key, value)
  return result
}

function chunk(items: unknown, size: unknown): unknown[][] {
  const [list, most] = [listOf(items), integerOf(size, 'The size', 1, 100_000)]
  return Array.from({ length: Math.ceil(list.length / most) }, (_, at) => list.slice(at * most, (at + 1) * most))
}

function deepMerge(base: unknown, over: unknown): unknown {
  if (isNothing(over)) return base
  if (isNothing(base)) return objectOf(over)
  return merged(objectOf(base), objectOf(over))
}

function merged(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = objectFrom(Object.entries(base))
  for (const [key, value] of Object.entries(over)) {
    const known = Object.hasOwn(result, key) ? result[key] : undefined
    if (value !== undefined)
      setOwn(result, key, isPlainObject(known) && isPlainObject(value) ? merged(known, value) : value)
  }
  return result
}

function entries(value: unknown, keyName: unknown, valueName: unknown): unknown[] {
  const [first, second] = namesOf(keyName, valueName)
  const given = Object.entries(objectOf(value)).filter(([, item]) => item !== undefined)
  return given.map(([key, item]) => objectFrom([[first, key] as const, [second, item] as const]))
}

function fromEntries(items: unknown, keyName: unknown, valueName: unknown): Record<string, unknown> {
  const [first, second] = namesOf(keyName, valueName)
  const result: Record<string, unknown> = {}
  for (const [at, item] of listOf(items).entries()) {
    const key = keyOf(item, first, at)
    if (Object.hasOwn(result, key)) {
      const hint = 'Take `$uniqueBy` first to keep the first of each.'
      throw new EngineError('invalid_parameter', `item ${at} has a key that an earlier item has too`, { hint })
    }
    const value = isPlainObject(item) && Object.hasOwn(item, second) ? item[second] : undefined
    if (value !== undefined) setOwn(result, key, value)
  }
  return result
}

function namesOf(keyName: unknown, valueName: unknown): [string, string] {
  const names = [keyName ?? 'key', valueName ?? 'value'] as const
  for (const name of names) if (typeof name !== 'string') throw wrongArgument('The name of a field', name)
  return names as [string, string]
}

const LINES = {
  lines: [
    { id: 'a', plan: 'x' },
    { id: 'b', plan: 'y' },
    { id: 'c', plan: 'x' },
  ],
}

/** Functions for lists and objects; JSONata has the rest: `a[x = 1]`, `a^(>x)`, $distinct, $merge, $keys. */
export const COLLECTIONS: readonly Entry[] = [
  {
    name: 'groupBy',
    signature: '$groupBy(items: object[], field: string): object',
    doc: `The items by the text of a field, or of a dotted path: one array for each text, also where it holds one item. An item
without the field is an error. Null gives null.`,
    examples: [
      {
        expr: '$groupBy(lines, "plan")',
        record: { lines: LINES.lines.slice(0, 2) },
        result: { x: [{ id: 'a', plan: 'x' }], y: [{ id: 'b', plan: 'y' }] },
      },
      {
        expr: '$map(["x", "y"], function($plan) { $count($lookup($groupBy(lines, "plan"), $plan)) })',
        record: LINES,
        result: [2, 1],
      },
    ],
    implementation: unlessNothing(groupBy),
  },
  {
    name: 'keyBy',
    signature: '$keyBy(items: object[], field: string): object',
    doc: `The items by the text of a field, or of a dotted path, one for each: a table to look them up in. An item without the
field, or with the text of an earlier one, is an error. Null gives null.`,
    examples: [
      {
        expr: '$lookup($keyBy(prices, "id"), price).amount',
        record: {
          price: 'p2',
          prices: [
            { id: 'p1', amount: 5 },
            { id: 'p2', amount: 7 },
          ],
        },
        result: 7,
      },
    ],
    implementation: unlessNothing(keyBy),
  },
  {
    name: 'uniqueBy',
    signature: '$uniqueBy(items: object[], field: string): object[]',
    doc: 'The items without those whose field, or dotted path, has the text of an earlier one. Null gives null.',
    examples: [{ expr: '$uniqueBy(lines, "plan").id', record: LINES, result: ['a', 'b'] }],
    implementation: unlessNothing(uniqueBy),
  },
  {
    name: 'chunk',
    signature: '$chunk(items: any[], size: integer): any[]',
    doc: 'The items in arrays of so many, the last one shorter where they do not fill it. Null gives null.',
    examples: [{ expr: '$chunk([1, 2, 3], 2)', result: [[1, 2], [3]] }],
    implementation: unlessNothing(chunk),
  },
  {
    name: 'flatten',
    signature: '$flatten(items: any[], depth?: integer): any[]',
    doc: 'The items with arrays among them opened, once or so many levels deep. Null gives null.',
    examples: [
      { expr: '$flatten(pages)', record: { pages: [[1], [2, [3]]] }, result: [1, 2, [3]] },
      { expr: '$flatten(pages, 2)', record: { pages: [[1], [2, [3]]] }, result: [1, 2, 3] },
    ],
    implementation: unlessNothing((items, depth) => listOf(items).flat(integerOf(depth, 'The depth', 1, 20, 1))),
  },
  {
    name: 'deepMerge',
    signature: '$deepMerge(base: object, over: object): object',
    doc: `Both objects as one, at every depth; where both have a value that is not an object, the second's counts, null and arrays
too. A missing or null side leaves the other. ($merge looks at the first level only.)`,
    examples: [
      {
        expr: '$deepMerge(defaults, given)',
        record: { defaults: { card: { brand: 'visa', cvc: null } }, given: { card: { cvc: 'pass' } } },
        result: { card: { brand: 'visa', cvc: 'pass' } },
      },
    ],
    isDeep: true,
    implementation: ([base, over]) => deepMerge(base, over),
  },
  {
    name: 'entries',
    signature: '$entries(object: object, key?: string, value?: string): object[]',
    doc: `An object as a list of its fields, each with \`key\` and \`value\`, or what they are called there: for providers that
write metadata so. Null gives null.`,
    examples: [
      {
        expr: '$entries(metadata, "name", "text")',
        record: { metadata: { order: '7' } },
        result: [{ name: 'order', text: '7' }],
      },
    ],
    implementation: unlessNothing(entries),
  },
  {
    name: 'fromEntries',
    signature: '$fromEntries(items: object[], key?: string, value?: string): object',
    doc: `The inverse of $entries: an object of the listed fields. An item without a key, or with one that was there before, is an
error; one without a value is left out. Null gives null.`,
    examples: [
      {
        expr: '$fromEntries(fields, "name")',
        record: {
          fields: [
            { name: 'order', value: 7 },
            { name: 'gift', value: true },
          ],
        },
        result: { order: 7, gift: true },
      },
    ],
    implementation: unlessNothing(fromEntries),
  },
]
