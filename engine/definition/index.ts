import { createHash } from 'node:crypto'
import type { Catalog, Integration } from './catalog.ts'
import { checkIntegration } from './check/index.ts'
import { integrationOf } from './compile/integration.ts'
import type { SourceFile } from './files.ts'
import { FrozenMap } from './frozen.ts'
import { type Issue, sortIssues } from './issue.ts'
import { compileModels } from './models.ts'
import { register } from './registry.ts'

export { ISSUE_CODES, type IssueCode } from './codes.ts'
export { type ExpressionEntry, listExpressions } from './expressions.ts'
export type { SourceFile } from './files.ts'
export { type Issue, renderIssues } from './issue.ts'
export { languageMarkdown } from './language.ts'
export { compileOverrides, type OverrideLayers } from './overrides.ts'

/**
 * Parses, validates, checks and compiles definitions. All issues of all files are reported at once, sorted by file and
 * line; the catalog is there when none of them is an error, deeply frozen.
 */
export function compileCatalog(files: readonly SourceFile[]): { catalog: Catalog | undefined; issues: Issue[] } {
  const { registry, issues } = register(files)
  const { models, issues: modelIssues } = compileModels(registry.modelDocuments)
  issues.push(...modelIssues)
  for (const integration of registry.integrations.values()) issues.push(...checkIntegration({ integration, models }))
  const shown = sortIssues(withoutEchoes(issues))
  if (shown.some(({ severity }) => severity === 'error')) return { catalog: undefined, issues: shown }
  const integrations = [...registry.integrations].map(([name, integration]): [string, Integration] => [
    name,
    integrationOf({ integration, models }),
  ])
  const catalog = { hash: hashOf(files), integrations: new FrozenMap(integrations), models }
  return { catalog: Object.freeze(catalog), issues: shown }
}

/** On a line that YAML misreads, and where it reads an alias, only that is worth telling; the same fault is told once. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const misread = new Set(issues.flatMap(({ code, file, line }) => (code === 'yaml_trap' ? [`${file}:${line}`] : [])))
  const features = new Set(issues.flatMap((issue) => (issue.code === 'yaml_feature' ? [placeOf(issue)] : [])))
  const unique = new Map<string, Issue>()
  for (const issue of issues) {
    const { file, line, code, message } = issue
    const isEcho = misread.has(`${file}:${line}`) || features.has(placeOf(issue))
    if (code.startsWith('yaml_') || !isEcho) unique.set(`${placeOf(issue)} ${code} ${message}`, issue)
  }
  return [...unique.values()]
}

const placeOf = ({ file, line, column }: Issue): string => `${file}:${line}:${column}`

/** sha256 over paths and texts, whatever their order. */
function hashOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256')
  for (const line of files.map(({ root = '', path, text }) => JSON.stringify([root, path, text])).sort())
    hash.update(line)
  return hash.digest('hex')
}
