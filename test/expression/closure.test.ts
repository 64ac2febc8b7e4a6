import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Node } from '../../engine/expression/ast.ts'
import { runClosures } from '../../engine/expression/closure/compile.ts'
import { Compiler, type Outcome, type Run } from '../../engine/expression/compiled.ts'
import { PARAMETERS, verify } from '../../engine/expression/emit/verify.ts'
import { compileExpression } from '../../engine/expression/index.ts'
import { Interpreter } from '../../engine/expression/interpreter.ts'
import { LIMITS } from '../../engine/expression/limits.ts'
import { corpus, RECORD } from './corpus.ts'

const ROOT = join(import.meta.dirname, '../..')
const FORBIDDEN = '--disallow-code-generation-from-strings'
const interpreter = new Interpreter(LIMITS)
const define = (name: string) => interpreter.definition(name)
const ways = { source: new Compiler(define, 'source'), closures: new Compiler(define, 'closures') }

/** What an expression comes to in both ways; undefined where it is left to the interpreter. */
function outcomesOf(
  source: string,
  record: unknown,
  variables = {},
): { source: Outcome | undefined; closures: Outcome | undefined } {
  const tree = interpreter.parse(source).ast as Node
  const of = (way: keyof typeof ways): Outcome | undefined => {
    const made = ways[way].compile(tree, new Set(Object.keys(variables)))
    return 'run' in made ? (made.run as Run)(record, variables) : undefined
  }
  return { source: of('source'), closures: of('closures') }
}

const admitted = (source: string): boolean => 'expression' in compileExpression(source, [])

describe('closures', () => {
  const tally = { value: 0, odd: 0, left: 0 }
  const cells = corpus()

  it.each([...new Set(cells.map(({ node }) => node))])('come to what generated code comes to: %s', (node) => {
    const sources = new Set(cells.flatMap((cell) => (cell.node === node ? cell.sources : [])))
    for (const source of [...sources].filter(admitted)) {
      const { source: expected, closures } = outcomesOf(source, RECORD)
      expect({ source, is: closures }).toStrictEqual({ source, is: expected })
      tally[expected === undefined ? 'left' : expected === 'odd' ? 'odd' : 'value']++
    }
  })

  it('cover the corpus', () => {
    expect(tally.value).toBeGreaterThan(1500)
    expect(tally.odd).toBeGreaterThan(100)
    expect(tally.left).toBeLessThan(tally.value / 20)
  })

  it.each([
    '( $f := function($n, $a) { $n = 0 ? $a : $f($n - 1, $append($a, $n)) }; $f(50, []) )',
    '( $f := function($x) { function($y) { function($z) { [$x, $y, $z, $v] } } }; $f(1)(2)(3) )',
    '$map([1..5], function($v, $i, $a) { $v * $i + $count($a) })',
    '( $x := 1; $g := function() { ( $x := 2; $x ) }; [$g(), $x] )',
    '{ "a": { "b": { "c": $v.d } }, "e": list.{ "f": $, "g": [$, 1, "x"] } }',
    'list#$i[$i > 0].{ "at": $i, "is": $ }',
    '$reduce([1..100000], function($a, $b) { $a + $b })',
    '( $f := function($n) { $f($n + 1) }; $f(1) )',
    '( $f := function($n) { $n + $f($n + 1) }; $f(1) )',
    '-$v.d + 1',
    '-"x"',
  ])('%s', (source) => {
    const [record, variables] = [{ list: [1, 2, 3] }, { v: { d: 4 } }]
    const { source: expected, closures } = outcomesOf(source, record, variables)
    expect(expected).toBeDefined()
    expect(closures).toStrictEqual(expected)
  })
})

describe('closures of code that no generator writes', () => {
  const given = new Map<string, unknown>([
    ['H', { add: (a: number, b: number) => a + b }],
    ['K', [1]],
  ])
  const made = (code: string): unknown => runClosures(verify(code, new Set(['add'])), given)

  it('mean what the code means', () => {
    const source = 'const {add}=H;return (i)=>{let t=i;add(t,1);const x1=add(t,2);return [t,x1,add()]}'
    expect((made(source) as (i: number) => unknown)(5)).toEqual([5, 7, Number.NaN])
    const plain = new Function(...PARAMETERS, source)(given.get('H'), [1])
    expect(plain(5)).toEqual([5, 7, Number.NaN])
  })

  it.each([
    'return (i)=>{}',
    'return (i)=>{{return 1}}',
    'return ({of:t1})=>(t1)',
    'const {of:{add}}=H;return 1',
    'return [,1]',
    'return (i)=>(x9)',
    '1;return 2',
    'add(1,2)',
  ])('%s is refused', (code) => expect(() => (made(code) as () => unknown)()).toThrow(TypeError))
})

describe('where making code from text is forbidden', () => {
  const sources = ['a + 1', '$map(list, function($v) { $v * a }).$string()', 'list#$i[$i > 0].{ "at": $i }', '-"x"']
  const script = `
    import { compileExpression, evaluateAll, evaluationCounts } from 'INDEX'
    let generated = true
    try { new Function('return 1')() } catch { generated = false }
    const cells = SOURCES.map((source) => ({ expression: compileExpression(source, []).expression, record: { a: 2, list: [1, 2] } }))
    const results = evaluateAll(cells).map((result) => 'error' in result ? result.error.code : result.value)
    console.log(JSON.stringify({ generated, results, backends: cells.map((cell) => cell.expression.backend), ...evaluationCounts() }))`
  const run = (...options: string[]): unknown => {
    const code = script
      .replace('INDEX', join(ROOT, 'dist/engine/expression/index.js'))
      .replace('SOURCES', JSON.stringify(sources))
    return JSON.parse(
      execFileSync(process.execPath, [...options, '--input-type=module', '-e', code], { encoding: 'utf8' }),
    )
  }
  const expected = {
    results: [3, ['2', '4'], { at: 1 }, 'expression_failed'],
    backends: sources.map(() => 'compiled'),
    path: 0,
    compiled: 3,
    interpreted: 1,
    repeated: 1,
  }

  it('expressions are compiled all the same', () => {
    expect(run()).toMatchObject({ generated: true, ...expected })
    expect(run(FORBIDDEN)).toMatchObject({ generated: false, ...expected })
  })
})
