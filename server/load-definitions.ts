import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type Catalog,
  compileCatalog,
  digestOf,
  type Issue,
  imageOfIntegration,
  imageOfModels,
  integrationOfImage,
  modelsOfImage,
  renderIssues,
  type SourceDigest,
  type SourceFile,
  shownPath,
} from '../engine/index.ts'
import type { DefinitionImages, ImageSubject, OpenedImage } from './definition-images.ts'
import { type DefinitionFile, findDefinitions, readDefinition } from './definitions.ts'
import type { LoadedDefinitions } from './live-definitions.ts'

/** The folder that holds the built-in `integrations/` and `unified-models/`: the nearest one above this file. */
export function builtInFolder(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'unified-models'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('The folder unified-models/ is missing from this installation')
  return builtInFolder(above)
}

/**
 * Finds and compiles the built-in definitions and those of more folders; a folder of a built-in's name takes its place.
 * The cases of built-ins are left to the tests and `onefold check`: they are half of all text and serve no call. What has
 * an image that fits is neither read nor checked again, and what has none gets one unless there is an issue in it.
 */
export const loadDefinitions = (
  folders: readonly string[],
  home: string = builtInFolder(),
  images?: DefinitionImages,
): Promise<LoadedDefinitions> => Promise.resolve().then(() => load(folders, home, images))

function load(folders: readonly string[], home: string, images: DefinitionImages | undefined): LoadedDefinitions {
  const builtIn = findDefinitions([{ path: home }]).filter(({ path }) => !path.includes('/cases/'))
  const extra = findDefinitions(folders.map((path) => ({ path, root: path })))
  const shadowing = new Set(
    extra.flatMap(({ path }) => (/\/integration\.ya?ml$/.test(path) ? [integrationOf(path)] : [])),
  )
  const kept = builtIn.filter(({ path }) => !shadowing.has(integrationOf(path)))
  const { catalog, issues } = compileAll([...kept, ...extra], images)
  const builtInNames = new Set(builtIn.map(({ path }) => integrationOf(path)))
  const shadowed = new Set([...shadowing].filter((name) => builtInNames.has(name)))
  return { catalog: catalog ?? null, issues: renderIssues(issues), found: issues, shadowed }
}

/** Name of the integration that a file belongs to, or an empty text. */
function integrationOf(path: string): string {
  return /^integrations\/([^/]+)\//.exec(path)?.[1] ?? ''
}

type Compiled = { readonly catalog: Catalog | undefined; readonly issues: readonly Issue[] }

/** Files that have one image: those of an integration, or those of all models. */
interface Group {
  readonly subject: ImageSubject
  readonly files: readonly DefinitionFile[]
}

/** A group with its image, if one fits, or else its files as they were read. */
interface Looked extends Group {
  readonly image: OpenedImage | undefined
  readonly texts: readonly SourceFile[]
}

function compileAll(files: readonly DefinitionFile[], images: DefinitionImages | undefined): Compiled {
  const look = ({ subject, files: own }: Group): Looked => {
    const image = images?.open(subject, own)
    return { subject, files: own, image, texts: image === undefined ? own.map(readDefinition) : [] }
  }
  const { models, integrations, others } = groupsOf(files)
  const model = look(models)
  const digest = digestOfAll(model)
  const looked = integrations.map((group) => look({ ...group, subject: withModels(group.subject, digest) }))
  const fresh = looked.filter(({ image }) => image === undefined)
  const known = looked.flatMap(({ image }) => (image === undefined ? [] : [image]))
  const compiled = compileCatalog([model, ...fresh].flatMap(({ texts }) => texts).concat(others.map(readDefinition)), {
    models: model.image === undefined ? undefined : modelsOfImage(model.image.section),
    integrations: known.map(({ section }) => integrationOfImage(section)),
    sources: [...(model.image?.sources ?? []), ...known.flatMap(({ sources }) => sources)],
  })
  if (images !== undefined) keepAll(images, compiled, model, fresh)
  return compiled
}

function groupsOf(files: readonly DefinitionFile[]): {
  readonly models: Group
  readonly integrations: readonly Group[]
  readonly others: readonly DefinitionFile[]
} {
  const models = files.filter(({ path }) => path.startsWith('unified-models/'))
  const byName = new Map<string, DefinitionFile[]>()
  for (const file of files) {
    const name = integrationOf(file.path)
    if (name === '') continue
    const own = byName.get(name)
    if (own === undefined) byName.set(name, [file])
    else own.push(file)
  }
  const integrations = [...byName].map(
    ([name, own]): Group => ({ subject: subjectOf(`integration-${name}`, own), files: own }),
  )
  const isOther = ({ path }: DefinitionFile): boolean =>
    integrationOf(path) === '' && !path.startsWith('unified-models/')
  return {
    models: { subject: subjectOf('models', models), files: models },
    integrations,
    others: files.filter(isOther),
  }
}

/** Files of added folders have an image of their own for each choice of folders. */
function subjectOf(name: string, files: readonly DefinitionFile[]): ImageSubject {
  const roots = [...new Set(files.map(({ root = '' }) => root))]
  const isAdded = roots.some((root) => root !== '')
  const mark = createHash('sha256').update(JSON.stringify(roots)).digest('hex').slice(0, 16)
  return { name: isAdded ? `${name}-${mark}` : name, dependsOn: roots }
}

const withModels = ({ name, dependsOn }: ImageSubject, digest: string): ImageSubject => ({
  name,
  dependsOn: [...dependsOn, digest],
})

function digestOfAll({ image, texts }: Looked): string {
  const sources: readonly SourceDigest[] = image?.sources ?? texts.map(digestOf)
  const lines = sources.map(({ root = '', path, sha256 }) => [root, path, sha256])
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex')
}

/** Keeps images of what was compiled just now, where there is nothing to be told about it or the models. */
function keepAll(
  images: DefinitionImages,
  { catalog, issues }: Compiled,
  model: Looked,
  fresh: readonly Looked[],
): void {
  if (catalog === undefined) return
  const faulty = new Set(issues.map(({ file }) => file))
  const isFaulty = ({ texts }: Looked): boolean => texts.some((file) => faulty.has(shownPath(file)))
  if (isFaulty(model)) return
  if (model.image === undefined)
    images.keep(model.subject, model.files, model.texts, () => imageOfModels(catalog.models))
  for (const group of fresh) {
    const integration = catalog.integrations.get(integrationOf(group.files[0]?.path ?? ''))
    if (integration === undefined || isFaulty(group)) continue
    images.keep(group.subject, group.files, group.texts, () => imageOfIntegration(integration))
  }
}
