import { describe, expect, it } from 'vitest'
import type { EngineError } from '../../engine/errors.ts'
import { evaluateAll, evaluationCounts } from '../../engine/expression/index.ts'
import { LIMITS } from '../../engine/expression/limits.ts'
import { compiled, failureOf } from './support.ts'

/** The error of an expression that must end in its compiled form, without a second look by the interpreter. */
function ended(source: string, record: unknown = {}): EngineError {
  const expression = compiled(source)
  expect(expression.backend).toBe('compiled')
  const before = evaluationCounts().interpreted
  const error = failureOf(() => expression.evaluate(record))
  expect(evaluationCounts().interpreted).toBe(before)
  expect(error.code).toBe('expression_limit')
  return error
}

const double = (times: number, body: string, start: string): string =>
  `$reduce([1..${times}], function($a, $v) { ${body} }, ${start})`

describe('a text that is built', () => {
  it.each([
    ['by joining it with itself', double(40, '$a & $a', '"ab"')],
    ['by $pad', '$pad("x", 1000001)'],
    ['by $pad far beyond memory', '$pad("x", 1000000000000)'],
    ['by $join', '$join([1..100000].("abcdefghijklmnop"))'],
    ['by $join with a long separator', '( $s := $pad("x", 900000); $join(["a", "b", "c"], $s) )'],
    ['by $replace', '( $s := $pad("x", 2000, "x"); $replace($s, "x", $s) )'],
    ['by $replace with groups', '( $s := $pad("x", 2000, "x"); $replace($s, /(x+)/, $pad("$1", 2000, "$1")) )'],
    ['by $replace with a function', '( $s := $pad("x", 2000, "x"); $replace($s, /x/, function($m) { $s }) )'],
    ['by $string', '$string([1..100000].{ "name": "abcdef" })'],
    ['by $string of parts that are one', `$string(${double(30, '[[$a, $a]]', '"abc"')})`],
    ['by & of an array', `${double(30, '[[$a, $a]]', '1')} & ""`],
    ['by $base64encode', '$base64encode($pad("x", 900000))'],
    ['by $encodeUrlComponent', '$encodeUrlComponent($pad("/", 900000, "/"))'],
    ['by $uppercase', '$uppercase($pad("ß", 900000, "ß"))'],
    ['by $formatNumber', '$formatNumber(1, $pad("0", 999999, "0") & "00")'],
  ])('%s ends', (_way, source) => {
    const error = ended(source)
    expect(error.message).toMatch(new RegExp(`text of more than ${LIMITS.text} characters|does more than`))
    expect(error.details.cause).toMatchObject({ source })
  })

  it('is let be up to the limit, and so is a text of the record', () => {
    expect(compiled(`$length($pad("x", ${LIMITS.text}))`).evaluate({})).toBe(LIMITS.text)
    const long = 'x'.repeat(LIMITS.text + 1)
    expect(compiled('a ? a : null').evaluate({ a: long })).toBe(long)
    expect(compiled('a').evaluate({ a: long })).toBe(long)
  })
})

describe('a result', () => {
  it.each([
    ['of one value many times', `( $x := ${double(30, '[[$a, $a]]', '[1]')}; { "x": $x } )`],
    ['of the record many times', '[1..100000].$$'],
    ['of objects in objects', double(25, '{ "a": $a, "b": $a }', '{}')],
    ['of long texts', '( $s := $pad("x", 900000); [1..20].$s )'],
    ['of long names', '( $s := $pad("x", 900000); [1..20].{ $s: 1 } )'],
  ])('%s ends with the limit in its message', (_what, source) => {
    const error = ended(source, { a: 1, b: [1, 2, 3, 4, 5] })
    expect(error.message).toMatch(/500000 values|16777216 characters/)
    expect(error.details.cause).toMatchObject({ code: 'size', source })
  })

  it('that the interpreter makes has the same limit', () => {
    const expression = compiled('( $odd := /(a+)+$/; $x := [1..1000]; { "a": $x.{ "b": $x } } )')
    expect(expression.backend).toBe('interpreter')
    const error = failureOf(() => expression.evaluate({}))
    expect(error.code).toBe('expression_limit')
    expect(error.message).toContain('500000 values')
  })

  it('of the record itself may be as large as the record is', () => {
    const record = { list: Array.from({ length: LIMITS.values + 1 }, (_, id) => id) }
    expect(compiled('list').evaluate(record)).toBe(record.list)
  })
})

