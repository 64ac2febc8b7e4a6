import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { EngineError, type SourceFile } from '../engine/index.ts'

/** A folder with `integrations/` and `unified-models/`. `root` names it in issues; without it, it is what Onefold brings along. */
export interface DefinitionFolder {
  readonly path: string
  readonly root?: string | undefined
}

const MOST_BYTES = 1_048_576
const PARTS = ['integrations', 'unified-models']

/**
 * Reads the YAML files of definition folders. Symbolic links and files over 1 MB are refused (EngineError
 * definition_invalid), since a definition must not reach out of its folder; a folder that is missing counts as empty.
 */
export async function readDefinitions(folders: readonly DefinitionFolder[]): Promise<SourceFile[]> {
  const read = await Promise.all(folders.map(readFolder))
  return read.flat()
}

async function readFolder({ path, root }: DefinitionFolder): Promise<SourceFile[]> {
  const base = await realpath(path).catch(() => undefined)
  if (base === undefined) return []
  const lists = await Promise.all(PARTS.map((part) => yamlFilesOf(join(base, part), root !== undefined)))
  return Promise.all(
    lists.flat().map(async (file) => ({
      path: relative(base, file).split(sep).join('/'),
      text: await readFile(file, 'utf8'),
      ...(root === undefined ? {} : { root }),
    })),
  )
}

/** A part of a folder; only an installation may link its own from elsewhere. */
async function yamlFilesOf(part: string, isExtra: boolean): Promise<string[]> {
  const isLink = await lstat(part).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
  if (isLink && isExtra) throw refused(part, 'is a symbolic link')
  return yamlFilesBelow(part)
}

async function yamlFilesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  // Before anything is read: a throw half-way would leave the failures of what was begun with nobody to hear them.
  const link = entries.find((entry) => entry.isSymbolicLink())
  if (link !== undefined) throw refused(join(folder, link.name), 'is a symbolic link')
  const files = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return yamlFilesBelow(path)
      return /\.ya?ml$/.test(entry.name) ? checkedFile(path) : []
    }),
  )
  return files.flat().sort()
}

async function checkedFile(path: string): Promise<string[]> {
  const { size, isFile } = await lstat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }))
  if (!isFile) throw refused(path, 'is no plain file')
  if (size > MOST_BYTES) throw refused(path, `has ${size} bytes, at most ${MOST_BYTES} are read`)
  return [path]
}

const refused = (path: string, why: string): EngineError =>
  new EngineError('definition_invalid', `${path} ${why}`, {
    hint: 'Definitions are plain YAML files inside of their folder.',
  })
