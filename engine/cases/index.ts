import { casesIn, deliveriesIn } from '../definition/case-files.ts'
import type { Catalog, Integration } from '../definition/catalog.ts'
import type { Located } from '../definition/document.ts'
import type { SourceFile } from '../definition/files.ts'
import type { Issue } from '../definition/issue.ts'
import { runCase } from './run-case.ts'
import { runDelivery } from './run-delivery.ts'

/** What running cases found: how many ran, and one issue `case_failed` for each that does not come out as written. */
export interface CaseReport {
  readonly count: number
  readonly issues: readonly Issue[]
}

/** Runs the cases of the files, each through an engine of its own with its exchanges for a network. */
export async function runCases(catalog: Catalog, files: readonly SourceFile[]): Promise<CaseReport> {
  const issues: Issue[] = []
  const calls = casesIn(files)
  const deliveries = deliveriesIn(files)
  for (const { integration, node } of calls) {
    issues.push(...(await problemsOf(catalog, integration, node, (known) => runCase(catalog, known, node.value))))
  }
  for (const { integration, node } of deliveries) {
    issues.push(...(await problemsOf(catalog, integration, node, (known) => runDelivery(catalog, known, node.value))))
  }
  return { count: calls.length + deliveries.length, issues }
}

async function problemsOf(
  catalog: Catalog,
  name: string,
  node: Located<{ readonly name: string }>,
  run: (integration: Integration) => Promise<string[]>,
): Promise<Issue[]> {
  const integration = catalog.integrations.get(name)
  const problems = integration === undefined ? [`there is no integration ${name}`] : await run(integration)
  if (problems.length === 0) return []
  const message = `${node.value.name}: ${problems.join('; ')}`
  const hint = 'See whether the case or the definition is wrong.'
  return [(node.at('name') ?? node).issue('value', 'case_failed', { message, hint })]
}
