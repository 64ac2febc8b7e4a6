import { createHash } from 'node:crypto'
import type { Catalog, Integration, Model } from './catalog.ts'
import { checkIntegration } from './check/index.ts'
import { integrationOf } from './compile/integration.ts'
import type { SourceFile } from './files.ts'
import { FrozenMap } from './frozen.ts'
import { type Issue, sortIssues } from './issue.ts'
import { compileModels } from './models.ts'
import { register } from './registry.ts'

export { compareWithOpenApi } from './check-openapi.ts'
export { ISSUE_CODES, type IssueCode } from './codes.ts'
export { type ExpressionEntry, listExpressions } from './expressions.ts'
export { type SourceFile, shownPath } from './files.ts'
export {
  type Image,
  imageOfIntegration,
  imageOfModels,
  integrationOfImage,
  modelsOfImage,
  type SectionReader,
} from './image.ts'
export { type Issue, issueNear, renderIssues } from './issue.ts'
export { languageMarkdown } from './language.ts'
export { compileOverrides, type OverrideLayers } from './overrides.ts'
export type { QuietTimes, Rule, RuleAction, RuleStep } from './rule-types.ts'
export { compileRules } from './rules.ts'

/** The digest of a source file: sha256 of its text, hex. */
export interface SourceDigest {
  readonly path: string
  readonly root?: string | undefined
  readonly sha256: string
}

/** What is compiled already: definitions without any issue, and the files that they were made of. */
export interface KnownDefinitions {
  /** All models, or undefined when they are to be read from the files. */
  readonly models?: ReadonlyMap<string, Model> | undefined
  readonly integrations: readonly Integration[]
  readonly sources: readonly SourceDigest[]
}

const NOTHING_KNOWN: KnownDefinitions = { integrations: [], sources: [] }

/**
 * Parses, validates, checks and compiles definitions. All issues of all files are reported at once, sorted by file and
 * line; the catalog is there when none of them is an error, deeply frozen. What is known is taken as it is.
 */
export function compileCatalog(
  files: readonly SourceFile[],
  known: KnownDefinitions = NOTHING_KNOWN,
): { catalog: Catalog | undefined; issues: Issue[] } {
  const { registry, issues } = register(files)
  const fresh = known.models === undefined ? compileModels(registry.modelDocuments) : undefined
  const models = known.models ?? fresh?.models ?? new FrozenMap<string, Model>([])
  issues.push(...(fresh?.issues ?? []))
  for (const integration of registry.integrations.values()) issues.push(...checkIntegration({ integration, models }))
  const shown = sortIssues(withoutEchoes(issues))
  if (shown.some(({ severity }) => severity === 'error')) return { catalog: undefined, issues: shown }
  const compiled = [...registry.integrations.values()].map((integration) => integrationOf({ integration, models }))
  const all = known.integrations.length === 0 ? compiled : inOrder([...known.integrations, ...compiled])
  const integrations = new FrozenMap(all.map((integration) => [integration.name, integration]))
  const catalog = { hash: hashOf([...known.sources, ...files.map(digestOf)]), integrations, models }
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

/** As their files are read: built-in ones first, then by path. */
const inOrder = (integrations: readonly Integration[]): Integration[] =>
  [...integrations].sort(
    (a, b) => Number(a.isExtra) - Number(b.isExtra) || (`${a.name}/` < `${b.name}/` ? -1 : Number(a.name !== b.name)),
  )

/** The digest of a file that was read. */
export function digestOf({ path, root, text }: SourceFile): SourceDigest {
  return { path, root, sha256: createHash('sha256').update(text).digest('hex') }
}

/** sha256 over paths and texts, whatever their order. */
function hashOf(sources: readonly SourceDigest[]): string {
  const hash = createHash('sha256')
  for (const line of sources.map(({ root = '', path, sha256 }) => JSON.stringify([root, path, sha256])).sort())
    hash.update(line)
  return hash.digest('hex')
}
