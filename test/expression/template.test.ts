import { describe, expect, it } from 'vitest'
import { type CompiledTemplate, compileTemplate } from '../../engine/expression/index.ts'
import { failureOf } from './support.ts'

function template(source: string, ...scope: string[]): CompiledTemplate {
  const result = compileTemplate(source, scope)
  if ('template' in result) return result.template
  throw new Error(JSON.stringify(result.problems))
}

function problems(source: string, ...scope: string[]) {
  const result = compileTemplate(source, scope)
  return 'problems' in result ? result.problems : []
}

describe('a template', () => {
  it.each([
    ['/v1/charges', '/v1/charges'],
    ['', ''],
    ['{{ id }}', 'a/b'],
    ['/v1/{{ id }}/x', '/v1/a/b/x'],
    ['{{id}}{{n}}', 'a/b5'],
    ['{{ {"a":"}}"}.a }}', '}}'],
    ["{{ {'a': {'b': 1}}.a.b }}", '1'],
    ['{{ {"a":{"b":1}}.a.b}}}}', '1}}'],
    ['{{ "{{" }}', '{{'],
    ['{{ id /* }} */ }}', 'a/b'],
    ['{{ `odd}}name` }}', 'odd'],
    ['{{ flag }}', 'false'],
    ['plain }} and { braces }', 'plain }} and { braces }'],
    ['{{ n > 3 ? "}" : "{" }}!', '}!'],
    ["it's {{ n }} o'clock", "it's 5 o'clock"],
  ])('%j gives %j', (source, expected) => {
    const record = { id: 'a/b', n: 5, flag: false, 'odd}}name': 'odd' }
    expect(template(source).render(record, {})).toBe(expected)
  })

  it('maps only what is interpolated', () => {
    const url = template('/v1/a b/{{ $path.id }}', 'path')
    expect(url.render({}, { path: { id: '../x y' } }, encodeURIComponent)).toBe('/v1/a b/..%2Fx%20y')
  })

  it('without a value is undefined, or has a gap where that is wanted', () => {
    const url = template('/v1/{{ $path.id }}/{{ n }}', 'path')
    const keep = (value: string) => value
    expect(url.render({ n: 1 }, { path: {} })).toBeUndefined()
    expect(url.render({ n: null }, { path: { id: 1 } })).toBeUndefined()
    expect(url.render({ n: 1 }, { path: {} }, keep, 'empty')).toBe('/v1//1')
    expect(url.render({ n: '' }, { path: { id: 0 } })).toBe('/v1/0/')
  })

  it('refuses objects and arrays', () => {
    const error = failureOf(() => template('x={{ a }}').render({ a: { b: 1 } }, {}))
    expect([error.code, error.message]).toEqual([
      'expression_failed',
      '`{{ a }}` gives an object with b, which is not one text',
    ])
    expect(failureOf(() => template('x={{ a }}').render({ a: [1] }, {})).code).toBe('expression_failed')
  })

  it('knows its parts', () => {
    const url = template('/v1/{{ $path.id }}?q={{$query.q & $path.x}}', 'path', 'query', 'other')
    expect(url.parts.map((part) => (typeof part === 'string' ? part : part.source))).toEqual([
      '/v1/',
      '$path.id',
      '?q=',
      '$query.q & $path.x',
    ])
    expect(url.variables).toEqual(['path', 'query'])
    expect([url.isLiteral, template('/v1').isLiteral]).toEqual([false, true])
  })
})

describe('problems of a template', () => {
  it.each([
    ['a {{ }}', 5, 'the expression is empty'],
    ['a {{ b + }}', 9, 'cannot be used as a unary operator'],
    ['a {{ b', 6, 'the `{{` is not closed'],
    ['a {{ b } c', 7, 'the `{{` is not closed'],
    ['a {{ "b }}', 10, 'terminated by a matching quote'],
    ['{{ a }} {{ (b }}', 14, 'Expected'],
  ])('%j is told at %i', (source, offset, message) => {
    expect(problems(source)).toEqual([expect.objectContaining({ code: 'syntax', offset })])
    expect(problems(source)[0]?.message).toContain(message)
  })

  it('are told all at once, each at its place in the template', () => {
    const source = 'x {{ $pth.id }} y {{  $nope(1) }}'
    const found = problems(source, 'path')
    expect(found.map(({ offset, length }) => source.slice(offset, offset + length))).toEqual(['$pth', '$nope'])
  })
})
