import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDecimal, parseDecimal } from '../engine/decimal.ts'
import { EngineError } from '../engine/errors.ts'
import { CURRENCIES, exponentOf, fromMinor, type MoneyForm, toMinor } from '../engine/money.ts'

const code = fc.constantFrom(...CURRENCIES.keys())
const form: fc.Arbitrary<MoneyForm> = fc.record({
  form: fc.constantFrom('minor', 'decimal', 'micros'),
  exponents: fc.dictionary(code, fc.integer({ min: 0, max: 6 })),
})
const amount = fc.integer({ min: -1e9, max: 1e9 })

describe('exponents', () => {
  it.each([
    ['USD', 2],
    ['usd', 2],
    ['JPY', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['UYW', 4],
    ['MGA', 2],
    ['MRU', 2],
    ['HUF', 2],
    ['XCG', 2],
  ])('%s has %i', (currency, exponent) => expect(exponentOf(currency)).toBe(exponent))

  it.each(['', 'BTC', 'XAU', 'US', 'DOLLAR', null, undefined, 5, {}, 'constructor', '__proto__'])(
    '%j is no currency',
    (currency) => expect(() => exponentOf(currency)).toThrow(EngineError),
  )

  it('the table has each code once, in the form of ISO 4217', () => {
    expect([...CURRENCIES.keys()].every((currency) => /^[A-Z]{3}$/.test(currency))).toBe(true)
    expect(CURRENCIES.size).toBeGreaterThan(170)
  })
})

describe('amounts', () => {
  it.each<[unknown, string, MoneyForm, number]>([
    [19.99, 'USD', { form: 'decimal' }, 1999],
    ['19.990', 'USD', { form: 'decimal' }, 1999],
    [1.1, 'KWD', { form: 'decimal' }, 1100],
    [4.35, 'EUR', { form: 'decimal' }, 435],
    ['-0.00', 'EUR', { form: 'decimal' }, 0],
    ['1e2', 'JPY', { form: 'decimal' }, 100],
    [50000, 'ISK', { form: 'minor', exponents: { ISK: 2 } }, 500],
    [7, 'MGA', { form: 'minor', exponents: { MGA: 0 } }, 700],
    [1999, 'USD', { form: 'minor' }, 1999],
    ['1999.0', 'USD', { form: 'minor' }, 1999],
    [19990000, 'USD', { form: 'micros' }, 1999],
    [5000000, 'JPY', { form: 'micros' }, 5],
  ])('%j %s as %j is %i', (provider, currency, money, minor) => {
    expect(toMinor(provider, currency, money)).toBe(minor)
    expect(Object.is(toMinor(provider, currency, money), -0)).toBe(false)
  })

  it.each<[unknown, string, MoneyForm]>([
    [0.1 + 0.2, 'USD', { form: 'decimal' }],
    ['0.001', 'USD', { form: 'decimal' }],
    [50001, 'ISK', { form: 'minor', exponents: { ISK: 2 } }],
    [1.5, 'USD', { form: 'minor' }],
    [1, 'USD', { form: 'micros' }],
    ['90071992547409.93', 'USD', { form: 'decimal' }],
    [Number.NaN, 'USD', { form: 'minor' }],
    [Number.POSITIVE_INFINITY, 'USD', { form: 'minor' }],
    [null, 'USD', { form: 'minor' }],
    ['1 000', 'USD', { form: 'minor' }],
    ['0x10', 'USD', { form: 'minor' }],
    ['.', 'USD', { form: 'minor' }],
    ['1e9999', 'USD', { form: 'minor' }],
  ])('%j %s as %j is an error', (provider, currency, money) => {
    expect(() => toMinor(provider, currency, money)).toThrow(EngineError)
  })

  it.each<[number, string, MoneyForm, number | string]>([
    [1990, 'EUR', { form: 'decimal' }, '19.90'],
    [-5, 'EUR', { form: 'decimal' }, '-0.05'],
    [500, 'JPY', { form: 'decimal' }, '500'],
    [1900, 'HUF', { form: 'decimal', exponents: { HUF: 0 } }, '19'],
    [500, 'ISK', { form: 'minor', exponents: { ISK: 2 } }, 50000],
    [1999, 'USD', { form: 'micros' }, 19990000],
  ])('%i %s for %j is written %j', (minor, currency, money, written) => {
    expect(fromMinor(minor, currency, money)).toBe(written)
  })

  it.each<[unknown, string, MoneyForm]>([
    [1.5, 'EUR', { form: 'minor' }],
    [1950, 'HUF', { form: 'decimal', exponents: { HUF: 0 } }],
    [50, 'MGA', { form: 'minor', exponents: { MGA: 0 } }],
    [9e15, 'USD', { form: 'micros' }],
  ])('%j %s cannot be written for %j', (minor, currency, money) => {
    expect(() => fromMinor(minor, currency, money)).toThrow(EngineError)
  })

  it('an amount that can be written reads back as itself', () => {
    const written = (minor: number, currency: string, money: MoneyForm) => {
      try {
        return { value: fromMinor(minor, currency, money) }
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError)
        return undefined
      }
    }
    fc.assert(
      fc.property(amount, code, form, (minor, currency, money) => {
        const provider = written(minor, currency, money)
        if (provider !== undefined) expect(toMinor(provider.value, currency, money)).toBe(minor)
        else expect(money.exponents?.[currency] ?? 6).toBeLessThan(exponentOf(currency))
      }),
    )
  })

  it('a decimal amount, as text or number, has exactly the digits it shows', () => {
    fc.assert(
      fc.property(amount, code, (minor, currency) => {
        const text = fromMinor(minor, currency, { form: 'decimal' })
        expect(toMinor(Number(text), currency, { form: 'decimal' })).toBe(minor)
        expect(
          String(text)
            .replace('.', '')
            .replace(/^(-?)0+(?=\d)/, '$1'),
        ).toBe(String(minor))
      }),
    )
  })
})

describe('decimals', () => {
  it.each([
    ['0012.500', '12.5'],
    ['-0.0', '0'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e-7', '0.0000001'],
    [1e21, '1000000000000000000000'],
    [-1.5, '-1.5'],
    ['100', '100'],
  ])('%j is written %s', (value, text) => expect(formatDecimal(parseDecimal(value))).toBe(text))

  it('writing and reading loses nothing', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatDecimal(parseDecimal(value)))).toBe(value === 0 ? 0 : value)
      }),
    )
  })
})
