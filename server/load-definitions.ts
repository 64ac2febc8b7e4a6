import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileCatalog, renderIssues, type SourceFile } from '../engine/index.ts'
import { readDefinitions } from './definitions.ts'
import type { LoadedDefinitions } from './live-definitions.ts'

/** The folder that holds the built-in `integrations/` and `unified-models/`: the nearest one above this file. */
export function builtInFolder(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'unified-models'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('The folder unified-models/ is missing from this installation')
  return builtInFolder(above)
}

/**
 * Reads and compiles the built-in definitions and those of more folders; a folder of a built-in's name takes its place.
 * The cases of built-ins are left to the tests and `onefold check`: they are half of all text and serve no call.
 */
export async function loadDefinitions(
  folders: readonly string[],
  home: string = builtInFolder(),
): Promise<LoadedDefinitions> {
  const builtIn = (await readDefinitions([{ path: home }])).filter(({ path }) => !path.includes('/cases/'))
  const extra = await readDefinitions(folders.map((path) => ({ path, root: path })))
  const shadowing = new Set(
    extra.flatMap(({ path }) => (/\/integration\.ya?ml$/.test(path) ? [integrationOf(path)] : [])),
  )
  const kept = builtIn.filter(({ path }) => !shadowing.has(integrationOf(path)))
  const files: SourceFile[] = [...kept, ...extra]
  const { catalog, issues } = compileCatalog(files)
  const builtInNames = new Set(builtIn.map(({ path }) => integrationOf(path)))
  const shadowed = new Set([...shadowing].filter((name) => builtInNames.has(name)))
  return { catalog: catalog ?? null, issues: renderIssues(issues), shadowed }
}

/** Name of the integration that a file belongs to, or an empty text. */
function integrationOf(path: string): string {
  return /^integrations\/([^/]+)\//.exec(path)?.[1] ?? ''
}
