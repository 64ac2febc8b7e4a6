import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { FUNCTIONS } from '../../engine/expression/index.ts'
import { COUNTRIES, countryOf } from '../../engine/expression/library/countries.ts'
import { readSignature } from '../../engine/expression/library/signature.ts'
import { compiled, failureOf, interpreted } from './support.ts'

const ajv = new Ajv2020({ allowUnionTypes: true })
const functions = [...FUNCTIONS.values()]

describe('signatures', () => {
  it.each(functions.map((entry) => [entry.name, entry] as const))(
    '%s gives what its signature says',
    (_name, entry) => {
      const fits = ajv.compile(entry.result)
      for (const { expr, record = {}, variables = {} } of entry.examples) {
        if (!expr.startsWith(`$${entry.name}(`) || !expr.endsWith(')')) continue
        const value = compiled(expr).evaluate(record, variables)
        if (value !== undefined && value !== null)
          expect({ value, errors: fits(value) ? [] : fits.errors }).toEqual({ value, errors: [] })
      }
      expect(entry.signature.startsWith(`$${entry.name}(`)).toBe(true)
    },
  )

  it('are read part by part', () => {
    expect(readSignature('$f(a: string | integer, b?: "x" | "y", c?: number[]): { d, e? }')).toEqual({
      name: 'f',
      parameters: [
        { name: 'a', schema: { anyOf: [{ type: 'string' }, { type: 'integer' }] }, isOptional: false },
        { name: 'b', schema: { anyOf: [{ const: 'x' }, { const: 'y' }] }, isOptional: true },
        { name: 'c', schema: { type: 'array', items: { type: 'number' } }, isOptional: true },
      ],
      takesMore: false,
      result: { type: 'object', required: ['d'], properties: { d: {}, e: {} }, additionalProperties: false },
    })
    expect(readSignature('$f(value, ...): any')).toMatchObject({ takesMore: true, parameters: [{ schema: {} }] })
    for (const bad of ['f()', '$f(a: text): string', '$f(a): ', '$f(a b): any']) {
      expect(() => readSignature(bad)).toThrow(TypeError)
    }
  })

  it('optional parameters come last, and no function takes more than four', () => {
    for (const { name, parameters } of functions) {
      const optional = parameters.map(({ isOptional }) => isOptional)
      expect([name, optional]).toEqual([name, [...optional].sort((a, b) => Number(a) - Number(b))])
      expect(parameters.length).toBeLessThanOrEqual(4)
    }
  })
})

