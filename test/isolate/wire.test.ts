import { describe, expect, it } from 'vitest'
import { readResults, writeBatch } from '../../server/isolate/wire.ts'

describe('a batch as text', () => {
  it('holds each record, each of its members and each value of a variable once', () => {
    const a = { b: 1 }
    const v = [a]
    const record = { a, n: 2 }
    const cells = ['a', 'a + 1', '$v'].map((source) => ({
      source,
      scope: ['v'],
      record,
      variables: { v, n: 2 },
    }))
    const others = [{ a, none: undefined }, [a], 7, undefined].map((other) => ({
      source: 'b',
      scope: [],
      record: other,
      variables: {},
    }))
    expect(JSON.parse(writeBatch([...cells, ...others]))).toEqual({
      values: [v, 2, a, [a], 7],
      records: [{ a: 2, n: 1 }, { a: 2 }, 3, 4],
      cells: [
        ['a', ['v'], 0, { v: 0, n: 1 }],
        ['a + 1', ['v'], 0, { v: 0, n: 1 }],
        ['$v', ['v'], 0, { v: 0, n: 1 }],
        ['b', [], 1, {}],
        ['b', [], 2, {}],
        ['b', [], 3, {}],
        ['b', [], -1, {}],
      ],
    })
  })
})

describe('what an isolate answers', () => {
  it('is read as values and as errors of two codes only', () => {
    const text = JSON.stringify([
      { value: 1 },
      {},
      { error: { code: 'expression_limit', message: 'm', hint: 'h', cause: { code: 'D1012' } } },
      { error: { code: 'forbidden', message: 'm' } },
    ])
    const results = readResults(text, 4)
    expect(results.slice(0, 2)).toEqual([{ value: 1 }, { value: undefined }])
    expect(results[2]).toMatchObject({
      error: { code: 'expression_limit', details: { hint: 'h', cause: { code: 'D1012' } } },
    })
    expect(results[3]).toMatchObject({ error: { code: 'expression_failed', message: 'm' } })
  })

  it.each([undefined, { value: 1 }, 'no json', '{}', '[]', '[{},{}]', '[null]', '[1]'])('%j is refused', (answer) =>
    expect(() => readResults(answer, 1)).toThrow(),
  )
})
