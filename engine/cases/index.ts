import { casesIn, deliveriesIn } from '../definition/case-files.ts'
import type { Catalog, Integration } from '../definition/catalog.ts'
import type { Located } from '../definition/document.ts'
import type { SourceFile } from '../definition/files.ts'
import type { Issue } from '../definition/issue.ts'
import type { Case, DeliveryCase } from '../schema/generated.ts'
import { type Played, playCase } from './run-case.ts'
import { playDelivery } from './run-delivery.ts'

/** What running cases found: how many ran, and one issue `case_failed` for each that does not come out as written. */
export interface CaseReport {
  readonly count: number
  readonly issues: readonly Issue[]
}

/** A case and where it stands. */
export interface FoundCase {
  readonly integration: string
  /** A call or a connect, or a delivery of the provider. */
  readonly kind: 'call' | 'delivery'
  readonly value: Case | DeliveryCase
  /** The file as people find it, and the line of its name. */
  readonly file: string
  readonly line: number
  /** JSON pointer in the file. */
  readonly pointer: string
  play(catalog: Catalog): Promise<Played<Case['expect'] | DeliveryCase['expect']>>
  failed(problems: readonly string[]): Issue
}

/** All cases in the files, calls before deliveries. Files with faults have none: compiling reports them. */
export function findCases(files: readonly SourceFile[]): FoundCase[] {
  return [
    ...casesIn(files).map(({ integration, node }) => found(integration, 'call', node, playCase)),
    ...deliveriesIn(files).map(({ integration, node }) => found(integration, 'delivery', node, playDelivery)),
  ]
}

function found<T extends Case | DeliveryCase>(
  integration: string,
  kind: FoundCase['kind'],
  node: Located<T>,
  play: (catalog: Catalog, known: Integration, value: T) => Promise<Played<T['expect']>>,
): FoundCase {
  const { value, pointer } = node
  const name = node.at('name' as never) ?? node
  const { file, line } = name.address
  return {
    ...{ integration, kind, value, pointer, file, line },
    play: async (catalog) => {
      const known = catalog.integrations.get(integration)
      if (known !== undefined) return await play(catalog, known, value)
      return { actual: undefined, fits: false, problems: [`there is no integration ${integration}`] }
    },
    failed: (problems) => {
      const hint = 'See whether the case or the definition is wrong.'
      return name.issue('value', 'case_failed', { message: `${value.name}: ${problems.join('; ')}`, hint })
    },
  }
}

/** Runs the cases of the files, each through an engine of its own with its exchanges for a network. */
export async function runCases(catalog: Catalog, files: readonly SourceFile[]): Promise<CaseReport> {
  const issues: Issue[] = []
  const cases = findCases(files)
  for (const each of cases) {
    const { problems } = await each.play(catalog)
    if (problems.length > 0) issues.push(each.failed(problems))
  }
  return { count: cases.length, issues }
}
