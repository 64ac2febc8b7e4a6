import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { compileExpression, evaluateAll, evaluationCounts } from '../../engine/expression/index.ts'
import { codeOf, compiled, failureOf, interpreted, outcomeOf } from './support.ts'

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

const HOSTILE = [
  '"; throw 1; //',
  "'); process.exit(); ('",
  '`+globalThis+`',
  '\u2028\u2029',
  '\\u0022+1+\\u0022',
  '*/ 1 /*',
  '</script>',
  '\0',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '\ud800',
]

describe('hostile text', () => {
  it.each(HOSTILE)('%j is only text', (text) => {
    const literal = JSON.stringify(text)
    expect(compiled(`[${literal}][0]`).evaluate({})).toBe(text)
    expect(compiled(`$append(${literal}, 1)[0]`).evaluate({})).toBe(text)
    expect(compiled(`a in [${literal}, "b"]`).evaluate({ a: text })).toBe(true)
    expect(compiled(`{ ${literal}: 1 } ~> $keys()`).evaluate({})).toBe(text)
  })

  it.each(HOSTILE.filter((text) => !text.includes('`')))('%j is only a name', (text) => {
    const record = { a: Object.fromEntries([[text, { b: 7 }]]) }
    expect(compiled(`a.\`${text}\`.b + 1`).evaluate(record)).toBe(8)
    expect(compiled(`a.\`${text}\`.b + 1`).evaluate({ a: {} })).toBeUndefined()
    expect(compiled(`a.${JSON.stringify(text)}.b + 1`).evaluate({ a: [record.a, {}] })).toBe(8)
  })

  it('any text stays text, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = JSON.stringify(text)
        expect(compiled(`[${literal}, { ${literal}: ${literal} }]`).evaluate({})).toEqual([text, { [text]: text }])
        expect(compiled(`$lookup($, ${literal}) & ""`).evaluate({ [text]: 1 })).toBe('1')
      }),
    )
  })
})

describe('names of JavaScript', () => {
  const names = [
    'constructor',
    '__proto__',
    'toString',
    'valueOf',
    '__defineGetter__',
    'hasOwnProperty',
    'isPrototypeOf',
  ]

  it.each(names)('%s is found nowhere but in the data', (name) => {
    for (const source of [`a.${name}`, `a.${name}.${name}`, `*.${name}`, `list.${name}`, `$v.${name}`, `"x".${name}`]) {
      expect({ source, value: compiled(`[(${source})]`, 'v').evaluate({ a: {}, list: [{}, []] }, { v: {} }) }).toEqual({
        source,
        value: [],
      })
    }
    expect(compiled(`[a.${name}]`).evaluate({ a: JSON.parse(`{ "${name}": 1 }`) })).toEqual([1])
  })

  it.each(['$f.constructor', '$f.body', '$f.arity', '$sum.implementation', '$f.signature'])(
    'the inside of a function is not seen: %s',
    (source) => expect(compiled(`( $f := function($x) { $x }; [${source}] )`).evaluate({})).toEqual([]),
  )

  it.each([
    'globalThis',
    'process',
    'H',
    'K',
    'U',
    'UNSET',
    'record',
    'variables',
    'hidden',
    'i',
    't',
    'u',
    'k0',
    'x1',
    'own',
  ])('%s of the generated code is no name of the language', (name) => {
    expect(compiled(`[${name} & "", ${name}.a]`).evaluate({})).toEqual([''])
    expect(compiled(`( $${name} := 5; $${name} + 1 )`).evaluate({})).toBe(6)
    expect(compileExpression(`$${name} + 1`, [])).toHaveProperty('problems')
  })

  it.each([
    '{ "__proto__": { "polluted": 1 } }',
    '{ $string("__proto__"): { "polluted": 1 } }',
    'list{ "__proto__": $ }',
  ])('%s makes a field of that name', (source) => {
    const value = compiled(`(${source})`).evaluate({ list: [{ polluted: 1 }] }) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
  })

  it('a polluted prototype is not read', () => {
    const prototype = Object.prototype as Record<string, unknown>
    prototype.polluted = 'yes'
    try {
      expect(compiled('[a.polluted, $v.polluted, polluted & ""]', 'v').evaluate({ a: {} }, { v: {} })).toEqual([''])
    } finally {
      delete prototype.polluted
    }
  })
})

