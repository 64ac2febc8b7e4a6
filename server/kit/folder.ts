import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { compileCatalog, EngineError, type Issue, runCases, type SourceFile } from '../../engine/index.ts'
import { readDefinitions } from '../definitions.ts'
import { builtInFolder } from '../load-definitions.ts'

/** The folder of a provider that is made. */
export interface Target {
  /** Absolute path of the definitions folder, which holds `integrations/`. */
  readonly definitions: string
  readonly name: string
}

const NAME = /^[a-z][a-z0-9_-]{0,60}$/

/**
 * Where a provider called so goes. Throws EngineError invalid_request for a name that the language does not take or that
 * Onefold brings along already.
 */
export function targetOf(definitions: string, name: string): Target {
  if (!NAME.test(name)) {
    const hint = 'It starts with a small letter and goes on with small letters, digits, `_` and `-`.'
    throw new EngineError('invalid_request', `'${name}' is no name of an integration`, { where: 'name', hint })
  }
  const target = { definitions: resolve(definitions), name }
  const builtIn = join(builtInFolder(), 'integrations', name)
  if (existsSync(builtIn) && placeOf(target) !== builtIn) {
    const hint = 'Give another name; `onefold check` and overrides change what is there.'
    throw new EngineError('invalid_request', `Onefold brings an integration ${name} along`, { where: 'name', hint })
  }
  return target
}

/** The folder of the provider. */
export const placeOf = ({ definitions, name }: Target): string => join(definitions, 'integrations', name)

/** The way from a file of the provider to the schemas, for its modeline; `depth` is how many folders below it is. */
export function schemasFrom(target: Target, depth: number): string {
  const from = join(placeOf(target), ...Array.from({ length: depth }, () => 'x'))
  return relative(from, join(builtInFolder(), 'engine/schema/json')).split(sep).join('/')
}

/** Whether there is anything in the folder of the provider. */
export const isTaken = (target: Target): boolean =>
  existsSync(placeOf(target)) && readdirSync(placeOf(target)).length > 0

/** Files of the provider by path below its folder. */
export type Files = ReadonlyMap<string, string>

/** The YAML files that the folder of a provider holds. */
export async function filesOf({ definitions, name }: Target): Promise<Files> {
  const start = `integrations/${name}/`
  const all = await readDefinitions([{ path: definitions }])
  return new Map(all.flatMap(({ path, text }) => (path.startsWith(start) ? [[path.slice(start.length), text]] : [])))
}

/** What a check says of files before they are written: its issues, and how many cases ran. */
export async function checkFiles({ name }: Target, files: Files): Promise<{ issues: readonly Issue[]; cases: number }> {
  const models = (await readDefinitions([{ path: builtInFolder() }])).filter(({ path }) =>
    path.startsWith('unified-models/'),
  )
  const own = [...files].flatMap(([path, text]): SourceFile[] =>
    path.endsWith('.yaml') ? [{ path: `integrations/${name}/${path}`, text }] : [],
  )
  const { catalog, issues } = compileCatalog([...models, ...own])
  const cases = catalog === undefined ? { count: 0, issues: [] } : await runCases(catalog, own)
  return { issues: [...issues, ...cases.issues], cases: cases.count }
}

/** Writes a new provider, all of it or nothing. Throws EngineError invalid_request when its folder holds anything. */
export function writeNew(target: Target, files: Files): void {
  const place = placeOf(target)
  if (isTaken(target)) throw takenError(place)
  mkdirSync(dirname(place), { recursive: true })
  // Not in integrations/, where a server that watches would read half of it.
  const draft = mkdtempSync(join(target.definitions, '.draft-'))
  try {
    writeAll(draft, files)
    chmodSync(draft, 0o755)
    rmSync(place, { recursive: true, force: true })
    renameSync(draft, place)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw error
  }
}

/** Says that a folder is in use. */
export const takenError = (place: string, hint = 'Give another name or folder; nothing was written.'): EngineError =>
  new EngineError('invalid_request', `${place} holds files already`, { hint })

/** Writes files below a folder; existing ones are replaced. */
export function writeAll(folder: string, files: Files): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
