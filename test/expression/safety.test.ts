import { afterEach, describe, expect, it } from 'vitest'
import { evaluateAll } from '../../engine/expression/index.ts'
import { Interpreter, type Program } from '../../engine/expression/interpreter.ts'
import { LIMITS } from '../../engine/expression/limits.ts'
import { Lru } from '../../engine/expression/lru.ts'
import { Secret } from '../../engine/secret.ts'
import { compiled, failureOf } from './support.ts'

describe('limits', () => {
  it.each([
    ['endless recursion', '( $f := function($n) { $n + $f($n + 1) }; $f(1) )', 'D1011'],
    ['a huge range', '[1..10000000]', 'D2015'],
    ['a range beyond all bounds', '[1..100000000000]', 'D2014'],
    ['an array grown too long', '$append([1..60000], [1..60000])', 'D2015'],
  ])('%s', (_name, source, code) => {
    const error = failureOf(() => compiled(source).evaluate({}))
    expect(error.code).toBe('expression_limit')
    expect(error.details.cause).toMatchObject({ code, source })
  })

  it('input nested without end', () => {
    const record: Record<string, unknown> = {}
    record.self = record
    expect(failureOf(() => compiled('$string($)').evaluate(record)).code).toBe('expression_limit')
  })

  const program = (source: string): Program => ({
    source,
    needs: { record: 'all', variables: new Map(), mayRunLong: true },
    functions: new Set(),
    sites: new Map(),
    reads: [],
  })
  const job = (source: string, record: unknown = {}) => ({ program: program(source), record, variables: {} })
  const codes = (results: ReturnType<Interpreter['run']>) =>
    results.map((result) => ('error' in result ? result.error.code : result.value))

  it('an endless loop ends, and so does a regular expression that never would', () => {
    const interpreter = new Interpreter({ ...LIMITS, timeoutMs: 200, graceMs: 50 })
    const loop = '( $f := function($n) { $f($n + 1) }; $f(1) )'
    const text = `${'a'.repeat(60)}!`
    const results = interpreter.run([
      job('1'),
      job(loop),
      job('2'),
      job('$match(a, /^(a+)+$/)', { a: text }),
      job('3'),
      job('$contains(a, /^(a|a)*$/)', { a: text }),
    ])
    expect(codes(results)).toEqual([1, 'expression_limit', 2, 'expression_limit', 3, 'expression_limit'])
    expect(codes(interpreter.run([job('4')]))).toEqual([4])
  })
})

