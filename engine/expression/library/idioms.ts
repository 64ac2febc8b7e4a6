import type { Example } from './contract.ts'

/** Something that other libraries have a function for and JSONata says by itself. */
export interface Idiom extends Example {
  readonly wish: string
}

const LINES = { lines: [{ id: 'a', n: 2 }, { id: 'b', n: 1 }, { id: 'c' }] }

/** What the library leaves out, and how it is written; run by the tests like the examples of functions. */
export const IDIOMS: readonly Idiom[] = [
  { wish: 'the first that fits', expr: 'lines[n < 2][0].id', record: LINES, result: 'b' },
  { wish: 'the items in order', expr: 'lines[$exists(n)]^(n).id', record: LINES, result: ['b', 'a'] },
  {
    wish: 'the items of one list that another lacks',
    expr: 'a[$not($ in $$.b)]',
    record: { a: [1, 2, 3], b: [2] },
    result: [1, 3],
  },
  { wish: 'each value once', expr: '$distinct(a)', record: { a: [1, 2, 1] }, result: [1, 2] },
  {
    wish: 'a list without its empty items',
    expr: 'a[$exists($firstNonEmpty($))]',
    record: { a: ['x', '', null, 'y'] },
    result: ['x', 'y'],
  },
  {
    wish: 'the values of an object',
    expr: 'card.*',
    record: { card: { brand: 'visa', last4: '4242' } },
    result: ['visa', '4242'],
  },
  { wish: 'always an array', expr: 'lines[n = 2].id[]', record: LINES, result: ['a'] },
  {
    wish: 'a value as JSON text',
    expr: '$string(card)',
    record: { card: { brand: 'visa' } },
    result: '{"brand":"visa"}',
  },
  { wish: 'a default for a missing value, not for null', expr: 'name ?? "none"', record: {}, result: 'none' },
  {
    wish: 'a default for null, missing and empty',
    expr: '$firstNonEmpty(name, "none")',
    record: { name: null },
    result: 'none',
  },
  { wish: 'a text for the web', expr: '$encodeUrlComponent(id)', record: { id: 'a/b' }, result: 'a%2Fb' },
  {
    wish: 'a time for a picture of XPath',
    expr: '$fromMillis($toUnixMs(at), "[D1o] [MNn]")',
    record: { at: '2024-02-01T00:00:00Z' },
    result: '1st February',
  },
]
