import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { NOT_INSTALLED } from './official-cli.ts'
import { ABSENT } from './shared-data.ts'

/** The only reasons for which CI lets a test be skipped: it judges by something from outside that is not here. */
const REASONS: readonly string[] = [ABSENT, NOT_INSTALLED]

/** What one run of the tests came to; `unallowedSkips` are counted as failed in CI. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly allowedSkips: readonly string[]
  readonly unallowedSkips: readonly string[]
}

type Finished = Pick<TestCase, 'fullName' | 'result'>

const noteOf = (test: Finished): string => {
  const result = test.result()
  return result.state === 'skipped' ? (result.note ?? '') : ''
}

/** Counts finished tests; `broken` are files and groups that failed outside a test. A skip is allowed only when its note or the test's name gives one of the reasons above. */
export function countTests(tests: readonly Finished[], broken: number): Counts {
  const inState = (state: string) => tests.filter((test) => test.result().state === state)
  const mayBeSkipped = (test: Finished) =>
    REASONS.some((reason) => noteOf(test).includes(reason) || test.fullName.includes(reason))
  const describeSkip = (test: Finished) => `${test.fullName}: ${noteOf(test) || 'no reason given'}`
  const skipped = [...inState('skipped'), ...inState('pending')]
  return {
    passed: inState('passed').length,
    failed: inState('failed').length + broken,
    allowedSkips: skipped.filter(mayBeSkipped).map(describeSkip),
    unallowedSkips: skipped.filter((test) => !mayBeSkipped(test)).map(describeSkip),
  }
}

/** Writes the Counts of a run to test/.artifacts/counts.json; with CI set, an unallowed skip fails the run. */
export class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
    const broken = groups.filter((group) => group.errors().length > 0).length
    const counts = countTests(tests, broken + unhandledErrors.length)
    const file = resolve(import.meta.dirname, '../.artifacts/counts.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(counts, null, 2))
    if (process.env.CI === undefined || counts.unallowedSkips.length === 0) return
    console.error(`\nSkipped without leave (in CI this fails):\n  ${counts.unallowedSkips.join('\n  ')}`)
    process.exitCode = 1
  }
}
