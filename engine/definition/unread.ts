import { nameBelow } from '../expression/index.ts'
import type { JsonSchema } from './catalog.ts'
import { elementOf, propertiesOf } from './model-fields.ts'

/** Dotted fields of a body that no path reads, the outermost only. A path reads all below it; lists are transparent. */
export function unreadFields(body: unknown, paths: readonly string[]): string[] {
  return paths.includes('*') ? [] : [...new Set(unreadIn(body, '', paths))]
}

function unreadIn(value: unknown, owner: string, paths: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => unreadIn(each, owner, paths))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = nameBelow(owner, name)
    if (paths.includes(path)) return []
    const isPartly = paths.some((each) => each.startsWith(`${path}.`))
    return isPartly ? unreadIn(inner, path, paths) : [path]
  })
}

/** A body with every field that a schema names, to ask of all of them what is read. */
export function wholeBody(schema: JsonSchema | undefined): Readonly<Record<string, unknown>> {
  const properties = propertiesOf(elementOf(schema ?? {}))
  return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, wholeBody(inner)]))
}

/** Why a field is left out: the reason of it, or of what holds it. */
export function reasonFor(path: string, reasons: ReadonlyMap<string, string>): string | undefined {
  const parts = path.split('.')
  const owners = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
  return owners.map((owner) => reasons.get(owner)).find((reason) => reason !== undefined)
}
