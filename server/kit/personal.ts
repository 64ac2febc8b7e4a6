import { type Catalog, expressionsOf, type FieldSpec, type Integration, secretNames } from '../../engine/index.ts'
import { isPersonal } from '../api/redact.ts'

/** Names that say nothing of what they hold. */
const TOO_PLAIN = new Set(['id', 'object', 'type', 'data', 'status', 'currency', 'amount', 'created', '*'])

/**
 * Names of the native fields of an integration that hold personal data or secrets: those marked so, and those that feed a
 * unified field which is marked. A name counts wherever it turns up, since records of one resource come nested in others.
 */
export function personalNames(catalog: Catalog, integration: Integration): ReadonlySet<string> {
  const marked = [...integration.resources.values()].flatMap(({ piiPaths }) => [...piiPaths.keys()])
  const feeding = [...integration.mappings.values()].flatMap(({ model, resource, fields, variants }) => {
    const schema = catalog.models.get(model)?.resources.get(resource)?.schema
    if (schema === undefined) return []
    const all = [fields, ...variants.map((variant) => variant.fields)].flatMap((each) => [...each])
    return all.flatMap(([name, spec]) => sourcesOf(name, spec, (path) => isPersonal(schema, path)))
  })
  const names = [...marked, ...feeding].map((path) => path.split('.').at(-1) ?? path)
  return new Set([...secretNames(integration).keys(), ...names.filter((name) => !TOO_PLAIN.has(name))])
}

/** Native paths that a field reads, if it is personal; those of the personal fields inside of it. */
function sourcesOf(path: string, spec: FieldSpec, isMarked: (path: string) => boolean): string[] {
  if (isMarked(path)) return expressionsOf(spec).flatMap(({ paths }) => paths)
  if (spec.kind !== 'each' && spec.kind !== 'object') return []
  return [...spec.fields].flatMap(([name, inner]) => sourcesOf(`${path}.${name}`, inner, isMarked))
}
