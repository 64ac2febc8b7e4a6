import { describe, expect, it } from 'vitest'
import { Scene } from '../../engine/expression/index.ts'
import { compileExpression, compileTemplate, EngineError, evaluateAll, evaluationCounts } from '../../engine/index.ts'

const WHERE = 'integrations/acme/integration.yaml:7:3'

function apart(source: string, scope: readonly string[] = ['credentials', 'text']) {
  const result = compileExpression(source, scope, WHERE)
  if ('problems' in result) throw new Error(result.problems[0]?.message)
  return result.expression
}

function failureOf(work: () => unknown): EngineError {
  try {
    const value = work()
    throw new Error(`it gave ${JSON.stringify(value)?.slice(0, 80)}`)
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown
    throw thrown
  }
}

const HOSTILE: Readonly<Record<string, string>> = {
  'a loop': '$sum([1..90000])',
  'many small calls': '$map([1..90000], function($n) { $formatNumber($n, "#,##0.00") })',
  'recursion in tail position': '($f := function($n) { $n > 0 ? $f($n - 1) : 0 }; $f(10000000))',
  'recursion that is not': '($f := function($n) { 1 + $f($n + 1) }; $f(1))',
  'an endless match': '$contains($text, /^(a|a)*$/)',
  'many matches': '$map([1..10000], function($n) { $contains($pad("a", 2000, "a"), /a*b/) })',
  'a huge text': '$pad("a", 1000000000)',
  'a text that doubles': '$reduce([1..40], function($a) { $a & $a }, "ab")',
  'a product of lists': '[1..300].[1..300].[1..300]',
  'a list that grows': '$reduce([1..40000], function($a, $b) { $append($a, $b) })',
  'nested data': '$reduce([1..60], function($a) { [$a, $a] }, "a").$string($)',
}

describe('an expression of an added folder, where it has to stay in the process', () => {
  it.each(Object.entries(HOSTILE))('%s ends with a code and the address of its slot', (_what, source) => {
    const { interpreted } = evaluationCounts()
    const text = `${'a'.repeat(60)}!`
    const error = failureOf(() => apart(source).evaluate(undefined, { text }))
    expect(error.code).toMatch(/^expression_(limit|failed)$/)
    expect(error.details.where).toBe(WHERE)
    // the interpreter has no bound on what it holds in between
    expect(evaluationCounts().interpreted).toBe(interpreted)
  })

  it('may do a fraction of what others may', () => {
    const source = '$sum([1..30000])'
    const trusted = compileExpression(source, [])
    expect('expression' in trusted && trusted.expression.evaluate(undefined)).toBe(450_015_000)
    expect(failureOf(() => apart(source).evaluate(undefined)).code).toBe('expression_limit')
    expect(apart('$sum([1..3000])').evaluate(undefined)).toBe(4_501_500)
  })

  it.each([
    ['$credentials.key', 'k1'],
    ['"Bearer " & $credentials.key', 'Bearer k1'],
    ['$base64encode($credentials.key & ":")', 'azE6'],
    ['$credentials.key ? "yes" : "no"', 'yes'],
  ])('%s does what auth methods do', (source, value) => {
    expect(apart(source).evaluate(undefined, { credentials: { key: 'k1' } })).toBe(value)
  })

  it('is as it was in a template', () => {
    const result = compileTemplate('a-{{ $text }}-{{ $sum([1..90000]) }}', ['text'], WHERE)
    if ('problems' in result) throw new Error('it does not compile')
    expect(failureOf(() => result.template.render(undefined, { text: 'x' })).details.where).toBe(WHERE)
  })
})

describe('a scene', () => {
  it('asks for what is not known, all of it at once, and never for credentials', () => {
    const [one, two, secret] = ['a + 1', '$text & "!"', '$credentials.key & "!"'].map((source) => apart(source)) as [
      ReturnType<typeof apart>,
      ReturnType<typeof apart>,
      ReturnType<typeof apart>,
    ]
    const record = { a: 1 }
    const work = () => [
      one.evaluate(record),
      two.evaluate(undefined, { text: 'x' }),
      secret.evaluate(undefined, { credentials: { key: 'k' } }),
    ]
    const scene = new Scene()
    const first = scene.attempt(work)
    if (!('missing' in first)) throw new Error('nothing was missing')
    expect(first.missing.map(({ expression }) => expression.source)).toEqual(['a + 1', '$text & "!"'])
    scene.learn(first.missing, [{ value: 2 }, { error: new EngineError('expression_failed', 'it failed') }])
    expect(() => scene.attempt(work)).toThrow('it failed')
  })

  it('gives a result to the cell that it is of, whatever else is found out on the way', () => {
    const check = apart('$text = "b"')
    const value = apart('$text & "!"')
    const work = () =>
      ['a', 'b', 'c'].map((text) =>
        check.evaluate(undefined, { text }) === true ? value.evaluate(undefined, { text }) : text,
      )
    const scene = new Scene()
    let rounds = 0
    for (;;) {
      const attempt = scene.attempt(work)
      if ('value' in attempt) {
        expect(attempt.value).toEqual(['a', 'b!', 'c'])
        break
      }
      rounds++
      const here = attempt.missing.map(({ expression: { source }, variables }) => {
        const own = compileExpression(source, ['text'])
        if ('problems' in own) throw new Error(source)
        return { expression: own.expression, record: undefined, variables }
      })
      scene.learn(attempt.missing, evaluateAll(here))
    }
    expect(rounds).toBe(2)
  })

  it('lets nothing pass that work came to without a value it lacked', () => {
    const scene = new Scene()
    const work = () => {
      if (apart('a + 1').evaluate({ a: 1 }) === undefined) throw new TypeError('there is no value')
    }
    expect(scene.attempt(work)).toMatchObject({ missing: [{ expression: { source: 'a + 1' } }] })
  })
})
