import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileRecipe } from '../../engine/expression/compile.ts'
import { compileExpression } from '../../engine/expression/index.ts'
import { interpreted, type Outcome } from './support.ts'

const name = fc.constantFrom('a', 'b', 'c', 'id')
const of = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts)
const path = fc.oneof(
  name,
  of(name, name).map((names) => names.join('.')),
  of(name, name, name).map((names) => names.join('.')),
  fc.constantFrom('$v', '$v.a', '$v.a.b', '$$.a', '$'),
)

/** What mappings are made of: paths, predicates, choices, conversions. */
const source = fc.letrec<{ any: string }>((tie) => {
  const one = tie('any')
  return {
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      path,
      path,
      fc.constantFrom('"x"', '1', '0', 'null', 'true', '"usd"', '[]', '"."', '"12"'),
      of(path, name, one).map(([from, key, value]) => `${from}[${key} = ${value}]`),
      of(path, name, one, name).map(([from, key, value, then]) => `${from}[${key} = ${value}].${then}`),
      of(path, one, name).map(([from, test, then]) => `${from}[${test}].${then}`),
      of(one, name).map(([list, then]) => `$append([], ${list})[0].${then}`),
      of(one, one, one).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      fc.array(one, { minLength: 1, maxLength: 4 }).map((values) => `$firstNonEmpty(${values.join(', ')})`),
      of(one, one, name).map(([left, right, then]) => `$firstNonEmpty(${left}, ${right}).${then}`),
      of(
        fc.constantFrom('idOf', 'currency', 'decimal', 'fromUnix', 'number', 'count', 'distinct', 'sum', 'not'),
        one,
      ).map(([fn, value]) => `$${fn}(${value})`),
      of(fc.constantFrom('money', 'moneyDecimal', 'contains', 'append'), one, one).map(
        ([fn, left, right]) => `$${fn}(${left}, ${right})`,
      ),
      fc.array(one, { minLength: 2, maxLength: 10 }).map((texts) => `(${texts.join(' & ')})`),
      of(fc.constantFrom('=', '!=', 'and', 'in', '<'), one, one).map(([is, left, right]) => `(${left} ${is} ${right})`),
      of(one, one).map(([value, then]) => `($x := ${value}; $contains($x, ".") ? $x : ${then})`),
      of(one, one).map(([first, then]) => `($x := ${first}; $f := function() { $x }; $x := ${then}; [$f(), $x])`),
      of(one).map(([value]) => `[${value}]`),
      of(path, one).map(([list, body]) => `${list}.(${body})`),
      of(path, name).map(([list, key]) => `${list}^(${key})`),
    ),
  }
}).any

const data = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, 0, 1, 1.5, 1_704_067_200, 'x', '', 'usd', 'EUR', '12', '1.50', true, false),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.dictionary(name, tie('any'), { maxKeys: 4, noNullPrototype: true }), { maxLength: 4 }),
  ),
})).any

const RUNS = 250

it('one function of several expressions means what the interpreter means of each, or gives up', () => {
  const record = fc.dictionary(name, data, { maxKeys: 4, noNullPrototype: true })
  let made = 0
  fc.assert(
    fc.property(fc.array(source, { minLength: 1, maxLength: 4 }), record, data, (texts, native, v) => {
      const fields = texts.map((text) => {
        const result = compileExpression(text, ['v'])
        fc.pre('expression' in result)
        return { from: result.expression, outcome: interpreted(text, native, { v }) }
      })
      const members = fields.map(({ from }, at) => {
        const recipe = { kind: 'value', from, conform: undefined } as const
        return { name: `f${at}`, isInner: false, recipe }
      })
      const compiled = compileRecipe({
        kind: 'object',
        from: undefined,
        members,
        isNullable: false,
        conform: undefined,
      })
      const before = JSON.stringify([native, v])
      const found = 'cook' in compiled ? compiled.cook(native, { v }) : undefined
      expect(JSON.stringify([native, v])).toBe(before)
      if (found === undefined) return
      made++
      expect(fields.map(({ outcome }) => orNull(outcome))).toEqual(fields.map((_, at) => ({ value: found[`f${at}`] })))
    }),
    { numRuns: RUNS },
  )
  expect(made).toBeGreaterThan(RUNS / 4)
})

const orNull = (outcome: Outcome): Outcome => ('value' in outcome ? { value: outcome.value ?? null } : outcome)
