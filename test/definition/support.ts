import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { OverrideLayers, SourceFile } from '../../engine/index.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The YAML files below a folder, with paths relative to it. */
function filesBelow(folder: string, root?: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8'), ...(root === undefined ? {} : { root }) }))
}

/** A small good definition that golden faults are put into. */
export const baseFiles = (): SourceFile[] => filesBelow(here('./base'))

/** The made-up provider of an unlike shape, as an added folder. */
export const quarryFiles = (): SourceFile[] => filesBelow(here('../fixtures/providers/quarry'), 'quarry')

/** The models that Onefold brings along. */
export const modelFiles = (): SourceFile[] =>
  filesBelow(here('../../unified-models')).map((file) => ({ ...file, path: `unified-models/${file.path}` }))

/** A text of a file of the base replaced by another, or a whole file put in its place. */
export interface Change {
  readonly file: string
  readonly from?: string
  readonly to?: string
  readonly text?: string
  readonly root?: string
  /** Characters of a comment to add at the end. */
  readonly pad?: number
}

/** An issue that a golden expects; `at` is the text that stands at its line and column. */
export interface ExpectedIssue {
  readonly code: string
  readonly severity?: 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly at: string
}

/** A bad definition: what is changed in the base, and every issue that has to come of it. */
export interface Golden {
  readonly name: string
  readonly changes?: readonly Change[]
  /** Overrides laid over acme, whose issues are meant then. */
  readonly overrides?: OverrideLayers
  /** Whether the cases are run. */
  readonly run?: boolean
  /** An OpenAPI document that acme is held against. */
  readonly openapi?: object
  readonly expect: readonly ExpectedIssue[]
}

/** Golden definitions by the file that holds them. */
export function goldens(): [file: string, Golden[]][] {
  const folder = here('./golden')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => [name, parse(readFileSync(join(folder, name), 'utf8')) as Golden[]])
}

/** The base with changes. Throws when a text to be replaced does not stand there exactly once. */
export function changed(files: readonly SourceFile[], changes: readonly Change[]): SourceFile[] {
  return changes.reduce<SourceFile[]>(
    (all, change) => {
      const { file: path, from, to = '', text, root, pad = 0 } = change
      if (text !== undefined) {
        const kept = all.filter((file) => file.path !== path || file.root !== root)
        return [...kept, { path, text, ...(root === undefined ? {} : { root }) }]
      }
      const old = all.find((file) => file.path === path)
      if (old === undefined) throw new Error(`there is no ${path}`)
      if (from === undefined) return all.filter((file) => file !== old)
      if (old.text.split(from).length !== 2) throw new Error(`${path} has not exactly one ${JSON.stringify(from)}`)
      const end = pad === 0 ? '' : `# ${' '.repeat(pad)}`
      const mended = old.text.replace(from, () => to) + end
      return all.map((file) => (file === old ? { ...file, text: mended } : file))
    },
    [...files],
  )
}
