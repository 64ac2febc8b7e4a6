import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument, Scalar, stringify } from 'yaml'
import { offsetInScalar } from '../../engine/definition/scalar-offsets.ts'
import { SourceText } from '../../engine/definition/source-text.ts'

const TYPES = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
] as const

/** A scalar as the yaml package writes it in some style, below two keys. */
function written(value: string, type: (typeof TYPES)[number]): { text: string; start: number; value: string } {
  const scalar = new Scalar(value)
  scalar.type = type
  const text = stringify({ outer: { inner: scalar } }, { lineWidth: 40 })
  const node = parseDocument(text).getIn(['outer', 'inner'], true) as Scalar<string>
  return { text, start: node.range![0], value: node.value }
}

const word = fc.stringMatching(/^[a-z$'"\\.&äß€(]{1,9}$/)
const lines = fc.array(
  fc.array(word, { minLength: 1, maxLength: 9 }).map((words) => words.join(' ')),
  {
    minLength: 1,
    maxLength: 4,
  },
)

describe('places inside of scalars', () => {
  it('find every character of a value in its file, whatever the style', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom(...TYPES), (parts, type) => {
        const { text, start, value } = written(parts.join('\n'), type)
        for (const [offset, char] of [...value].entries()) {
          if (/\s/.test(char)) continue
          const found = text[offsetInScalar(text, start, value, offset)]
          expect(found === char || found === '\\').toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['plain', 'a: one two\n', 3, 'one two', 4, 7],
    ['single quoted', "a: 'it''s on'\n", 3, "it's on", 5, 10],
    ['double quoted', 'a: "\\u0041\\tb c"\n', 3, 'A\tb c', 4, 14],
    ['literal', 'a: |\n  one\n   two\n', 3, 'one\n two\n', 5, 14],
    ['folded', 'a: >-\n  one\n  two\n', 3, 'one two', 4, 14],
    ['plain over two lines', 'a: one\n   two\n', 3, 'one two', 4, 10],
  ])('%s', (_name, text, start, value, offset, expected) => {
    expect(offsetInScalar(text, start, value, offset)).toBe(expected)
  })
})

describe('lines and columns', () => {
  it('go there and back for every offset', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab\n\t]{0,60}$/), fc.nat(60), (text, offset) => {
        const source = new SourceText('x', text)
        const at = Math.min(offset, text.length)
        const { line, column } = source.place(at)
        expect(source.offset({ line, column })).toBe(at)
        expect(text.slice(0, at).split('\n').length).toBe(line)
        expect(at - text.slice(0, at).lastIndexOf('\n')).toBe(column)
      }),
    )
  })

  it('put carets below tabs too', () => {
    const frame = new SourceText('x', 'a:\n\tb: c\n').frame(2, 5, 6)
    expect(frame).toBe('  1 | a:\n> 2 | \tb: c\n    | \t   ^\n  3 |')
  })
})
