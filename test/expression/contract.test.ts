import fc from 'fast-check'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { compileExpression, evaluateAll } from '../../engine/expression/index.ts'
import { compiled, interpreted } from './support.ts'

const record = {
  id: 'ch_1',
  amount: 1999,
  rate: 0.1,
  none: null,
  empty: [],
  tags: ['a', 'b'],
  one: ['only'],
  customer: { id: 'cus_1', address: { lines: ['x', 'y'] } },
  items: [
    { id: 'i1', price: { amount: 5 }, tags: ['t'] },
    { id: 'i2', price: { amount: 7 }, tags: [] },
    { id: 'i3', price: null },
  ],
}

const EXPRESSIONS = [
  'id & "-" & customer.id',
  'items.price.amount',
  '$sum(items.price.amount)',
  'items[0].id',
  'items[-1].id',
  'items[price.amount > 5].id',
  'items.tags',
  'items.tags[]',
  'one[]',
  'customer.id[]',
  'tags',
  'one',
  'empty',
  'empty.id',
  'customer.address.lines[1]',
  'amount > 1000 ? "big" : "small"',
  'missing ?: "default"',
  'missing ?? none ?? 1',
  'none = null',
  'missing = 1',
  'missing != 1',
  '$map(items, function($item, $index) { $index & $item.id })',
  '$filter(items, function($item) { $item.price.amount = 7 }).id',
  '$reduce(items.price.amount, function($sum, $next) { $sum + $next }, 1)',
  'items^(>price.amount).id',
  'items{ id: price.amount }',
  'empty{ "a": 1 }',
  '{ "a": [items.id], "b": { "c": none }, "d": missing }',
  '[1..3].{ "n": $ }',
  '*.id',
  '**.amount',
  'items.(price.amount * 2)',
  '( $double := function($n) { $n * 2 }; $double(amount) )',
  'items ~> |$|{ "seen": true }, ["price"]|',
  '$split("a,b,c", ",")',
  '$replace("a1b22", /[0-9]+/, "#")',
  '$base64encode("user:pass")',
  '$base64decode("dXNlcg==")',
  '$merge([{ "a": 1 }, { "b": 2 }])',
  '$each(customer, function($value, $key) { $key })',
  '$keys()',
  'customer.$keys()',
  'customer.address.(%.id)',
  'items#$at.{ "at": $at, "id": id }',
  'items@$item.{ "id": $item.id, "owner": customer.id }',
  '$lookup($, "amount")',
  '$toMillis("2024-01-01T00:00:00Z")',
  '"text"',
  '-1.5',
  'null',
  '$$.items[0].$$.id',
]

describe('the value of an expression', () => {
  it.each(EXPRESSIONS)('is what the jsonata package gives: %s', async (source) => {
    const theirs: unknown = await jsonata(source).evaluate(structuredClone(record))
    const plain = theirs === undefined ? undefined : JSON.parse(JSON.stringify(theirs))
    expect(compiled(source).evaluate(record)).toStrictEqual(plain)
  })

  it.each(EXPRESSIONS)('leaves the record alone: %s', (source) => {
    const before = structuredClone(record)
    compiled(source).evaluate(record)
    expect(record).toStrictEqual(before)
    expect(Object.getOwnPropertyNames(record.items)).toEqual(['0', '1', '2', 'length'])
  })

  it.each(['items.id[]', 'items.id', '[1..3]', '{ "a": items.id }', '$spread(customer)', 'items{ id: tags }'])(
    'is plain data of this realm: %s',
    (source) => {
      const visit = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return
        expect(Object.getPrototypeOf(value)).toBe(Array.isArray(value) ? Array.prototype : Object.prototype)
        expect(Object.getOwnPropertySymbols(value)).toEqual([])
        if (Array.isArray(value)) expect(Object.keys(value)).toHaveLength(value.length)
        for (const item of Object.values(value)) visit(item)
      }
      visit(compiled(source).evaluate(record))
    },
  )

  it('comes at once, not as a promise', () => {
    const values = [compiled('id').evaluate(record), compiled('$uppercase(id)').evaluate(record)]
    expect(values).toEqual(['ch_1', 'CH_1'])
  })

  it('does not depend on what was evaluated before with the same record', () => {
    const results = evaluateAll(
      ['one', 'one[]', 'one', '[one]'].map((source) => ({ expression: compiled(source), record })),
    )
    expect(results).toEqual([['only'], ['only'], ['only'], ['only']].map((value) => ({ value })))
    const tags = evaluateAll(['items.tags[]', 'items.tags'].map((source) => ({ expression: compiled(source), record })))
    expect(tags).toEqual([{ value: ['t'] }, { value: 't' }])
  })

  it('works over frozen records and arrays at the top', () => {
    const frozen = Object.freeze({ a: Object.freeze([Object.freeze({ b: 1 })]) })
    expect(compiled('a.b[]').evaluate(frozen)).toEqual([1])
    expect(compiled('b').evaluate([{ b: 1 }, { b: 2 }])).toEqual([1, 2])
    expect(compiled('$[1].b').evaluate([{ b: 1 }, { b: 2 }])).toBe(2)
    expect(compiled('$count($)').evaluate([1, 2, 3])).toBe(3)
    expect(compiled('$ + 1').evaluate(41)).toBe(42)
    expect(compiled('a').evaluate(undefined)).toBeUndefined()
  })
})

