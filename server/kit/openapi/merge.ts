import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isMap, isScalar, parse, parseDocument } from 'yaml'
import { EngineError } from '../../../engine/index.ts'
import { type Files, placeOf, type Target } from '../folder.ts'
import type { Import } from './contract.ts'
import { keyOf } from './import.ts'
import type { MainFile } from './integration.ts'

/** What a merge writes, and what stays as it is. */
export interface Merge {
  /** Files that are new or have new operations. */
  readonly files: Files
  readonly added: readonly string[]
  /** Operations of the document that the folder has already, by their names there. */
  readonly kept: readonly string[]
}

type Resource = { methods?: Record<string, { verb?: string; path?: string } | undefined> }

/** The main file of a folder. Throws EngineError definition_invalid where it cannot be read. */
export function mainFileOf(target: Target): MainFile {
  const path = join(placeOf(target), 'integration.yaml')
  try {
    return (parse(readFileSync(path, 'utf8')) ?? {}) as MainFile
  } catch (cause) {
    throw new EngineError('definition_invalid', `${path} cannot be read`, {
      cause,
      hint: 'Run onefold check on the folder first.',
    })
  }
}

/**
 * What a folder lacks of an import: operations that no file has by verb and path. Files keep their words and comments;
 * nothing that is there is changed, integration.yaml and README.md included.
 */
export function mergeInto(target: Target, made: Import): Merge {
  const folder = join(placeOf(target), 'resources')
  const present = new Map(readFolder(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  const known = new Map([...present].flatMap(([name, text]) => operationsIn(name, text)))
  const files = new Map<string, string>()
  const [added, kept]: [string[], string[]] = [[], []]
  for (const { id, verb, path } of made.operations) {
    const there = known.get(keyOf(verb, path))
    if (there !== undefined) kept.push(there)
    else added.push(id)
  }
  for (const resource of made.resources) {
    const wanted = added.filter((id) => id.startsWith(`${resource}.`)).map((id) => id.slice(resource.length + 1))
    const path = `resources/${resource}.yaml`
    const text = made.files.get(path)
    if (wanted.length > 0 && text !== undefined)
      files.set(path, withMethods(present.get(`${resource}.yaml`), text, wanted))
  }
  return { files, added, kept }
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  } catch {
    return []
  }
}

function operationsIn(file: string, text: string): [string, string][] {
  const { methods = {} } = (parse(text) ?? {}) as Resource
  return Object.entries(methods).flatMap(([name, method]): [string, string][] =>
    method?.path === undefined ? [] : [[keyOf(method.verb ?? '', method.path), `${file.replace('.yaml', '')}.${name}`]],
  )
}

/** A resource file with the wanted methods of an imported one; the imported one cut to them where there is none yet. */
function withMethods(present: string | undefined, imported: string, wanted: readonly string[]): string {
  const from = parseDocument(imported)
  if (present === undefined) {
    const methods = methodsOf(from)
    methods.items = methods.items.filter(({ key }) => wanted.includes(nameOf(key)))
    return written(from)
  }
  const into = parseDocument(present)
  const methods = methodsOf(into)
  for (const pair of methodsOf(from).items) {
    if (!wanted.includes(nameOf(pair.key))) continue
    if (methods.has(pair.key)) {
      const name = nameOf(pair.key)
      const hint = 'Rename the method in the folder, then merge again; nothing was written.'
      throw new EngineError(
        'invalid_request',
        `The folder has another \`${name}\` in the resource of ${pathOf(pair.value)}`,
        { hint },
      )
    }
    methods.items.push(pair)
  }
  return written(into)
}

const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key)
const pathOf = (value: unknown): string => (isMap(value) ? String(value.get('path')) : '')
const written = (document: Document): string =>
  document.toString({ lineWidth: 120, flowCollectionPadding: true, singleQuote: true })

function methodsOf(document: Document.Parsed) {
  const methods = document.get('methods')
  if (isMap(methods)) return methods
  throw new EngineError('definition_invalid', 'A resource file has no methods', {
    hint: 'Run onefold check on the folder first.',
  })
}
