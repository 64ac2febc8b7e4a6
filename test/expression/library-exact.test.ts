import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compiled, failureOf } from './support.ts'

const value = (source: string, record: unknown) => compiled(source).evaluate(record)

/** A decimal as digits and how many of them stand behind the point. */
const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))

const write = ([digits, scale]: readonly [bigint, number]): string => {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return `${digits < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale === 0 ? '' : `.${text.slice(-scale)}`}`
}

/** The digits of a result at a scale that holds it. */
const read = (text: unknown, scale: number): bigint => {
  const [whole = '', fraction = ''] = String(text).split('.')
  expect(fraction.length).toBeLessThanOrEqual(scale)
  expect(String(text)).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/)
  return BigInt(whole + fraction.padEnd(scale, '0'))
}

describe('decimals are exact', () => {
  it('sums, differences and products are those of BigInt', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const record = { a: write(left), b: write(right) }
        const [a, b] = [left[0] * 10n ** BigInt(24 - left[1]), right[0] * 10n ** BigInt(24 - right[1])]
        expect(read(value('$decimalAdd(a, b)', record), 24)).toBe(a + b)
        expect(read(value('$decimalSubtract(a, b)', record), 24)).toBe(a - b)
        expect(read(value('$decimalMultiply(a, b)', record), 48)).toBe(a * b)
        expect(value('$decimalCompare(a, b)', record)).toBe(a < b ? -1 : a > b ? 1 : 0)
        expect(value('$decimalSum([a, b])', record)).toBe(value('$decimalAdd(b, a)', record))
      }),
      { numRuns: 400 },
    )
  })

  it('a quotient is off by half a unit of its last place at most, and even where it is exactly half', () => {
    fc.assert(
      fc.property(decimal, decimal, fc.integer({ min: 0, max: 12 }), (left, right, decimals) => {
        fc.pre(right[0] !== 0n)
        const quotient = read(
          value('$decimalDivide(a, b, n)', { a: write(left), b: write(right), n: decimals }),
          decimals,
        )
        const above = left[0] * 10n ** BigInt(right[1] + decimals)
        const below = right[0] * 10n ** BigInt(left[1])
        const off = (above - quotient * below) * 2n
        const [size, half] = [off < 0n ? -off : off, below < 0n ? -below : below]
        expect(size <= half).toBe(true)
        if (size === half) expect(quotient % 2n).toBe(0n)
      }),
      { numRuns: 400 },
    )
  })

  it('rounding keeps what fits, and every way of it goes its way', () => {
    const small = fc.tuple(fc.bigInt({ min: -100_000n, max: 100_000n }), fc.constant(3))
    fc.assert(
      fc.property(small, (number) => {
        const [record, exact] = [{ a: write(number) }, Number(number[0])]
        const to = (rounding: string) => Number(value(`$decimalRound(a, 0, "${rounding}")`, record)) * 1000
        expect(value('$decimalRound(a, 3)', record)).toBe(value('$decimal(a)', record))
        expect(to('floor')).toBe(Math.floor(exact / 1000) * 1000)
        expect(to('ceil') + 0).toBe(Math.ceil(exact / 1000) * 1000 + 0)
        expect(to('down') + 0).toBe(Math.trunc(exact / 1000) * 1000 + 0)
        expect(to('half_up') + 0).toBe(Math.sign(exact) * Math.floor((Math.abs(exact) + 500) / 1000) * 1000 + 0)
      }),
      { numRuns: 400 },
    )
  })

  it('a percentage of an amount is rounded once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        (amount, basis) => {
          const part = Number(value('$percentOf(a, p)', { a: amount, p: write([BigInt(basis), 2]) }))
          const off = Math.abs(amount * basis - part * 10_000) * 2
          expect(off <= 10_000).toBe(true)
          if (off === 10_000) expect(Math.abs(part % 2)).toBe(0)
        },
      ),
    )
  })
})

describe('encodings', () => {
  it('base64 gives back every text, in either alphabet, and is what Node writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(value('$unbase64($base64(a))', { a: text })).toBe(text)
        expect(value('$unbase64($base64url(a))', { a: text })).toBe(text)
        expect(value('$base64(a)', { a: text })).toBe(Buffer.from(text).toString('base64'))
      }),
    )
  })

  it('a query gives back its fields', () => {
    const fields = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fields, (given) => {
        const plain = Object.fromEntries(Object.entries(given))
        expect(value('$parseQuery($encodeQuery(a))', { a: plain })).toEqual(plain)
        const url = value('$buildUrl("https://acme.test/p", a)', { a: plain })
        expect(value('$parseUrl(a).query', { a: url })).toEqual(plain)
      }),
    )
  })

  it('entries give back their object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const plain = JSON.parse(JSON.stringify(given)) as object
        expect(value('$fromEntries($entries(a))', { a: plain })).toEqual(plain)
      }),
    )
  })
})

describe('work', () => {
  it.each([
    ['$map([1..100000], function($n) { $addTime("2024-01-01T00:00:00Z", $n, "day", "Europe/Paris") })'],
    ['$map([1..100000], function($n) { $map([1..10], function($m) { $digest("x") }) })'],
    ['$map([1..100000], function($n) { $digest(text) })'],
  ])('of functions is bounded as that of loops is: %s', (source) => {
    const error = failureOf(() => value(source, { text: 'x'.repeat(100_000) }))
    expect(error.code).toBe('expression_limit')
  })

  it('is enough for any list of a page', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => ({ at: 1704067200 + at, amount: at }))
    expect(value('$count(lines.$fromUnix(at))', { lines })).toBe(20_000)
    expect(value('$decimalSum(lines.amount)', { lines })).toBe('199990000')
  })
})
