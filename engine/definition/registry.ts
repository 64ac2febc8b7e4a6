import type {
  CaseFile,
  Integration,
  MappingFile,
  Method,
  Resource,
  SandboxFile,
  Webhooks,
} from '../schema/generated.ts'
import type { Model } from './catalog.ts'
import { type Document, Located } from './document.ts'
import { type FilePlace, placeOf, type SourceFile, shownPath } from './files.ts'
import { type Issue, issueAt } from './issue.ts'
import { SourceText } from './source-text.ts'
import { type Reference, validate } from './validate.ts'
import { readYaml } from './yaml.ts'

/** The files of one integration, read and held against the schema, and what refers to what. */
export interface RawIntegration {
  readonly name: string
  readonly root: string | undefined
  definition: Located<Integration> | undefined
  readonly resources: Map<string, Located<Resource>>
  /** Methods by `resource.method`. */
  readonly operations: Map<string, Located<Method>>
  /** Mapping files by model. */
  readonly mappings: Map<string, Located<MappingFile>>
  readonly cases: Located<CaseFile>[]
  readonly sandbox: Located<SandboxFile>[]
  webhooks: Located<Webhooks> | undefined
  readonly references: Reference[]
  readonly documents: Document[]
  /** Some file cannot be read: what refers to it is not reported again. */
  isBroken: boolean
}

/** A file of a model, read and held against the schema. */
export interface ModelDocument {
  readonly place: FilePlace
  readonly root: string | undefined
  readonly document: Document
}

/** All files by what they belong to. */
export interface Registry {
  readonly integrations: ReadonlyMap<string, RawIntegration>
  readonly modelDocuments: readonly ModelDocument[]
}

/** An integration with the models it is mapped into: what a check is given. */
export interface Subject {
  readonly integration: RawIntegration
  readonly models: ReadonlyMap<string, Model>
}

/** Reads all files, holds each against its schema and sorts them by what they belong to. */
export function register(files: readonly SourceFile[]): { registry: Registry; issues: Issue[] } {
  const issues: Issue[] = []
  const integrations = new Map<string, RawIntegration>()
  const modelDocuments: ModelDocument[] = []
  const seen = new Map<string, SourceFile>()
  for (const file of sorted(files)) {
    const place = placeOf(file.path)
    const earlier = seen.get(file.path)
    if (place === undefined) issues.push(unknownFile(file))
    else if (place.kind.startsWith('unified-') && earlier !== undefined) issues.push(secondModel(file, earlier))
    else if (place.kind.startsWith('unified-')) {
      seen.set(file.path, file)
      const { document, issues: found } = readYaml(file, place.kind)
      issues.push(...found, ...validate(document).issues)
      modelDocuments.push({ place, root: file.root, document })
    } else issues.push(...addToIntegration(integrations, file, place))
  }
  return { registry: { integrations, modelDocuments }, issues }
}

/** Built-in files first, so that an added folder is told that it shadows; then by path. */
const sorted = (files: readonly SourceFile[]): SourceFile[] =>
  [...files].sort(
    (a, b) =>
      Number(a.root !== undefined) - Number(b.root !== undefined) || (a.path < b.path ? -1 : Number(a.path > b.path)),
  )

function unknownFile(file: SourceFile): Issue {
  const hint =
    'Files stand in integrations/<name>/ as integration.yaml, resources/, mappings/, cases/, sandbox/ or webhooks.yaml, and in unified-models/.'
  const message = 'no file of the language belongs here'
  return issueAt(new SourceText(shownPath(file), file.text), [0, 0], 'unknown_file', { message, hint })
}

function secondModel(file: SourceFile, earlier: SourceFile): Issue {
  const code = earlier.root === undefined ? 'shadows_builtin' : 'duplicate_name'
  const facts = { message: `${shownPath(earlier)} is there already`, hint: 'Give the model or resource another name.' }
  return issueAt(new SourceText(shownPath(file), file.text), [0, 0], code, facts)
}

/** An added integration of the same name: it takes the place of a built-in one, which is worth a warning. */
function secondIntegration(file: SourceFile, known: RawIntegration): Issue {
  const isBuiltin = known.root === undefined
  return issueAt(new SourceText(shownPath(file), file.text), [0, 0], isBuiltin ? 'shadows_builtin' : 'duplicate_name', {
    severity: isBuiltin ? 'warning' : 'error',
    message: `the integration ${known.name} is there already${isBuiltin ? ', and this one takes its place' : ''}`,
    hint: 'Give the integration another name, unless you mean to replace it.',
  })
}

type IntegrationFile = {
  owner: string
  stem: string
  kind: 'integration' | 'resource' | 'mapping' | 'case' | 'sandbox' | 'webhooks'
}

function addToIntegration(
  integrations: Map<string, RawIntegration>,
  file: SourceFile,
  place: FilePlace,
): readonly Issue[] {
  const { kind, owner, stem } = place as IntegrationFile
  const known = integrations.get(owner)
  const isOther = known !== undefined && known.root !== file.root
  const second = isOther ? [secondIntegration(file, known)] : []
  if (isOther && known.root !== undefined) return second
  const integration = known === undefined || isOther ? emptyIntegration(owner, file.root) : known
  integrations.set(owner, integration)
  const { document, issues } = readYaml(file, kind)
  integration.isBroken ||= document.isBroken
  integration.documents.push(document)
  if (document.isBroken) return [...second, ...issues]
  const findings = validate(document)
  integration.references.push(...findings.references)
  return [...second, ...issues, ...findings.issues, ...fileUnder(integration, document, kind, stem)]
}

const emptyIntegration = (name: string, root: string | undefined): RawIntegration => ({
  name,
  root,
  definition: undefined,
  resources: new Map(),
  operations: new Map(),
  mappings: new Map(),
  cases: [],
  sandbox: [],
  webhooks: undefined,
  references: [],
  documents: [],
  isBroken: false,
})

function fileUnder(
  integration: RawIntegration,
  document: Document,
  kind: IntegrationFile['kind'],
  stem: string,
): Issue[] {
  if (document.data === undefined) {
    integration.isBroken = true
    return []
  }
  if (kind === 'integration') {
    integration.definition = new Located(document, '', document.data as Integration)
    return sameName(integration.definition.at('name'), integration.name, 'folder')
  }
  if (kind === 'mapping') {
    const mapping = new Located(document, '', document.data as MappingFile)
    integration.mappings.set(mapping.at('model')?.value ?? stem, mapping)
    return sameName(mapping.at('model'), stem, 'file')
  }
  if (kind === 'case') {
    integration.cases.push(new Located(document, '', document.data as CaseFile))
    return []
  }
  if (kind === 'sandbox') {
    integration.sandbox.push(new Located(document, '', document.data as SandboxFile))
    return []
  }
  if (kind === 'webhooks') {
    integration.webhooks = new Located(document, '', document.data as Webhooks)
    return []
  }
  const resource = new Located(document, '', document.data as Resource)
  const name = resource.at('name')?.value ?? stem
  integration.resources.set(name, resource)
  for (const [method, node] of resource.at('methods')?.entries() ?? []) {
    integration.operations.set(`${name}.${method}`, node)
  }
  return sameName(resource.at('name'), stem, 'file')
}

/** Names repeat in files and folders so that one finds the other. */
export function sameName(name: Located<string> | undefined, expected: string, what: 'file' | 'folder'): Issue[] {
  if (name === undefined || name.value === expected) return []
  const message = `the ${what} is called \`${expected}\`, this name is \`${name.value}\``
  return [name.issue('value', 'name_mismatch', { message, hint: `Write \`${expected}\`, or rename the ${what}.` })]
}
