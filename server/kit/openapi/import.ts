import { type ApiDocument, type ApiEndpoint, EngineError, type LeftOut, readOpenApi } from '../../../engine/index.ts'
import { schemasFrom, type Target } from '../folder.ts'
import { yamlFile } from '../yaml.ts'
import { recordsOf } from './answers.ts'
import type { Import } from './contract.ts'
import { defaultsOf, type MainFile, mainOf } from './integration.ts'
import { placeAll } from './place.ts'
import { readmeOf } from './readme.ts'
import { fieldsOf, methodOf, type Shared, type Written } from './resource.ts'

/** What of a document is wanted. */
export interface Selection {
  /** Only endpoints with one of these tags. */
  readonly tags?: readonly string[] | undefined
  /** Only endpoints whose path starts with one of these. */
  readonly paths?: readonly string[] | undefined
  /** Address of the API where the document has none, or another one. */
  readonly baseUrl?: string | undefined
  /** The main file of the folder that the operations go into, whose defaults they then need not repeat. */
  readonly main?: MainFile | undefined
}

/**
 * Makes a definition of a parsed OpenAPI document: facts are taken over, guesses marked, descriptions left to write.
 * Throws EngineError definition_invalid for a document of another kind, invalid_request where nothing is selected or no
 * address is known.
 */
export function importOpenApi(data: unknown, target: Target, selection: Selection = {}): Import {
  const { api, schemas } = readOpenApi(data)
  const { kept, leftOut } = select(api, selection)
  const isList = (endpoint: ApiEndpoint): boolean => recordsOf(schemas, endpoint) !== undefined
  const places = placeAll(kept, isList)
  const main = mainOf({
    api: { ...api, endpoints: kept },
    schemas,
    places,
    name: target.name,
    baseUrl: selection.baseUrl,
  })
  const shared = selection.main === undefined ? main.shared : { ...main.shared, ...defaultsOf(selection.main) }
  const written = places.map((place) => methodOf(shared, place))
  const files = new Map([['integration.yaml', yamlFile(schemasFrom(target, 0), 'integration', main.file, HEAD)]])
  const resources = [...new Set(places.map(({ resource }) => resource))].sort()
  for (const resource of resources) {
    const own = written.filter(({ place }) => place.resource === resource)
    files.set(`resources/${resource}.yaml`, resourceFile(target, shared, resource, own))
  }
  const broken = [...schemas.broken].map((ref) => ({
    what: ref,
    why: 'the reference leads out of the document or to nothing',
  }))
  const result = {
    operations: places.map(({ resource, method, endpoint }) => ({
      id: `${resource}.${method}`,
      verb: endpoint.verb,
      path: endpoint.path,
    })),
    resources,
    parameters: written.reduce((sum, each) => sum + each.parameters, 0),
    nestedMembers: kept.reduce((sum, each) => sum + each.nestedMembers, 0),
    auth: main.auth,
    paging: Object.fromEntries(main.paging),
    guesses: [...files.values()].reduce((sum, text) => sum + (text.match(/# guess: /g)?.length ?? 0), 0),
    leftOut: [...leftOut, ...main.leftOut, ...api.leftOut, ...broken],
  }
  files.set('README.md', readmeOf({ api, ...result }))
  return { files, ...result }
}

const HEAD = [
  'Taken over from an OpenAPI document. What follows `guess:` is not in it: look at each, then remove the mark.',
]

function select(
  { endpoints }: ApiDocument,
  { tags = [], paths = [] }: Selection,
): { kept: ApiEndpoint[]; leftOut: LeftOut[] } {
  const isWanted = (endpoint: ApiEndpoint): boolean =>
    (tags.length === 0 || endpoint.tags.some((tag) => tags.includes(tag))) &&
    (paths.length === 0 || paths.some((start) => endpoint.path.startsWith(start)))
  const leftOut: LeftOut[] = []
  const kept = endpoints.filter((endpoint) => {
    const what = `${endpoint.verb} ${endpoint.path}`
    if (!isWanted(endpoint)) leftOut.push({ what, why: 'it was not selected' })
    else if (endpoint.encoding === 'other') leftOut.push({ what, why: 'its body is neither JSON, a form nor a file' })
    else return true
    return false
  })
  if (kept.length > 0) return { kept, leftOut }
  throw nothing(endpoints, tags.length > 0)
}

function nothing(endpoints: readonly ApiEndpoint[], byTag: boolean): EngineError {
  const known = byTag ? endpoints.flatMap(({ tags }) => tags) : endpoints.map(({ path }) => path)
  const valid = [...new Set(known)].slice(0, 40)
  const hint = `There ${byTag ? 'are the tags' : 'are paths such as'} ${valid.slice(0, 12).join(', ')}.`
  return new EngineError('invalid_request', 'No endpoint is selected', {
    where: byTag ? '--tag' : '--path',
    hint,
    valid,
  })
}

function resourceFile(target: Target, shared: Shared, resource: string, written: readonly Written[]): string {
  const places = written.map(({ place }) => place)
  const tags = [...new Set(places.flatMap(({ endpoint }) => endpoint.tags))]
  const methods = Object.fromEntries(written.map(({ place, method }) => [place.method, method]))
  const value = {
    name: resource,
    tags: tags.length === 0 ? undefined : tags,
    fields: fieldsOf(shared, places),
    methods,
  }
  return yamlFile(schemasFrom(target, 1), 'resource', value)
}

/** The operations of an import by verb and path, whatever its parameters are called. */
export const keyOf = (verb: string, path: string): string => `${verb} ${path.replace(/\{\{[^}]*\}\}|\{[^}]*\}/g, '{}')}`