describe('what an expression cannot do', () => {
  afterEach(() => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    'a.constructor',
    'a.__proto__',
    'constructor.constructor',
    '__proto__.polluted',
    '$$.toString',
    '"text".constructor',
    '$lookup(a, "constructor")',
    '[1].constructor',
    '$merge([a]).constructor',
    '$clone(a).constructor',
    '$v.constructor',
    '$v.__proto__',
  ])('%s finds nothing', (source) => {
    expect(compiled(source, 'v').evaluate({ a: { b: 1 } }, { v: { c: 1 } })).toBeUndefined()
  })

  it('own fields of those names are data', () => {
    const record = JSON.parse('{ "__proto__": { "polluted": 1 }, "constructor": "Acme" }')
    expect(compiled('`__proto__`.polluted').evaluate(record)).toBe(1)
    expect(compiled('$uppercase(constructor)').evaluate(record)).toBe('ACME')
    const copy = compiled('$merge([$])').evaluate(record) as object
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  it.each([
    '{ "__proto__": { "polluted": 1 } }',
    '$ ~> |$|{ "__proto__": { "polluted": 1 } }|',
    '$ ~> |a|{ "constructor": { "prototype": { "polluted": 1 } } }|',
    '$removeEmpty({ "__proto__": { "polluted": 1 } })',
    '$toStringMap({ "__proto__": "polluted" })',
    '$omit({ "__proto__": { "polluted": 1 }, "b": 1 }, "b")',
  ])('%s pollutes nothing', (source) => {
    const value = compiled(source).evaluate({ a: {} }) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it.each(['$sum', '[$sum]', '{ "f": function($x) { $x } }', 'function($x) { $x }', '$money', '$sum ~> $count', '/a/'])(
    '%s: a function is no result',
    (source) => {
      const error = failureOf(() => compiled(source).evaluate({}))
      expect(error.code).toBe('expression_failed')
    },
  )

  it.each(['1/0', '{ "a": -1/0 }'])('%s: an infinite number is no result', (source) => {
    expect(failureOf(() => compiled(source).evaluate({})).message).toMatch(/Infinity/)
  })

  it('objects with a class, secrets among them, are refused and not shown', () => {
    const secret = new Secret('s3cret')
    for (const source of ['$v.key & ""', '$v.key', '$v']) {
      const given = source === '$v' ? secret : { key: secret }
      const error = failureOf(() => compiled(source, 'v').evaluate({}, { v: given }))
      expect(error.code).toBe('expression_failed')
      expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret')
    }
    expect(failureOf(() => compiled('a & ""').evaluate({ a: () => 1 })).code).toBe('expression_failed')
    expect(failureOf(() => compiled('a').evaluate({ a: () => 1 })).code).toBe('expression_failed')
  })

  it('data that looks like a JSONata function is never run', () => {
    const record = { f: { _jsonata_lambda: true, thunk: true, body: {}, environment: {}, arguments: [] }, x: 1 }
    const results = evaluateAll(
      ['f', 'f.thunk', '$firstNonEmpty(f).body', 'x + 1'].map((source) => ({ expression: compiled(source), record })),
    )
    expect(results[1]).toEqual({ value: undefined })
    expect(results[2]).toEqual({ value: undefined })
    expect(results[3]).toEqual({ value: 2 })
  })
})

describe('messages', () => {
  it('name the part that failed, what was there and what there is', () => {
    const error = failureOf(() => compiled('id & (amount * rate)').evaluate({ id: 'x', amount: null, rates: 2 }))
    expect(error.message).toBe(
      '`id & (amount * rate)` failed (T2001 at offset 14): the left side of `*` must be a number, not null. ' +
        'There: `amount` is null, `rate` is missing: the record has id, amount, rates (did you mean `rates`?). ' +
        'Say what counts without a value: `amount = null ? null : ...`.',
    )
    expect(error.details.cause).toEqual({ code: 'T2001', offset: 14, token: '*', source: 'id & (amount * rate)' })
  })

  it('follow paths below variables and into what is not there', () => {
    const failing = compiled('$number($lookup.charge.amount) + $number(a.b.c)', 'lookup')
    const error = failureOf(() => failing.evaluate({}, { lookup: { charge: { amount: 'x1' } } }))
    expect(error.message).toContain('`$lookup.charge.amount` is a text of 2 characters')
    const other = failureOf(() => compiled('$money(a.amount, a.b.currency)').evaluate({ a: { amount: 1, b: null } }))
    expect(other.message).toContain('`a.b.currency` is missing: a.b is null')
    expect(other.message).toContain('$money: The currency is missing or not a text')
    expect(other.details.hint).toBe('Give a currency code of ISO 4217, such as EUR.')
  })

  it('do not repeat values of the record', () => {
    for (const source of ['$number(email)', 'email < 5', '{ (items): 1 }', '$toMillis(email)', '-email']) {
      const error = failureOf(() =>
        compiled(source).evaluate({ email: 'ada@acme.test', items: [{ x: 'ada@acme.test' }] }),
      )
      expect(error.message).not.toContain('ada@acme.test')
      expect(error.message).toContain(source)
    }
  })
})

describe('the cache', () => {
  it('keeps the entries used last, and no more than it may', () => {
    const lru = new Lru<number, string>(3)
    let made = 0
    const get = (key: number) => lru.getOrMake(key, () => `${key}:${++made}`)
    for (let key = 0; key < 100; key++) get(key % 50)
    expect([lru.size, made]).toEqual([3, 100])
    get(47)
    get(200)
    expect([get(47), get(200), get(49)]).toEqual(['47:98', '200:101', '49:100'])
    expect(get(48)).toBe('48:102')
  })
})
