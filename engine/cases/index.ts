import { casesIn } from '../definition/case-files.ts'
import type { Catalog } from '../definition/catalog.ts'
import type { SourceFile } from '../definition/files.ts'
import type { Issue } from '../definition/issue.ts'
import { runCase } from './run-case.ts'

/** What running cases found: how many ran, and one issue `case_failed` for each that does not come out as written. */
export interface CaseReport {
  readonly count: number
  readonly issues: readonly Issue[]
}

/** Runs the cases of the files, each through an engine of its own with its exchanges for a network. */
export async function runCases(catalog: Catalog, files: readonly SourceFile[]): Promise<CaseReport> {
  const issues: Issue[] = []
  const cases = casesIn(files)
  for (const { integration: name, node } of cases) {
    const integration = catalog.integrations.get(name)
    const problems =
      integration === undefined ? [`there is no integration ${name}`] : await runCase(catalog, integration, node.value)
    if (problems.length === 0) continue
    const place = node.at('name') ?? node
    const message = `${node.value.name}: ${problems.join('; ')}`
    const hint = 'See whether the case or the definition is wrong.'
    issues.push(place.issue('value', 'case_failed', { message, hint }))
  }
  return { count: cases.length, issues }
}
