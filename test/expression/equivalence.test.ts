import fc from 'fast-check'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { SEED } from '../support/seed.ts'
import { compiled } from './support.ts'

const name = fc.constantFrom('a', 'b', 'c')

/** Expressions of many kinds, nested; every variable in them is `$v` or bound where it is used. */
const source = fc.letrec<{ any: string }>((tie) => {
  const one = tie('any')
  return {
    any: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      name,
      fc.constantFrom('$', '$$', '$v', '*', '**', '1', '"x"', 'null', '$keys()', '$string()', '$v.a', '$v.b.c'),
      fc.tuple(one, one).map(([left, right]) => `(${left}).(${right})`),
      fc.tuple(name, one).map(([left, right]) => `${left}.${right}`),
      fc.tuple(name, one).map(([left, right]) => `${left}[${right}]`),
      fc.tuple(one, name).map(([left, right]) => `(${left}).${right}[]`),
      fc.tuple(one, one, one).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      fc.tuple(one, one).map(([left, right]) => `(${left} = ${right})`),
      fc.tuple(one, one).map(([left, right]) => `(${left} & ${right})`),
      fc.tuple(one, one).map(([left, right]) => `[${left}, ${right}]`),
      fc.tuple(one, one).map(([left, right]) => `{ "a": ${left}, "b": ${right} }`),
      fc.tuple(name, one).map(([left, right]) => `${left}{ "k": ${right} }`),
      fc.tuple(one, one).map(([left, right]) => `( $x := ${left}; $x.(${right}) )`),
      fc.tuple(one, one).map(([left, right]) => `$map(${left}, function($i) { [$i.a, ${right}] })`),
      fc.tuple(one, one).map(([left, right]) => `$filter(${left}, function($i) { $i.b = ${right} })`),
      fc
        .tuple(fc.constantFrom('count', 'exists', 'string', 'keys', 'not', 'spread', 'merge'), one)
        .map(([fn, value]) => `$${fn}(${value})`),
      fc.tuple(one, fc.constantFrom('count', 'string', 'keys')).map(([value, fn]) => `(${value} ~> $${fn})`),
    ),
  }
}).any

const data = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, 0, 1, 'x', '', true),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
})).any

async function theirs(text: string, record: unknown, v: unknown): Promise<unknown> {
  const value: unknown = await jsonata(text).evaluate(structuredClone(record), { v: structuredClone(v) })
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

const outcome = async (evaluate: () => unknown): Promise<unknown> => {
  try {
    return { value: await evaluate() }
  } catch {
    return 'an error'
  }
}

describe('generated expressions', () => {
  it('give what the jsonata package gives, and leave their input alone', async () => {
    await fc.assert(
      fc.asyncProperty(source, data, data, async (text, record, v) => {
        const before = JSON.stringify([record, v])
        const ours = await outcome(() => compiled(text, 'v').evaluate(record, { v }))
        expect(ours).toEqual(await outcome(() => theirs(text, record, v)))
        expect(JSON.stringify([record, v])).toBe(before)
      }),
      { ...SEED, numRuns: 1500 },
    )
  })
})