describe('work that no loop of the expression shows', () => {
  const many = '$r := [1..100000]'
  it.each([
    ['predicates that name places', `( ${many}; $count($r[$r]) )`],
    ['in', `( ${many}; $count($r[$ in $r]) )`],
    ['sums', `( ${many}; $count($r[$sum($r) > 0]) )`],
    ['keys of nested arrays', `( $x := ${double(30, '[[$a], [$a]]', '[]')}; $count($keys($x)) )`],
    ['members of nested arrays', `( $x := ${double(30, '[[$a], [$a]]', '[]')}; $count($spread($x)) )`],
    ['truth of nested arrays', `( $x := ${double(25, '[[$a], [$a]]', 'false')}; $x ? 1 : 2 )`],
    ['all members of nested arrays', `( $x := ${double(30, '[[$a], [$a]]', '1')}; $count({ "a": $x }.*) )`],
    [
      'objects with many fields',
      `$count([1..100000].{ ${Array.from({ length: 200 }, (_, at) => `"f${at}": 1`).join(', ')} })`,
    ],
    ['arrays with many items', `$count([1..100000].[[${Array.from({ length: 200 }, (_, at) => at).join(', ')}]])`],
    [
      'groups with many keys',
      `( ${many}; $r{ ${Array.from({ length: 100 }, (_, at) => `"f" & ($ + ${at}): 1`).join(', ')} } )`,
    ],
    ['a library function that goes deep', `( $x := ${double(30, '{ "a": $a, "b": $a }', '{}')}; $removeEmpty($x) )`],
    ['texts of nested data', `( $x := ${double(30, '{ "a": $a, "b": $a }', '{}')}; $toStringMap({ "x": $x }) )`],
    ['objects laid over each other', `( $x := ${double(30, '{ "a": $a, "b": $a }', '{}')}; $deepMerge($x, $x) )`],
    ['long texts kept', `( ${many}; $count($r.$pad("x", 900000)) )`],
    ['long texts searched', `( ${many}; $s := $pad("x", 900000); $count($r[$contains($s, "y")]) )`],
    ['long texts in upper case', `( ${many}; $s := $pad("x", 900000); $count($r.$uppercase($s)) )`],
    ['long texts compared', `( ${many}; $s := $pad("x", 900000); $t := $pad("x", 900000); $count($r[$s = $t]) )`],
    ['long texts cut up', `( ${many}; $s := $pad("x", 900000); $count($r[$count($split($s, "")) > 0]) )`],
  ])('%s', (_what, source) => {
    const error = ended(source)
    expect(error.details.cause).toMatchObject({ source })
  })

  it.each([
    ['the same array again', `( ${many}; $count($r.$r) )`],
    ['the same array with names', `( ${many}; $count($r@$a.$r@$b.($a)) )`],
  ])('steps that give %s', (_what, source) => {
    expect(ended(source).details.cause).toMatchObject({ code: 'D2015', source })
  })

  it('costs its own cell only', () => {
    const sources = ['1 + 1', '$pad("x", 1000001)', '2 + 2']
    const results = evaluateAll(sources.map((source) => ({ expression: compiled(source), record: {} })))
    expect(results.map((result) => ('error' in result ? result.error.code : result.value))).toEqual([
      2,
      'expression_limit',
      4,
    ])
  })
})

describe('matches of regular expressions', () => {
  it('are bounded together, not each: the interpreter, which watches the time, has the rest', () => {
    const source = '$map([1..10000], function($n) { $contains($pad("a", 2000, "a"), /a*b/) })'
    const expression = compiled(source)
    expect(expression.backend).toBe('compiled')
    const { interpreted } = evaluationCounts()
    expect(failureOf(() => expression.evaluate({})).code).toBe('expression_limit')
    expect(evaluationCounts().interpreted).toBe(interpreted + 1)
  }, 30_000)
})