describe('values', () => {
  it.each<[string, unknown, unknown]>([
    // What is easily got wrong: emptiness inside objects, floats of money, values outside of a table, blank defaults
    ['$removeEmpty($)', { a: { b: '', c: { d: [] } }, e: { f: null, g: 0 } }, { e: { g: 0 } }],
    ['$removeEmpty(a)', { a: { b: {} } }, {}],
    ['$mapEnum(status, { "paid": "succeeded" }, "unknown")', { status: 'disputed_by_bank' }, 'unknown'],
    ['$mapEnum("toString", { "paid": 1 }, "unknown")', {}, 'unknown'],
    ['$firstNonEmpty("", "b")', {}, 'b'],
    ['$firstNonEmpty("")', {}, undefined],
    ['$firstNonEmpty(a, 0)', { a: '' }, 0],
    // Decimals
    ['$decimalAdd("99999999999999999999.1", "0.9")', {}, '100000000000000000000'],
    ['$decimalSubtract("0.30", "0.1")', {}, '0.2'],
    ['$decimalSubtract(1, 1.0)', {}, '0'],
    ['$decimalMultiply("19.99", 100)', {}, '1999'],
    ['$decimalMultiply("-0.5", "0.2")', {}, '-0.1'],
    ['$decimalDivide(1, 3)', {}, '0.3333333333'],
    ['$decimalDivide("-1", 8, 2)', {}, '-0.12'],
    ['$decimalDivide(1, "-8", 2)', {}, '-0.12'],
    ['$decimalDivide("0.001", "0.1", 0)', {}, '0'],
    ['$decimalRound("0.5")', {}, '0'],
    ['$decimalRound("1.5")', {}, '2'],
    ['$decimalRound("-1.5")', {}, '-2'],
    ['$decimalRound("-0.5", 0, "half_up")', {}, '-1'],
    ['$decimalRound("-1.9", 0, "down")', {}, '-1'],
    ['$decimalRound("1.1", 0, "ceil")', {}, '2'],
    ['$decimalRound("1.005", 2, "half_up")', {}, '1.01'],
    ['$decimalCompare("1e2", 100)', {}, 0],
    ['$decimalSum([1, null, "0.5"])', {}, '1.5'],
    ['$decimalSum(missing)', {}, '0'],
    ['$percentOf(-250, 10)', {}, -25],
    ['$percentOf(5, 50)', {}, 2],
    ['$currencyExponent("clf")', {}, 4],
    // Places
    ['$countryCode("  the netherlands ")', {}, 'NL'],
    ['$countryCode("Democratic Republic of the Congo")', {}, 'CD'],
    ['$countryCode("Congo, the Democratic Republic of the")', {}, 'CD'],
    ['$countryCode("Cote d\'Ivoire")', {}, 'CI'],
    ['$countryCode("St. Lucia")', {}, 'LC'],
    ['$countryCode("U.S.A.")', {}, 'US'],
    ['$countryCode("AND")', {}, 'AD'],
    ['$countryCode("st")', {}, 'ST'],
    ['$countryCode(8)', {}, 'AL'],
    ['$countryCode(" ")', {}, undefined],
    ['$address({ "postal_code": 1234, "country": "Atlantis" })', {}, { postal_code: '1234', country: 'Atlantis' }],
    // Texts
    ['$email(" ")', {}, undefined],
    ['$phone("+1 (212) 555-0100")', {}, '+12125550100'],
    ['$phone(442079460000)', {}, '442079460000'],
    ['$truncate("ab", 2)', {}, 'ab'],
    ['$truncate("🙂🙂🙂", 2)', {}, '🙂🙂'],
    ['$cardExpiry("1228")', {}, { exp_month: 12, exp_year: 2028 }],
    ['$cardExpiry("2030-03-31")', {}, { exp_month: 3, exp_year: 2030 }],
    ['$cardExpiry("")', {}, undefined],
    // Texts that stand for other values
    ['$jsonParse("[1, {\\"__proto__\\": 2}]")[0]', {}, 1],
    ['$jsonParse(" ")', {}, undefined],
    ['$jsonParse("nonsense", null)', {}, null],
    ['$toNumber("-.5e1")', {}, -5],
    ['$toBoolean("Y")', {}, true],
    ['$toBoolean(0)', {}, false],
    ['$toBoolean(" ")', {}, undefined],
    // Encodings
    ['$unbase64("YQ")', {}, 'a'],
    ['$unbase64("YW\\nI=")', {}, 'ab'],
    ['$unbase64("")', {}, ''],
    ['$digest("")', {}, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['$crc32("")', {}, 0],
    // URLs
    [
      '$parseUrl("https://u:p@acme.test:8443/a%20b?x=1&x=2")',
      {},
      { scheme: 'https', host: 'acme.test', port: 8443, path: '/a%20b', query: { x: ['1', '2'] } },
    ],
    ['$urlParam("https://acme.test/?a=1#b?a=2", "a")', {}, '1'],
    [
      '$buildUrl("https://acme.test/p", { "__proto__": "x", "n": [1, true] })',
      {},
      'https://acme.test/p?__proto__=x&n=1&n=true',
    ],
    ['$buildUrl("https://acme.test/p")', {}, 'https://acme.test/p'],
    ['$encodeQuery({ "a": "", "b": null })', {}, 'a='],
    ['$parseQuery("a=%zz&b")', {}, { a: '%zz', b: '' }],
    // Lists and objects
    [
      '$groupBy(items, "a.b").`1`.n',
      {
        items: [
          { a: { b: 1 }, n: 'x' },
          { a: { b: 1 }, n: 'y' },
        ],
      },
      ['x', 'y'],
    ],
    ['$groupBy(one, "id")', { one: { id: true } }, { true: [{ id: true }] }],
    ['$keys($keyBy(items, "id"))', { items: [{ id: '__proto__' }, { id: 'b' }] }, ['__proto__', 'b']],
    ['$uniqueBy([], "id")', {}, []],
    ['$chunk([], 3)', {}, []],
    ['$flatten(1)', {}, [1]],
    ['$deepMerge({ "a": [1, 2] }, { "a": [3] })', {}, { a: [3] }],
    ['$deepMerge({ "a": { "b": 1 } }, { "a": null })', {}, { a: null }],
    ['$deepMerge(missing, { "a": 1 })', {}, { a: 1 }],
    ['$deepMerge({ "a": 1 }, null)', {}, { a: 1 }],
    ['$fromEntries($entries({ "a": 1, "b": { "c": null } }))', {}, { a: 1, b: { c: null } }],
    ['$fromEntries([])', {}, {}],
  ])('%s over %j', (source, record, expected) => {
    expect(compiled(source).evaluate(record)).toStrictEqual(expected)
    expect(interpreted(source, record)).toStrictEqual({ value: expected })
  })

  it('19.99 in the form of the provider is 1999, in whichever way it is written', () => {
    for (const amount of [19.99, '19.99', '19.990', '1.999e1']) {
      expect(compiled('$money(a, "USD")').evaluate({ a: amount }, { money_form: { form: 'decimal' } })).toBe(1999)
    }
  })

  it('null stays null and missing stays missing in whatever passes them through', () => {
    const through = functions.filter(({ doc }) => / Null gives null\.$/.test(doc))
    expect(through.length).toBeGreaterThan(35)
    for (const { name } of through) {
      const rest = name.startsWith('money') ? ', "EUR"' : ''
      expect([name, compiled(`$${name}(a${rest})`).evaluate({ a: null })]).toEqual([name, null])
      expect([name, compiled(`$${name}(a${rest})`).evaluate({})]).toEqual([name, undefined])
    }
  })

  it('no function changes what it is given', () => {
    for (const { examples } of functions) {
      for (const { expr, record = {}, variables = {} } of examples) {
        const before = structuredClone(record)
        compiled(expr).evaluate(record, variables)
        expect(record).toStrictEqual(before)
      }
    }
  })
})

describe('what a function cannot take', () => {
  it.each<[string, unknown, RegExp]>([
    ['$decimalAdd("1,5", 2)', {}, /decimal number was expected/],
    ['$decimalAdd(a, 1)', { a: '9'.repeat(5000) }, /decimal number was expected/],
    ['$decimalDivide(1, 0)', {}, /divisor is zero/],
    ['$decimalDivide(1, 3, 31)', {}, /an integer from 0 to 30, was expected/],
    ['$decimalRound(1, 0, "halfup")', {}, /Did you mean "half_up"\?/],
    ['$percentOf("9007199254740993", 100)', {}, /larger than 2\^53/],
    ['$countryCode("Atlantis")', {}, /A country was expected, not a text of 8 characters/],
    ['$address({ "street": "x" })', {}, /An object of line1, line2, city, region, postal_code, country/],
    ['$address("x")', {}, /An object|parts of an address/],
    ['$truncate("abc", 0)', {}, /length, an integer from 1/],
    ['$truncate("abcdef", 2, "...")', {}, /ending shorter than 2/],
    ['$cardExpiry("13/30")', {}, /An expiry/],
    ['$jsonParse("{a: 1}")', {}, /JSON text was expected.*second argument/],
    ['$jsonParse(a)', { a: `${'['.repeat(101)}${']'.repeat(101)}` }, /nested deeper than 100/],
    ['$jsonParse(a)', { a: '['.repeat(1_000_000) }, /JSON text was expected/],
    ['$toNumber("0x10")', {}, /number or its text/],
    ['$toNumber("1 000")', {}, /number or its text/],
    ['$toNumber("9007199254740993")', {}, /2\^53/],
    ['$toNumber("Infinity")', {}, /number or its text/],
    ['$toBoolean("maybe")', {}, /Known are true, yes/],
    ['$toBoolean(2)', {}, /boolean or its text was expected, not a number/],
    ['$unbase64("abc$")', {}, /base64/],
    ['$unbase64("abcde")', {}, /base64/],
    ['$unbase64("/w==")', {}, /bytes that are no text/],
    ['$digest("a", "sha-256")', {}, /Did you mean "sha256"\?/],
    ['$digest("a", "sha256", "binary")', {}, /Give one of "hex", "base64", "base64url"/],
    ['$hmac("a", key)', {}, /A key, a text, was expected, not missing/],
    ['$hmac("a", "")', {}, /empty key/],
    ['$parseUrl("/v1")', {}, /A URL was expected/],
    ['$buildUrl("https://acme.test", { "a": { "b": 1 } })', {}, /number or boolean as `a`/],
    ['$groupBy(items, "id")', { items: [{ id: 1 }, { name: 'x' }] }, /item 1 has no `id`: it is an object with name/],
    ['$groupBy(items, "a.b")', { items: [{ a: 5 }] }, /`a` of item 0 has no `b`: it is a number/],
    ['$keyBy(items, "id")', { items: [{ id: 1 }, { id: '1' }] }, /item 1 has a key that an earlier item has too/],
    ['$chunk([1], 0)', {}, /size, an integer from 1/],
    ['$deepMerge([1], {})', {}, /An object was expected, not an array of 1/],
    ['$fromEntries([{ "value": 1 }])', {}, /has no `key`/],
    ['$addTime("2024-01-01", 1, "days")', {}, /Did you mean "day"\?/],
    ['$addTime("2024-01-01", 1, "hour")', {}, /A date has no hours/],
    ['$addTime("2024-01-01", 1.5, "day")', {}, /amount, an integer/],
    ['$addTime("2024-01-01", 1000000000, "year")', {}, /between the years 0 and 9999/],
    ['$addTime("2024-01-01T00:00:00Z", 1, "day", "Mars/Base")', {}, /time zone is not known/],
    ['$formatTime("2024-01-01", "yyyy")', {}, /`yyyy` is no part of a time pattern/],
    ['$formatTime("2024-01-01", "")', {}, /A pattern of 1 to 100 characters/],
    ['$parseTime("2024-13-01", "YYYY-MM-DD")', {}, /A time was expected/],
    ['$parseTime("1/2/2024", "DD/MM/YYYY")', {}, /A time written as DD\/MM\/YYYY was expected/],
    ['$parseTime("10:30", "HH:mm")', {}, /A pattern with a year/],
    ['$parseTime("2024-01-01 10:30", "YYYY-MM-DD HH:mm")', {}, /without an offset needs a zone/],
    ['$parseTime("2024-01-01 13:30 PM", "YYYY-MM-DD hh:mm A", "UTC")', {}, /A time was expected/],
    ['$base64(a)', { a: 'x'.repeat(1_048_577) }, /a text has at most 1048576 parts/],
  ])('%s over %.80j', (source, record, message) => {
    const error = failureOf(() => compiled(source).evaluate(record))
    expect(error.code).toBe('expression_failed')
    expect(`${error.message} ${error.details.hint}`).toMatch(message)
  })

  it('never shows the values that it was given', () => {
    const secret = 'S3cretValue'
    // what the definition itself names may be shown
    const named = [
      'groupBy.field',
      'keyBy.field',
      'uniqueBy.field',
      'fromEntries.key',
      'formatTime.pattern',
      'parseTime.pattern',
    ]
    for (const { name, parameters } of functions) {
      for (const [at, parameter] of parameters.entries()) {
        if (named.includes(`${name}.${parameter.name}`)) continue
        const args = parameters.map((_, index) => (index === at ? 'a' : '"1"')).join(', ')
        for (const value of [secret, [secret], { [`k${secret.length}`]: secret }, 987654321]) {
          try {
            compiled(`$${name}(${args})`).evaluate({ a: value })
          } catch (error) {
            expect(`${(error as Error).message}`).not.toMatch(/S3cretValue|987654321/i)
          }
        }
      }
    }
  })
})

describe('countries', () => {
  it('lead to themselves by every code and name, and no two share one', () => {
    expect(COUNTRIES.size).toBe(250)
    for (const country of COUNTRIES.values()) {
      for (const key of [country.alpha2, country.alpha3, country.numeric ?? country.alpha2, country.name]) {
        expect([key, countryOf(key)?.alpha2]).toEqual([key, country.alpha2])
      }
    }
    const all = [...COUNTRIES.values()]
    for (const part of ['alpha2', 'alpha3', 'name'] as const)
      expect(new Set(all.map((one) => one[part])).size).toBe(250)
  })

  it('are those that the language data of Node knows', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
    expect([...COUNTRIES.keys()].filter((code) => names.of(code) === undefined)).toEqual([])
    const unknown = [...COUNTRIES.keys()].filter((code) => countryOf(names.of(code) ?? '')?.alpha2 !== code)
    expect(unknown).toEqual([])
  })
})
