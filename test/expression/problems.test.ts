import { describe, expect, it } from 'vitest'
import { problemsOf } from './support.ts'

/** `code text` for every problem, the text being what offset and length mark. */
const marked = (source: string, ...scope: string[]) =>
  problemsOf(source, ...scope).map(({ code, offset, length }) => `${code} ${source.slice(offset, offset + length)}`)

describe('names', () => {
  it.each([
    ['$respnse.x', ['unknown_variable $respnse']],
    ['a + $b * $c', ['unknown_variable $b', 'unknown_variable $c']],
    ['$foo(1)', ['unknown_function $foo']],
    ['uppercase(a)', ['unknown_function uppercase']],
    ['$response(1)', ['unknown_function $response']],
    ['$eval("1")', ['forbidden_function $eval']],
    ['$now() & $millis()', ['forbidden_function $now', 'forbidden_function $millis']],
    ['$map(items, $random)', ['forbidden_function $random']],
    ['items ~> $shuffle', ['forbidden_function $shuffle']],
    ['( $x := 1; $x ) + $x', ['unknown_variable $x']],
    ['function($a) { $a }($a)', ['unknown_variable $a']],
    ['$money_form', ['unknown_variable $money_form']],
    ['{ "k": [a[$bad = 1]] }', ['unknown_variable $bad']],
    ['a^($bad)', ['unknown_variable $bad']],
    ['a{ b: $bad }', ['unknown_variable $bad']],
    ['$bad ?: 1', ['unknown_variable $bad']],
    ['$bad ?? 1', ['unknown_variable $bad']],
    ['a ~> |b|{ "c": $bad }, $worse|', ['unknown_variable $bad', 'unknown_variable $worse']],
    ['($x := $x + 1)', ['unknown_variable $x']],
    ['(($x := 1); $x)', ['unknown_variable $x']],
  ])('%s', (source, expected) => expect(marked(source, 'response')).toEqual(expected))

  it.each([
    '( $x := 1; $x + $x )',
    '( $f := function($n) { $n < 1 ? 0 : $f($n - 1) }; $f(3) )',
    '( $f := function($n) { $g($n) }; $g := function($n) { $n }; $f(3) )',
    'items@$item.($item.id)',
    'items#$at[$at > 0].id',
    'items@$item#$at.{ "a": $at, "b": $item }',
    '$map(items, $idOf)',
    '( $now := 1; $now )',
    '$map(items, function($value, $index) { $index })',
    '(a ? $x := 1; $x)',
  ])('%s is fine', (source) => expect(() => problemsOf(source)).toThrow(/compiles/))

  it('a name of the scope wins over a function of that name', () => {
    expect(() => problemsOf('$now.hour', 'now')).toThrow(/compiles/)
  })

  it('says what was meant and what there is', () => {
    expect(problemsOf('$respnse.x', 'response', 'query')).toEqual([
      {
        code: 'unknown_variable',
        message: 'unknown variable `$respnse`',
        offset: 0,
        length: 8,
        hint: 'Did you mean `$response`? Here you have $query, $response. A bare name reads the record.',
        valid: ['$query', '$response'],
      },
    ])
    expect(problemsOf('$upercase(a)')[0]?.hint).toMatch(/^Did you mean `\$uppercase`\?/)
    expect(problemsOf('$upercase(a)')[0]?.valid).toContain('$money')
    expect(problemsOf('uppercase(a)')[0]?.hint).toBe('Write `$uppercase(...)`.')
    expect(problemsOf('$x')[0]?.hint).toMatch(/There are no variables here/)
  })
})

describe('syntax', () => {
  it.each([
    ['a +', 3, 0, 'S0207'],
    ['"abc', 4, 0, 'S0101'],
    ['(a + b', 6, 0, 'S0203'],
    ['a b', 2, 1, 'S0201'],
    ['a }', 2, 1, 'S0201'],
    ['[1, 2)', 5, 1, 'S0202'],
    ['a.`b', 4, 0, 'S0105'],
    ['/abc', 4, 0, 'S0302'],
    ['"\\q"', 2, 1, 'S0103'],
    ['a /* b', 2, 0, 'S0106'],
    ['', 0, 0, 'S0207'],
    ['a.b := 2', 1, 1, 'S0212'],
  ])('%s', (source, offset, length, code) => {
    const [problem] = problemsOf(source)
    expect(problem).toMatchObject({ code: 'syntax', offset, length })
    expect(problem?.message).toContain(code)
    expect(problem?.hint).not.toBe('')
  })

  it('a regular expression that JavaScript refuses, endless nesting and endless text are problems too', () => {
    expect(problemsOf('$match(a, /a**/)')).toMatchObject([{ code: 'syntax', offset: 0, length: 16 }])
    expect(problemsOf('['.repeat(19_000))[0]).toMatchObject({ code: 'syntax' })
    expect(problemsOf('a'.repeat(20_001))[0]?.message).toMatch(/at most 20000 characters/)
  })
})
