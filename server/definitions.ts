import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { EngineError, type SourceFile } from '../engine/index.ts'

/** A folder with `integrations/` and `unified-models/`. `root` names it in issues; without it, it is what Onefold brings along. */
export interface DefinitionFolder {
  readonly path: string
  readonly root?: string | undefined
}

const MOST_BYTES = 1_048_576
const PARTS = ['integrations', 'unified-models']
const RULES = ['rules']

/** A definition file that was found and may be read. */
export interface DefinitionFile {
  /** As in SourceFile. */
  readonly path: string
  readonly root?: string | undefined
  /** Where it is on this machine. */
  readonly place: string
  /** Bytes. */
  readonly size: number
  /** Time of its last change, in milliseconds since 1970. */
  readonly mtimeMs: number
}

/** Finds and reads the YAML files of definition folders, as findDefinitions and readDefinition do. */
export const readDefinitions = (folders: readonly DefinitionFolder[]): Promise<SourceFile[]> =>
  Promise.resolve().then(() => findDefinitions(folders).map(readDefinition))

/**
 * Finds the YAML files of definition folders. Symbolic links and files over 1 MB are refused (EngineError
 * definition_invalid), since a definition must not reach out of its folder; a folder that is missing counts as empty.
 */
export const findDefinitions = (folders: readonly DefinitionFolder[]): DefinitionFile[] =>
  folders.flatMap((folder) => findFolder(folder, PARTS))

/** Finds the case files of one integration in a folder of definitions, as findDefinitions does. */
export function findCases(folder: string, integration: string): readonly Pick<DefinitionFile, 'place'>[] {
  return yamlFilesBelow(join(folder, 'integrations', integration, 'cases'))
}

/** Finds and reads the files of rules in folders of definitions, as findDefinitions does. */
export const readRules = (folders: readonly DefinitionFolder[]): SourceFile[] =>
  folders.flatMap((folder) => findFolder(folder, RULES)).map(readDefinition)

/** Reads a file that was found. */
export function readDefinition({ path, root, place }: DefinitionFile): SourceFile {
  return { path, text: readFileSync(place, 'utf8'), ...(root === undefined ? {} : { root }) }
}

function findFolder({ path, root }: DefinitionFolder, parts: readonly string[]): DefinitionFile[] {
  const base = orUndefined(() => realpathSync(path))
  if (base === undefined) return []
  const found = parts.flatMap((part) => yamlFilesOf(join(base, part), root !== undefined))
  return found.map((file) => ({
    path: relative(base, file.place).split(sep).join('/'),
    ...(root === undefined ? {} : { root }),
    ...file,
  }))
}

type Found = Pick<DefinitionFile, 'place' | 'size' | 'mtimeMs'>

/** A part of a folder; only an installation may link its own from elsewhere. */
function yamlFilesOf(part: string, isExtra: boolean): Found[] {
  const isLink = orUndefined(() => lstatSync(part))?.isSymbolicLink() ?? false
  if (isLink && isExtra) throw refused(part, 'is a symbolic link')
  return yamlFilesBelow(part)
}

function yamlFilesBelow(folder: string): Found[] {
  const entries = orUndefined((): Dirent[] => readdirSync(folder, { withFileTypes: true })) ?? []
  const link = entries.find((entry) => entry.isSymbolicLink())
  if (link !== undefined) throw refused(join(folder, link.name), 'is a symbolic link')
  const files = entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return yamlFilesBelow(path)
    return /\.ya?ml$/.test(entry.name) ? checkedFile(path) : []
  })
  return files.sort((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)))
}

function checkedFile(place: string): Found[] {
  const stats = lstatSync(place)
  if (!stats.isFile()) throw refused(place, 'is no plain file')
  const { size, mtimeMs } = stats
  if (size > MOST_BYTES) throw refused(place, `has ${size} bytes, at most ${MOST_BYTES} are read`)
  return [{ place, size, mtimeMs }]
}

/** What cannot be reached counts as missing. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

const refused = (path: string, why: string): EngineError =>
  new EngineError('definition_invalid', `${path} ${why}`, {
    hint: 'Definitions are plain YAML files inside of their folder.',
  })
