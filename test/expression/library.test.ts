import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateAll, FUNCTIONS, functionsMarkdown } from '../../engine/expression/index.ts'
import { IDIOMS } from '../../engine/expression/library/idioms.ts'
import { compiled, failureOf } from './support.ts'

const examples = [...FUNCTIONS.values()].flatMap(({ examples }) => examples)

describe('the library', () => {
  it.each(examples)('$expr gives $result', ({ expr, record = {}, variables = {}, result }) => {
    expect(compiled(expr).evaluate(record, variables)).toStrictEqual(result)
  })

  it.each(IDIOMS)('is not needed for $wish: $expr', ({ expr, record = {}, result }) => {
    expect(compiled(expr).evaluate(record)).toStrictEqual(result)
  })

  it('gives the same for all examples in one go', () => {
    const cells = examples.map(({ expr, record = {}, variables = {} }) => ({
      expression: compiled(expr),
      record,
      variables,
    }))
    expect(evaluateAll(cells)).toStrictEqual(examples.map(({ result }) => ({ value: result })))
  })

  it('has a signature, a text and an example for each function', () => {
    for (const { name, signature, doc, examples } of FUNCTIONS.values()) {
      expect(signature.startsWith(`$${name}(`)).toBe(true)
      expect(doc.length).toBeGreaterThan(20)
      expect(examples.every(({ expr }) => expr.includes(`$${name}(`))).toBe(true)
      expect(examples.length).toBeGreaterThan(0)
    }
  })

  it('is what docs/reference/functions.md shows', () => {
    const page = readFileSync(new URL('../../docs/reference/functions.md', import.meta.url), 'utf8')
    expect(page).toBe(functionsMarkdown())
  })

  it('passes null and missing through where its text says so', () => {
    const same = 'money moneyOut decimal currency fromUnix fromUnixMs toUnix toUnixMs instant date toStringMap'.split(
      ' ',
    )
    for (const name of same) {
      expect(
        compiled(`$${name}(a, "USD")`.replace(/, "USD"/, name.startsWith('money') ? ', "USD"' : '')).evaluate({
          a: null,
        }),
      ).toBe(null)
      expect(compiled(`$${name}(missing)`).evaluate({})).toBeUndefined()
    }
  })

  it('works with partial application, chains and $map', () => {
    expect(compiled('( $eur := $money(?, "EUR"); $map(a, $eur) )').evaluate({ a: [1, 2] })).toEqual([1, 2])
    expect(compiled('customer ~> $idOf').evaluate({ customer: { id: 'c' } })).toBe('c')
    expect(compiled('$map(items, $idOf)').evaluate({ items: ['a', { id: 'b' }] })).toEqual(['a', 'b'])
    expect(compiled('items.$money(amount, currency)').evaluate({ items: [{ amount: 5, currency: 'eur' }] })).toBe(5)
  })

  it.each([
    ['$idOf(a)', { a: [1] }, /An id, or an object with an id, was expected, not an array of 1/],
    ['$idOf(a, 1)', { a: 1 }, /takes one argument at most, not 2/],
    ['$money(a, "usd")', { a: '1,000.00' }, /decimal number/],
    ['$money(a, "usd")', { a: '' }, /decimal number/],
    ['$money(a, "usd")', { a: 1.5 }, /finer than the minor unit of USD/],
    ['$money(a, "btc")', { a: 1 }, /`BTC` is not a known currency/],
    ['$money(a, b)', { a: 1 }, /currency is missing/],
    ['$currency(a)', { a: 5 }, /currency/],
    ['$fromUnix(a)', { a: 'soon' }, /decimal number/],
    ['$fromUnix(a)', { a: 1e12 }, /years 0 and 9999/],
    ['$toUnix(a)', { a: '2024-01-01T00:00:00' }, /A time was expected/],
    ['$toUnix(a)', { a: '2024-02-30' }, /A time was expected/],
    ['$toUnix(a)', { a: '2024-01-01T25:00:00Z' }, /A time was expected/],
    ['$toUnix(a, "up")', { a: '2024-01-01' }, /rounding/],
    ['$date(a)', { a: 'today' }, /A time was expected/],
    ['$mapEnum(a, b)', { a: 'x' }, /table/],
    ['$pick(a, b)', { a: 'x', b: 'y' }, /An object was expected/],
    ['$toStringMap(a)', { a: [1] }, /An object was expected, not an array/],
    ['$last4(a)', { a: {} }, /A text was expected/],
  ])('%s over %j is an error', (source, record, message) => {
    const error = failureOf(() => compiled(source).evaluate(record))
    expect(error.code).toBe('expression_failed')
    expect(error.message).toMatch(message)
  })
})

