import type { ApiEndpoint, Schemas } from '../openapi/index.ts'
import type { Mapping, Method } from '../schema/generated.ts'
import { plainPath, readsOf, spanOfPath } from './check/reads.ts'
import { leavesOfMapping, type View } from './check/view.ts'
import type { Located } from './document.ts'
import type { Issue } from './issue.ts'
import { platformLayers, topmost } from './layers.ts'
import { isListMethod } from './operations.ts'
import type { Subject } from './registry.ts'
import { didYouMean, shortList } from './words.ts'

/** The endpoint of an operation of the integration; undefined when the document has none. */
type EndpointOf = (id: string) => ApiEndpoint | undefined

/** Fields of answers that mappings read and the document does not have, and values of them that tables leave out. Warnings. */
export function openApiFields(subject: Subject, endpointOf: EndpointOf, schemas: Schemas): Issue[] {
  const { integration, models } = subject
  return [...integration.mappings.values()].flatMap((file) => {
    const resources = models.get(file.value.model)?.resources
    const mappings = (file.at('resources')?.entries() ?? []) as [string, Located<Mapping>][]
    return mappings.flatMap(([name, mapping]) => {
      const resource = resources?.get(name)
      if (resource === undefined) return []
      const view: View = { subject, file, mapping, resource, layers: platformLayers(integration, file, mapping) }
      const records = recordsOf(view, endpointOf, schemas)
      return records.length === 0
        ? []
        : [...fieldIssues(view, records, schemas), ...tableIssues(view, records, schemas)]
    })
  })
}

/** Schemas of the native records that a mapping is given, as far as the document tells. */
function recordsOf(view: View, endpointOf: EndpointOf, schemas: Schemas): unknown[] {
  const get = topmost(view.layers, 'get')
  const routes = (get?.at('route') as Located<readonly { from: string }[]> | undefined)?.items() ?? []
  const ids = [
    ...leavesOfMapping(view).map(({ node }) => node.value.from),
    get?.value.from,
    ...routes.map((way) => way.value.from),
  ]
  const known = [...new Set(ids.filter((id) => id !== undefined))]
  const found = known.map((id) => recordOf(view.subject, id, endpointOf(id), schemas))
  // Where one of them is not known, what it has is not known either.
  return found.includes(undefined) ? [] : found
}

function recordOf({ integration }: Subject, id: string, endpoint: ApiEndpoint | undefined, schemas: Schemas): unknown {
  const method = integration.operations.get(id)
  if (endpoint?.answer === undefined || method === undefined) return undefined
  const isList = isListMethod(id.split('.')[1] ?? '', method.value)
  const at = pathTo(method, integration.definition, isList ? 'records' : 'record')
  if (at === undefined) return undefined
  const found = at.reduce<unknown>((node, name) => schemas.members(elementOf(schemas, node)).get(name), endpoint.answer)
  return isList ? schemas.elements(found) : found
}

const elementOf = (schemas: Schemas, node: unknown): unknown => schemas.elements(node) ?? node

/** The members that lead to the records of an answer; undefined where it is computed. */
function pathTo(
  method: Located<Method>,
  definition: Subject['integration']['definition'],
  key: 'records' | 'record',
): string[] | undefined {
  const node = method.at('response')?.at(key) ?? definition?.at('response')?.at(key)
  if (node === undefined) return []
  if (node.value === '$response') return []
  return plainPath(node)
    ?.split('.')
    .filter((name) => name !== '')
}

/** The schemas at a path of the records; those that end before it are left out, and open ones say nothing. */
function schemasAt(
  records: readonly unknown[],
  path: string,
  schemas: Schemas,
): { found: unknown[]; isOpen: boolean; names: string[] } {
  let here = [...records]
  let isOpen = false
  let names: string[] = []
  for (const name of path.split('.')) {
    const inside = here.map((node) => elementOf(schemas, node))
    isOpen ||= inside.some((node) => schemas.isOpen(node))
    names = inside.flatMap((node) => [...schemas.members(node).keys()])
    here = inside.flatMap((node) => (schemas.members(node).has(name) ? [schemas.members(node).get(name)] : []))
    if (here.length === 0) return { found: [], isOpen, names }
  }
  return { found: here, isOpen, names }
}

function fieldIssues(view: View, records: readonly unknown[], schemas: Schemas): Issue[] {
  return readsOf(view).flatMap((read) => {
    if (read.native === undefined || read.native === '') return []
    const { found, isOpen, names } = schemasAt(records, read.native, schemas)
    if (found.length > 0 || isOpen) return []
    const last = read.path.split('.').at(-1) ?? ''
    const message = `the answer in the document has no \`${read.native}\``
    const hint = `${didYouMean(last, names)}There are ${shortList([...new Set(names)], 8)}.`
    return [
      read.node.issue('value', 'openapi_field', { severity: 'warning', message, hint, valid: names }, spanOfPath(read)),
    ]
  })
}

type Table = { from: string; map: Readonly<Record<string, unknown>> }

/** Tables over a path of the record that leave out what the document lists. */
function tableIssues(view: View, records: readonly unknown[], schemas: Schemas): Issue[] {
  const fields = (view.mapping.at('fields')?.entries() ?? []) as [string, Located<unknown>][]
  return fields.flatMap(([, node]) => {
    if (typeof node.value !== 'object' || node.value === null || !('map' in node.value)) return []
    const table = node as Located<Table>
    const [from, map] = [table.at('from'), table.at('map')]
    const path = from === undefined ? undefined : plainPath(from)
    if (path === undefined || map === undefined) return []
    const { found } = schemasAt(records, path, schemas)
    const values = [...new Set(found.flatMap((schema) => schemas.values(schema) ?? []).map(String))]
    const missing = values.filter((value) => !Object.hasOwn(map.value, value))
    if (missing.length === 0) return []
    const facts = {
      severity: 'warning' as const,
      message: `the table leaves out ${shortList(missing)}`,
      hint: 'The document lists it for this field.',
      valid: missing,
    }
    return [map.issue('key', 'openapi_enum', facts)]
  })
}
