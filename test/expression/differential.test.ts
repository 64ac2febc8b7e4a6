import { describe, expect, it } from 'vitest'
import { compileExpression, evaluationCounts } from '../../engine/expression/index.ts'
import { corpus, OPERANDS, OPERATORS, RECORD } from './corpus.ts'
import { interpreted, type Outcome, outcomeOf } from './support.ts'
import { TEMPLATES } from './templates.ts'

const cells = corpus()
const sources = cells.flatMap((cell) => cell.sources)
const known = new Map<string, Outcome>()

/** What the interpreter says of an expression over the record of the corpus. */
function expected(source: string): Outcome {
  const outcome = known.get(source) ?? interpreted(source, RECORD)
  known.set(source, outcome)
  return outcome
}

const admitted = (source: string): boolean => 'expression' in compileExpression(source, [])

describe('the corpus', () => {
  it('has an expression in every cell, and at least 1,500 of them', () => {
    const rows = Object.keys(TEMPLATES).length + OPERATORS.length * Object.keys(OPERANDS).length
    expect(cells).toHaveLength(rows * Object.keys(OPERANDS).length)
    expect(cells.filter((cell) => !cell.sources.some(admitted))).toEqual([])
    expect(new Set(sources.filter(admitted)).size).toBeGreaterThanOrEqual(1500)
  })

  it('is compiled but for few expressions, and compiled code seldom gives up on a value', () => {
    const backends = sources.flatMap((source) => {
      const result = compileExpression(source, [])
      return 'expression' in result ? [result.expression.backend] : []
    })
    expect(backends.filter((backend) => backend === 'interpreter').length / backends.length).toBeLessThan(0.03)
    const sample = sources.filter((_, at) => at % 10 === 0)
    const withValues = sample.filter((source) => admitted(source) && 'value' in expected(source))
    const before = evaluationCounts().repeated
    for (const source of withValues) outcomeOf(source, RECORD)
    expect((evaluationCounts().repeated - before) / withValues.length).toBeLessThan(0.02)
  })
})

describe.each([...new Set(cells.map(({ node }) => node))])('%s', (node) => {
  it.each(cells.filter((cell) => cell.node === node))(
    'over $kind means what the interpreter means',
    ({ sources: own }) => {
      const before = JSON.stringify(RECORD)
      for (const source of own.filter(admitted)) {
        expect({ source, ...outcomeOf(source, RECORD) }).toStrictEqual({ source, ...expected(source) })
      }
      expect(JSON.stringify(RECORD)).toBe(before)
    },
  )
})
