import { isPlainObject, setOwn } from '../plain.ts'
import { isLight, isNothing, objectOf, textOf, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

/** "", null, missing, [] and {} are empty; 0 and false are values. */
function isEmpty(value: unknown): boolean {
  if (isNothing(value) || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isPlainObject(value) && !hasNames(value)
}

/** Whether an object has a member of its own; no list of them is made for it. */
function hasNames(value: object): boolean {
  for (const name in value) if (Object.hasOwn(value, name)) return true
  return false
}

/** Whether a value is known at a glance not to be empty. */
const isFilled = (value: unknown): boolean => typeof value !== 'object' && value !== undefined && value !== ''

function removeEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, removeEmpty).filter((item) => !isEmpty(item))
  if (!isPlainObject(value)) return value
  const kept = Object.entries(value).map(([key, item]) => [key, removeEmpty(item)] as const)
  return build(kept.filter(([, item]) => !isEmpty(item)))
}

function build(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, value] of entries) setOwn(result, key, value)
  return result
}

function idOf(value: unknown): string | undefined {
  const id = isPlainObject(value) ? value.id : value
  return isNothing(id) || id === '' ? undefined : textOf(id, 'An id, or an object with an id,')
}

function mapEnum([value, table, otherwise]: readonly unknown[]): unknown {
  if (isNothing(value)) return undefined
  const key = typeof value === 'boolean' ? String(value) : textOf(value)
  const known = objectOf(table)
  return Object.hasOwn(known, key) ? known[key] : otherwise
}

function choose(value: unknown, keys: unknown, isWanted: (listed: boolean) => boolean): unknown {
  if (isNothing(value)) return value
  const listed = new Set(Array.from(Array.isArray(keys) ? keys : [keys], (key) => textOf(key, 'The name of a field')))
  return build(Object.entries(objectOf(value)).filter(([key]) => isWanted(listed.has(key))))
}

function toStringMap(value: unknown): unknown {
  if (isNothing(value)) return value
  const texts = Object.entries(objectOf(value)).filter(([, item]) => !isNothing(item))
  return build(texts.map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)] as const))
}

function requireTable(args: readonly unknown[]): unknown {
  if (!isPlainObject(args[1])) throw wrongArgument('A table of values, an object,', args[1])
  return mapEnum(args)
}

/** Functions that choose, drop and reshape values. */
export const SHAPE: readonly Entry[] = [
  {
    name: 'idOf',
    signature: '$idOf(value: string | number | object): string',
    doc: 'The id of a reference, whether it is a bare id or an expanded object with `id`. Missing, null and "" give no value.',
    examples: [
      { expr: '$idOf(customer)', record: { customer: 'cus_1' }, result: 'cus_1' },
      { expr: '$idOf(customer)', record: { customer: { id: 'cus_1', name: 'Ada' } }, result: 'cus_1' },
      { expr: '$idOf(customer)', record: { customer: null }, result: undefined },
    ],
    quick: (ask) => (value) => {
      if (isNothing(value)) return undefined
      const id = typeof value === 'object' && isPlainObject(value) ? value.id : value
      return typeof id === 'string' && id !== '' && isLight(id) ? id : ask(value)
    },
    implementation: ([value]) => idOf(value),
  },
  {
    name: 'firstNonEmpty',
    signature: '$firstNonEmpty(value, ...): any',
    doc: 'The first argument that is not empty. Missing, null, "", [] and {} are empty; 0 and false are not.',
    examples: [
      { expr: '$firstNonEmpty(nickname, name, "none")', record: { nickname: '', name: 'Ada' }, result: 'Ada' },
      { expr: '$firstNonEmpty(discount, 5)', record: { discount: 0 }, result: 0 },
    ],
    quick: (ask) => {
      const chosen = (first: unknown, second: unknown): unknown => {
        if (!isLight(first) || !isLight(second)) return ask(first, second)
        if (isFilled(first) || !isEmpty(first)) return first
        return isFilled(second) || !isEmpty(second) ? second : undefined
      }
      return (first, second) => (first === undefined && second === undefined ? undefined : chosen(first, second))
    },
    implementation: (values) => values.find((value) => !isEmpty(value)),
  },
  {
    name: 'removeEmpty',
    signature: '$removeEmpty(value: any): any',
    doc: `Without the empty parts (missing, null, "", [] and {}), at every depth; what becomes empty goes too. 0 and false stay,
and so does the outermost object or array.`,
    examples: [
      {
        expr: '$removeEmpty($)',
        record: { a: 0, b: null, c: { d: '' }, e: [null, false] },
        result: { a: 0, e: [false] },
      },
      { expr: '$removeEmpty({ "a": missing })', record: {}, result: {} },
    ],
    isDeep: true,
    implementation: ([value]) => removeEmpty(value),
  },
  {
    name: 'mapEnum',
    signature: '$mapEnum(value: string | number | boolean, table: object, default?: any): any',
    doc: 'The entry of the table for a value, the default where the table has none. A missing or null value gives no value.',
    examples: [
      { expr: '$mapEnum(status, { "ok": "succeeded" }, "unknown")', record: { status: 'ok' }, result: 'succeeded' },
      { expr: '$mapEnum(status, { "ok": "succeeded" }, "unknown")', record: { status: 'new' }, result: 'unknown' },
      { expr: '$mapEnum(code, { "1": "a" })', record: { code: 1 }, result: 'a' },
    ],
    implementation: requireTable,
  },
  {
    name: 'pick',
    signature: '$pick(object: object, fields: string | string[]): object',
    doc: 'Only the named fields of an object, those that are there. Null gives null.',
    examples: [
      {
        expr: '$pick(card, ["brand", "last4"])',
        record: { card: { brand: 'visa', cvc: '1' } },
        result: { brand: 'visa' },
      },
    ],
    implementation: ([value, keys]) => choose(value, keys, (listed) => listed),
  },
  {
    name: 'omit',
    signature: '$omit(object: object, fields: string | string[]): object',
    doc: 'An object without the named fields. Null gives null.',
    examples: [
      { expr: '$omit(card, "cvc")', record: { card: { brand: 'visa', cvc: '1' } }, result: { brand: 'visa' } },
    ],
    implementation: ([value, keys]) => choose(value, keys, (listed) => !listed),
  },
  {
    name: 'toStringMap',
    signature: '$toStringMap(object: object): object',
    doc: `An object whose values are all text, as metadata is: numbers and booleans written out, objects and arrays as JSON text,
null and missing values left out. Null gives null.`,
    examples: [
      {
        expr: '$toStringMap(meta)',
        record: { meta: { order: 7, gift: true, note: 'x', none: null, tags: ['a'] } },
        result: { order: '7', gift: 'true', note: 'x', tags: '["a"]' },
      },
    ],
    isDeep: true,
    implementation: ([value]) => toStringMap(value),
  },
]
