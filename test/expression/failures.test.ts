import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { evaluateAll } from '../../engine/expression/index.ts'
import { textOf } from '../support/house.ts'
import { compiled, failureOf, interpretedFailure } from './support.ts'

interface Golden {
  readonly expr: string
  readonly record: unknown
  readonly variables?: Readonly<Record<string, unknown>>
  readonly message: string
}

const goldens = parse(textOf('test/expression/golden/failures.yaml')) as Golden[]

describe('the message of a failure', () => {
  it.each(goldens.map((golden) => [golden.expr, golden] as const))(
    '%s',
    (expr, { record, variables = {}, message }) => {
      const expression = compiled(expr, ...Object.keys(variables))
      const error = failureOf(() => expression.evaluate(record, variables))
      expect(error.message).toBe(message)
      expect(error.message.endsWith(error.details.hint ?? '?')).toBe(true)
      expect(error.details.hint).toMatch(/\.$/)
    },
  )

  it.each(goldens.map((golden) => [golden.expr, golden] as const))(
    'is the same whoever evaluates: %s',
    (expr, { record, variables = {}, message }) => {
      expect(interpretedFailure(expr, record, variables).message).toBe(message)
      const expression = compiled(expr, ...Object.keys(variables))
      const [result] = evaluateAll([{ expression, record, variables }])
      expect(result).toMatchObject({ error: { message } })
    },
  )

  it('has words of its own for every code of the language that can come at run time', () => {
    const seen = goldens.map(({ message }) => / failed \(([TD]\d{4})/.exec(message)?.[1]).filter(Boolean)
    expect(new Set(seen).size).toBeGreaterThanOrEqual(40)
    expect(goldens.length).toBeGreaterThanOrEqual(80)
  })

  it('holds no text or number of the record', () => {
    const values = (data: unknown): string[] => {
      if (typeof data === 'string' || typeof data === 'number') return [String(data)]
      return typeof data === 'object' && data !== null ? Object.values(data).flatMap(values) : []
    }
    for (const { expr, record, variables, message } of goldens) {
      const rest = message.replace(`\`${expr}\``, '')
      const telling = values([record, variables]).filter((value) => value.length >= 4 && !expr.includes(value))
      for (const value of telling) expect([rest, rest.includes(value)]).toEqual([rest, false])
    }
  })

  it('holds none of them whatever they are', () => {
    const filled = (data: unknown, leaf: unknown): unknown => {
      if (Array.isArray(data)) return data.map((item) => filled(item, leaf))
      if (typeof data !== 'object' || data === null) return leaf
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, filled(value, leaf)]))
    }
    let failed = 0
    for (const { expr, record, variables = {} } of goldens) {
      for (const leaf of ['S3cret@acme.test', 918273645, -0.918273645, ['S3cret@acme.test'], { k: 918273645 }]) {
        const expression = compiled(expr, ...Object.keys(variables))
        const [given, bound] = [filled(record, leaf), filled(variables, leaf) as Record<string, unknown>]
        const [result] = evaluateAll([{ expression, record: given, variables: bound }])
        if (result === undefined || !('error' in result)) continue
        failed++
        const told = JSON.stringify([result.error.message, result.error.details])
        expect([expr, /s3cret|918273645/i.test(told)]).toEqual([expr, false])
      }
    }
    expect(failed).toBeGreaterThan(200)
  })
})