describe('times', () => {
  it.each([
    ['$fromUnix(0)', '1970-01-01T00:00:00Z'],
    ['$fromUnix(-1)', '1969-12-31T23:59:59Z'],
    ['$fromUnix("-0.5")', '1969-12-31T23:59:59.500Z'],
    ['$fromUnix(1704067200.000001)', '2024-01-01T00:00:00.000001Z'],
    ['$fromUnixMs(-1)', '1969-12-31T23:59:59.999Z'],
    ['$toUnix("1969-12-31T23:59:59.5Z")', -1],
    ['$toUnix("1969-12-31T23:59:59.5Z", "ceil")', 0],
    ['$toUnix("2024-01-01T00:00:00.000Z", "ceil")', 1704067200],
    ['$toUnixMs("1969-12-31T23:59:59.999Z")', -1],
    ['$toUnixMs("2024-01-01T00:00:00.0001Z", "ceil")', 1704067200001],
    ['$toUnix("2023-12-31t19:00:00-05:00")', 1704067200],
    ['$toUnix("2016-12-31T23:59:60Z")', 1483228800],
    ['$instant("2024-01-01")', '2024-01-01T00:00:00Z'],
    ['$date("1704067200")', '2024-01-01'],
    ['$date(-1)', '1969-12-31'],
  ])('%s is %j', (source, expected) => expect(compiled(source).evaluate({})).toBe(expected))
})

describe('shapes', () => {
  it.each([
    ['$removeEmpty(a)', { a: [[], [null], { b: {} }, 0] }, [0]],
    ['$removeEmpty(a)', { a: { b: [{ c: null }], d: 'x' } }, { d: 'x' }],
    ['$firstNonEmpty(a, b, c, d)', { a: [], b: {}, c: null, d: false }, false],
    ['$firstNonEmpty(a)', {}, undefined],
    ['$firstNonEmpty()', {}, undefined],
    ['$mapEnum("constructor", {})', {}, undefined],
    ['$mapEnum(true, {"true": 1})', {}, 1],
    ['$pick(a, "b")', { a: { b: null } }, { b: null }],
    ['$omit(a, ["b", "c"])', { a: { b: 1, d: 2 } }, { d: 2 }],
    ['$idOf(7)', {}, '7'],
    ['$splitName("  ")', {}, undefined],
    ['$joinName("  ", null)', {}, undefined],
  ])('%s over %j', (source, record, expected) => expect(compiled(source).evaluate(record)).toStrictEqual(expected))
})

it('instants are written as JavaScript writes them, without empty fractions', () => {
  const [first, last] = [Date.UTC(1, 0, 1) / 1000 - 1900 * 365.25 * 86_400, Date.UTC(9999, 11, 31) / 1000]
  fc.assert(
    fc.property(fc.integer({ min: Math.ceil(first), max: last }), (seconds) => {
      const expected = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
      expect(compiled('$fromUnix($)').evaluate(seconds)).toBe(expected)
      expect(compiled('$fromUnixMs($)').evaluate(seconds * 1000)).toBe(expected)
      expect(compiled('$fromUnix($)').evaluate(String(seconds))).toBe(expected)
    }),
    { numRuns: 500 },
  )
})