describe('values that are not JSON', () => {
  class Account {
    readonly id = 'x'
    get key(): string {
      return 'secret'
    }
  }
  const sources = [
    '$v.account & ""',
    '[$v.account]',
    '$string($v)',
    '{ "a": $v.account }',
    '$keys($v.account)',
    '$v.f(1)',
  ]

  it.each(sources)('%s is refused', (source) => {
    const result = compileExpression(source, ['v'])
    if ('problems' in result) return expect(result.problems).not.toEqual([])
    const error = failureOf(() => result.expression.evaluate({}, { v: { account: new Account(), f: () => 1 } }))
    expect(error.code).toBe('expression_failed')
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret')
  })
})

describe('expressions that never end', () => {
  const limits: readonly (readonly [string, string])[] = [
    ['an endless loop of calls', '( $f := function($n) { $f($n + 1) }; $f(1) )'],
    ['loops in loops', '$sum([1..1000].($sum([1..1000].($sum([1..1000])))))'],
    ['predicates in predicates', '$count([1..2000][$count([1..2000][$ > 0]) > 0])'],
    ['mapping in mapping', '$count($map([1..3000], function($v) { $map([1..3000], function($w) { $w })[0] }))'],
    ['arrays that grow and grow', '$reduce([1..20000], function($a, $v) { $append($a, [1..1000])[[0..9]] }, [])'],
    ['a sum of sums', '$sum($map([1..3000], function($v) { $sum([1..3000]) }))'],
  ]

  it.each(limits)('%s', (_name, source) => {
    const before = evaluationCounts().interpreted
    const error = failureOf(() => compiled(source).evaluate({}))
    expect(error.code).toBe('expression_limit')
    expect(error.details.cause).toMatchObject({ code: 'D1012', source })
    expect(evaluationCounts().interpreted).toBe(before)
  })

  it('costs its own cell only', () => {
    const cells = ['a + 1', limits[0]?.[1] ?? '', 'a + 2'].map((source) => ({
      expression: compiled(source),
      record: { a: 1 },
    }))
    const results = evaluateAll(cells).map((result) => ('error' in result ? codeOf(result.error) : result.value))
    expect(results).toEqual([2, 'D1012', 3])
  })

  it('recursion ends where the interpreter ends it, or later', () => {
    const deep = (n: number) => `( $f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(${n}) )`
    expect(outcomeOf(deep(50), {})).toEqual(interpreted(deep(50), {}))
    expect(outcomeOf(deep(100_000), {})).toEqual({ code: 'D1011' })
    expect(outcomeOf('( $f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(20000) )', {})).toEqual({
      value: 'done',
    })
  })

  it.each(['/(a+)+$/', '/(a|a)*$/', '/(a|ab)*c/', '/(.*)*x/', '/(\\w+\\s?)*$/', '/(a)\\1*/'])(
    '%s is left to the interpreter, which watches the time',
    (pattern) => expect(compiled(`$contains(a, ${pattern})`).backend).toBe('interpreter'),
  )

  it('a pattern that grows with the square of the text is so too, for long texts', () => {
    const expression = compiled('$contains(a, /^.*x.*y$/)')
    expect(expression.backend).toBe('compiled')
    const counts = [10, 10_000].map((length) => {
      const before = evaluationCounts().repeated
      expect(expression.evaluate({ a: 'x'.repeat(length) })).toBe(false)
      return evaluationCounts().repeated - before
    })
    expect(counts).toEqual([0, 1])
  })
})