describe('variables', () => {
  it('are read by name, from own properties only', () => {
    const expression = compiled('$query.limit + $query.more', 'query')
    expect(expression.evaluate({}, { query: { limit: 1, more: 2 } })).toBe(3)
    expect(expression.evaluate({}, {})).toBeUndefined()
    expect(compiled('$toString.name', 'toString').evaluate({}, {})).toBeUndefined()
    expect(compiled('$a ~> $count', 'a').evaluate({}, { a: [1, 2] })).toBe(2)
  })

  it('may hold arrays at any depth', () => {
    const response = {
      data: [
        { id: 'a', n: [1] },
        { id: 'b', n: [2, 3] },
      ],
    }
    expect(compiled('$response.data.n', 'response').evaluate({}, { response })).toEqual([1, 2, 3])
    expect(compiled('$response.data', 'response').evaluate({}, { response })).toEqual(response.data)
    expect(compiled('$response[0].data[-1].id', 'response').evaluate({}, { response })).toBe('b')
  })
})

describe('path backend', () => {
  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '_jsonata_function')
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 0, 1, '', 'x', true, false),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  })).value
  const step = fc.tuple(key, fc.constantFrom('', '', '', '[0]', '[-1]', '[1]')).map(([name, index]) => name + index)
  const path = fc
    .tuple(fc.constantFrom('', '', '$', '$$', '$v'), fc.array(step, { minLength: 1, maxLength: 4 }))
    .map(([head, steps]) => [...(head === '' ? [] : [head]), ...steps].join('.'))

  it('means what the interpreter means', () => {
    fc.assert(
      fc.property(path, data, data, (source, record, v) => {
        const direct = compiled(source, 'v')
        expect(direct.backend).toBe('path')
        expect({ value: direct.evaluate(record, { v }) }).toEqual(interpreted(source, record, { v }))
      }),
      { numRuns: 3000 },
    )
  })

  it.each(['_jsonata_function', '_jsonata_lambda'])(
    'keeps the mark %s of what the interpreter takes for a function',
    (mark) => {
      const record = { a: [1], [mark]: true }
      expect({ value: compiled('a').evaluate(record) }).toEqual(interpreted('a', record))
    },
  )

  it.each(['a', 'a.b.c', '$', '$v', '$v.a', 'a[0].b', '"x"', '5', 'true', 'null', '`odd name`.b', '"a".b'])(
    'takes %s',
    (source) => expect(compiled(source, 'v').backend).toBe('path'),
  )

  it.each(['a[]', 'a[b]', 'a{b: c}', 'a.*', '(a)', 'a@$b', 'a#$b', 'a^(b)', 'a[0][1]', '$sum', '%.a', 'a.b[$x]', '-a'])(
    'leaves %s to the compiler',
    (source) => {
      const result = compileExpression(source, ['v', 'x'])
      if ('expression' in result) expect(result.expression.backend).toBe('compiled')
      else expect(result.problems[0]?.message).toMatch(/S0217/)
    },
  )
})

describe('evaluateAll', () => {
  it('gives results in order, each failure in its own place', () => {
    const sources = ['id', 'amount + 1', 'id + 1', '$money(amount, "XXX")', '$uppercase(id)', 'missing']
    const results = evaluateAll(sources.map((source) => ({ expression: compiled(source), record })))
    expect(results.map((result) => ('error' in result ? result.error.code : result.value))).toEqual([
      'ch_1',
      2000,
      'expression_failed',
      'expression_failed',
      'CH_1',
      undefined,
    ])
    expect(evaluateAll([])).toEqual([])
  })

  it('keeps the variables and money forms of cells apart', () => {
    const expression = compiled('$money(amount, "EUR") + $n', 'n')
    const forms = [{ form: 'minor' }, { form: 'decimal' }, { form: 'micros' }] as const
    const cells = forms.map((money_form, n) => ({
      expression,
      record: { amount: 10_000 },
      variables: { n, money_form },
    }))
    expect(evaluateAll(cells)).toEqual([{ value: 10_000 }, { value: 1_000_001 }, { value: 3 }].map((r) => r))
  })
})

describe('compiling', () => {
  it('remembers by source and scope, and freezes', () => {
    const expression = compiled('$a.b & c', 'a', 'z')
    expect(compiled('$a.b & c', 'z', 'a', 'a')).toBe(expression)
    expect(compiled('$a.b & c', 'a')).not.toBe(expression)
    expect([expression, expression.paths, expression.variables].every(Object.isFrozen)).toBe(true)
  })
})
