import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePairs, queryPairs } from '../../engine/request/fields.ts'
import type { ArrayFormat } from '../../engine/schema/generated.ts'
import { decodeBrackets, wirePairs } from './decode.ts'

const write = (query: Record<string, unknown>, arrays: ArrayFormat, nulls: 'empty' | 'null' | 'omit' = 'null') =>
  queryPairs(query, { arrays, nulls }).map(([name, value]) => `${name}=${value}`)

const codeOf = (query: Record<string, unknown>, arrays: ArrayFormat): unknown => {
  try {
    write(query, arrays)
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return 'nothing thrown'
}

describe('queries', () => {
  it.each([
    ['brackets', ['a[]=1', 'a[]=2']],
    ['indexed', ['a[0]=1', 'a[1]=2']],
    ['repeat', ['a=1', 'a=2']],
    ['comma', ['a=1,2']],
    ['pipe', ['a=1|2']],
    ['space', ['a=1 2']],
    ['json', ['a=[1,2]']],
  ] as const)('a list as %s', (arrays, wanted) => {
    expect(write({ a: [1, 2] }, arrays)).toEqual(wanted)
  })

  it('objects nest in brackets; names that have brackets already stay as they are', () => {
    expect(write({ created: { gte: 1, lt: { x: true } }, 'paid[gt]': 2 }, 'comma')).toEqual([
      'created[gte]=1',
      'created[lt][x]=true',
      'paid[gt]=2',
    ])
    expect(write({ a: [{ b: 1 }, { b: 2 }] }, 'brackets')).toEqual(['a[0][b]=1', 'a[1][b]=2'])
    expect(write({ a: [{ b: [1] }] }, 'indexed')).toEqual(['a[0][b][0]=1'])
  })

  it('null is empty only where the request says so; undefined is left out', () => {
    expect(write({ a: null, b: undefined, c: { d: null } }, 'comma', 'empty')).toEqual(['a=', 'c[d]='])
    expect(write({ a: null, b: 1 }, 'comma', 'null')).toEqual(['b=1'])
    expect(write({ a: null, b: 1 }, 'comma', 'omit')).toEqual(['b=1'])
  })

  it('refuses a value that would be read as two, objects in flat lists, and an empty list', () => {
    expect(codeOf({ a: ['x,y', 'z'] }, 'comma')).toBe('invalid_parameter')
    expect(codeOf({ a: ['x|y'] }, 'pipe')).toBe('invalid_parameter')
    expect(codeOf({ a: ['x y'] }, 'space')).toBe('invalid_parameter')
    for (const arrays of ['repeat', 'comma', 'pipe', 'space'] as const)
      expect(codeOf({ a: [{ b: 1 }] }, arrays)).toBe('invalid_parameter')
    for (const arrays of ['brackets', 'indexed', 'repeat', 'comma', 'pipe', 'space'] as const)
      expect(codeOf({ a: [] }, arrays)).toBe('invalid_parameter')
    expect(codeOf({ a: [null] }, 'brackets')).toBe('invalid_parameter')
    expect(write({ a: [] }, 'json')).toEqual(['a=[]'])
  })

  it('round trips names and values of any kind', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const written = encodePairs(pairs)
        expect(written).toMatch(/^[\x21-\x7e]*$/)
        expect(wirePairs(written)).toEqual(pairs)
      }),
    )
  })

  it.each(['brackets', 'indexed'] as const)('%s lists round trip', (arrays) => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (list) => {
        expect(decodeBrackets(queryPairs({ a: list }, { arrays, nulls: 'null' }))).toEqual({ a: list })
      }),
    )
  })
})
