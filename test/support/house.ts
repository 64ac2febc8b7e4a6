import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** A file of the checkout: its path from the root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** The paths of all files below a folder of the checkout, from the root; none when there is no such folder. */
export function pathsBelow(folder: string): string[] {
  const absolute = join(ROOT, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** The text of a file of the checkout. */
export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Reads the files below folders whose path fits a pattern. */
export function readFiles(folders: readonly string[], pattern: RegExp): SourceFile[] {
  return folders
    .flatMap(pathsBelow)
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: textOf(path) }))
}
