import { resolve } from 'node:path'
import {
  type Catalog,
  compileCatalog,
  EngineError,
  type Integration,
  renderIssues,
  type SourceFile,
  shownPath,
} from '../../engine/index.ts'
import { type DefinitionFile, findDefinitions, readDefinition } from '../definitions.ts'
import { builtInFolder } from '../load-definitions.ts'

/** Definitions that somebody works on, compiled, with their cases. */
export interface Kit {
  readonly catalog: Catalog
  /** Files of the integrations, cases included. */
  readonly files: readonly SourceFile[]
  /** Where files are on this machine, by the path that people find them by. */
  readonly places: ReadonlyMap<string, string>
}

/** Which definitions are opened. */
export interface KitOptions {
  /** Further folders with integrations/ in them, in place of built-ins of the same name. */
  readonly folders: readonly string[]
  /** The one integration that is wanted; default all. */
  readonly only?: string | undefined
  /** The folder that stands for what Onefold brings along. */
  readonly home?: string | undefined
}

const ownerOf = (path: string): string | undefined => /^integrations\/([^/]+)\//.exec(path)?.[1]

/** Reads and compiles definitions. Throws EngineError definition_invalid with every issue, or unknown_integration. */
export function openKit({ folders, only, home = builtInFolder() }: KitOptions): Kit {
  const builtIn = findDefinitions([{ path: home }])
  const extra = findDefinitions(folders.map((path) => ({ path: resolve(path), root: path.replace(/\/+$/, '') })))
  const replaced = new Set(extra.flatMap(({ path }) => (path.endsWith('/integration.yaml') ? [ownerOf(path)] : [])))
  const all = [...builtIn.filter(({ path }) => !replaced.has(ownerOf(path) ?? '')), ...extra]
  const wanted = all.filter(({ path }) => only === undefined || [undefined, only].includes(ownerOf(path)))
  if (only !== undefined && !wanted.some(({ path }) => ownerOf(path) === only)) throw unknown(only, all)
  const files = wanted.map(readDefinition)
  const { catalog, issues } = compileCatalog(files)
  if (catalog === undefined) {
    throw new EngineError('definition_invalid', `The definitions are not valid:\n${renderIssues(issues)}`, {
      hint: 'onefold check shows all that is wrong.',
    })
  }
  const places = new Map(wanted.map((file): [string, string] => [shownPath({ ...file, text: '' }), file.place]))
  return { catalog, files: files.filter(({ path }) => ownerOf(path) !== undefined), places }
}

function unknown(name: string, all: readonly DefinitionFile[]): EngineError {
  const valid = [...new Set(all.flatMap(({ path }) => ownerOf(path) ?? []))].sort()
  const hint = `There is one of ${valid.join(', ')}; --definitions names further folders.`
  return new EngineError('unknown_integration', `There is no integration ${name}`, { valid, hint })
}

/** The integration of a kit that was opened for it. */
export function integrationIn({ catalog }: Kit, name: string): Integration {
  const found = catalog.integrations.get(name)
  if (found !== undefined) return found
  throw new EngineError('unknown_integration', `There is no integration ${name}`, {
    valid: [...catalog.integrations.keys()],
  })
}
