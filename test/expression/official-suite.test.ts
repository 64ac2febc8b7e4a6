import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jsonata from 'jsonata'
import { expect, it } from 'vitest'
import { EngineError } from '../../engine/errors.ts'
import { type Compiled, compileExpression, evaluationCounts } from '../../engine/expression/index.ts'
import { sharedData } from '../support/shared-data.ts'
import { codeOf, type Outcome } from './support.ts'

/** A case of the language's own test suite. */
interface SuiteCase {
  readonly name: string
  readonly expr: string
  readonly data: unknown
  readonly bindings: Record<string, unknown>
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function casesIn(folder: string): SuiteCase[] {
  const groups = join(folder, 'groups')
  return readdirSync(groups).flatMap((group) =>
    readdirSync(join(groups, group))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const written = [json(join(groups, group, file))].flat() as Record<string, unknown>[]
        return written.map((one, at): SuiteCase => {
          const expr =
            one['expr-file'] === undefined
              ? one.expr
              : readFileSync(join(groups, group, String(one['expr-file'])), 'utf8')
          const dataset = join(folder, 'datasets', `${String(one.dataset)}.json`)
          const data = typeof one.dataset === 'string' && existsSync(dataset) ? json(dataset) : one.data
          const bindings = (one.bindings ?? {}) as Record<string, unknown>
          return { name: `${group}/${file}#${at}`, expr: String(expr), data, bindings }
        })
      }),
  )
}

/** What the package gives, with our limits of time and depth but for one array's length, which tells our limit apart. */
async function theirs({ expr, data, bindings }: SuiteCase): Promise<Outcome> {
  const options = { timeout: 20_000, stack: 500 }
  try {
    const value: unknown = await jsonata(expr, options).evaluate(structuredClone(data), structuredClone(bindings))
    return { value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) }
  } catch (error) {
    return { code: String((error as { code?: unknown }).code) }
  }
}

function ours(expression: Compiled, { data, bindings }: SuiteCase): Outcome {
  try {
    return { value: expression.evaluate(data, bindings) }
  } catch (error) {
    if (error instanceof EngineError) return { code: codeOf(error) }
    throw error
  }
}

it('the official suite agrees, and runs compiled', async (context) => {
  const cases = casesIn(sharedData(context, 'jsonata-test-suite'))
  const tally = { refused: 0, path: 0, compiled: 0, interpreter: 0, gaveUp: 0, beyondLimits: 0 }
  const differences: unknown[] = []
  const refusedWithValue: string[] = []
  for (const each of cases) {
    const result = compileExpression(each.expr, Object.keys(each.bindings))
    const expected = await theirs(each)
    if ('problems' in result) {
      tally.refused++
      if ('value' in expected && result.problems.every(({ code }) => code === 'syntax'))
        refusedWithValue.push(each.name)
      continue
    }
    tally[result.expression.backend]++
    const before = evaluationCounts().repeated
    const found = ours(result.expression, each)
    const isLimit = 'code' in found && found.code === 'D2015'
    if (isLimit) tally.beyondLimits++
    else if ('value' in expected) tally.gaveUp += evaluationCounts().repeated - before
    if (!isLimit && JSON.stringify(found) !== JSON.stringify(expected))
      differences.push({ ...each, data: undefined, found, expected })
  }
  console.warn(`official suite: ${JSON.stringify({ cases: cases.length, ...tally })}`)
  expect(differences).toEqual([])
  expect(refusedWithValue).toEqual([])
  expect(tally.beyondLimits).toBeLessThan(10)
  const run = tally.path + tally.compiled + tally.interpreter - tally.beyondLimits
  expect((run - tally.interpreter - tally.gaveUp) / run).toBeGreaterThanOrEqual(0.97)
}, 120_000)
