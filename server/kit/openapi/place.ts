import type { ApiEndpoint } from '../../../engine/index.ts'
import { singular, snake } from '../names.ts'

/** Where an endpoint stands in a definition. */
export interface Place {
  readonly endpoint: ApiEndpoint
  readonly resource: string
  readonly method: string
  /** Path template of the language. */
  readonly path: string
  /** Names of path parameters there by the document's names. */
  readonly names: ReadonlyMap<string, string>
}

/** Whether an endpoint answers with a list, as far as its answer tells. */
export type IsList = (endpoint: ApiEndpoint) => boolean

const PARAMETER = /\{([^}]+)\}/g
const VERSION = /^(api|rest|v\d+([._-]\w+)*|\d{4}-\d{2}(-\d{2})?)$/i
const isParameter = (segment = ''): boolean => segment.startsWith('{')
const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')
const shapeOf = (segments: readonly string[]): string => segments.map((each) => each.replace(PARAMETER, '{}')).join('/')

/** Puts every endpoint under a resource and a method, by its path and verb; no two get the same name. */
export function placeAll(endpoints: readonly ApiEndpoint[], isList: IsList): Place[] {
  const prefix = prefixOf(endpoints)
  const cut = ({ path }: ApiEndpoint): string[] => {
    const segments = segmentsOf(path)
    return prefix.every((each, index) => segments[index] === each) ? segments.slice(prefix.length) : segments
  }
  const tree = new Tree(
    endpoints.map((endpoint) => ({ endpoint, segments: cut(endpoint) })),
    isList,
  )
  const taken = new Set<string>()
  const order = ['GET', 'PATCH', 'PUT', 'POST', 'DELETE']
  const sorted = endpoints.map((endpoint, index) => ({ endpoint, index }))
  sorted.sort((a, b) => order.indexOf(a.endpoint.verb) - order.indexOf(b.endpoint.verb) || a.index - b.index)
  const placed = sorted.map(({ endpoint, index }) => {
    const { resource, method, id } = tree.place(endpoint, cut(endpoint))
    const free = freeName(taken, resource, [
      method,
      nameOfOperation(endpoint),
      `${method}_${endpoint.verb.toLowerCase()}`,
    ])
    taken.add(`${resource}.${free}`)
    return { index, place: { endpoint, resource, method: free, ...templateOf(endpoint.path, id) } }
  })
  return placed.sort((a, b) => a.index - b.index).map(({ place }) => place)
}

const nameOfOperation = ({ operationId, verb, path }: ApiEndpoint): string =>
  snake(operationId === '' ? `${verb} ${path}` : operationId)

function freeName(taken: ReadonlySet<string>, resource: string, names: readonly string[]): string {
  const found = names.find((name) => !taken.has(`${resource}.${name}`))
  if (found !== undefined) return found
  const base = names.at(-1) ?? 'call'
  for (let number = 2; ; number++) if (!taken.has(`${resource}.${base}_${number}`)) return `${base}_${number}`
}

/** The version that most paths start with, which names need not repeat. */
function prefixOf(endpoints: readonly ApiEndpoint[]): string[] {
  const counts = new Map<string, number>()
  for (const { path } of endpoints) {
    const segments = segmentsOf(path)
    const length = segments.findIndex((segment) => !VERSION.test(segment))
    const prefix = segments.slice(0, length === -1 ? 0 : length).join('/')
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1])
  return segmentsOf(most?.[0] ?? '')
}

type Found = { readonly resource: string; readonly method: string; readonly id?: string | undefined }

const ON_RECORD = { GET: 'get', PATCH: 'update', PUT: 'update', POST: 'update', DELETE: 'delete' }
const ON_MANY = { GET: 'list', PATCH: 'update_all', PUT: 'update_all', POST: 'create', DELETE: 'delete_all' }
const ON_ONE = { GET: 'get', PATCH: 'update', PUT: 'update', POST: 'create', DELETE: 'delete' }

/** All paths of a document, to tell collections, records, single things and actions apart. */
class Tree {
  readonly #shapes: ReadonlySet<string>
  readonly #lists: ReadonlySet<string>
  readonly #reads: ReadonlySet<string>

  constructor(all: readonly { endpoint: ApiEndpoint; segments: readonly string[] }[], isList: IsList) {
    const shapes = all.map(({ segments }) => shapeOf(segments))
    const gets = all.filter(({ endpoint }) => endpoint.verb === 'GET')
    this.#shapes = new Set(shapes)
    this.#reads = new Set(gets.map(({ segments }) => shapeOf(segments)))
    const lists = gets.filter(({ endpoint }) => isList(endpoint)).map(({ segments }) => shapeOf(segments))
    const withRecords = shapes.filter((shape) => shape.endsWith('/{}')).map((shape) => shape.slice(0, -3))
    this.#lists = new Set([...lists, ...withRecords])
  }

  place({ verb }: ApiEndpoint, segments: readonly string[]): Found {
    const last = segments.at(-1) ?? ''
    const above = segments.slice(0, -1)
    if (isParameter(last)) {
      return { resource: resourceName(above), method: ON_RECORD[verb], id: idOf(last) }
    }
    const shape = shapeOf(segments)
    if (this.#lists.has(shape)) {
      const isAction = !this.#isHome(shape) && !isParameter(above.at(-1)) && this.#shapes.has(shapeOf(above))
      if (!isAction) return { resource: resourceName(segments), method: ON_MANY[verb] }
    }
    const owner = isParameter(above.at(-1)) ? above.slice(0, -1) : above
    const isThing = this.#reads.has(shape) && (isParameter(above.at(-1)) || !this.#isOwner(above))
    const isOwned = isParameter(above.at(-1)) || this.#isOwner(above)
    if (!isOwned || isThing || owner.every((each) => isParameter(each))) {
      const method = verb === 'POST' && this.#reads.has(shape) ? 'update' : ON_ONE[verb]
      return { resource: resourceName(segments), method }
    }
    const action = snake(last)
    const method = verb === 'GET' || !this.#reads.has(shape) ? action : `${verb.toLowerCase()}_${action}`
    return {
      resource: resourceName(owner),
      method,
      id: isParameter(above.at(-1)) ? idOf(above.at(-1) ?? '') : undefined,
    }
  }

  /** Whether a path without what stands last is one of the API, or records stand below it: then that is an action. */
  #isOwner(above: readonly string[]): boolean {
    return above.length > 0 && (this.#shapes.has(shapeOf(above)) || this.#isHome(shapeOf(above)))
  }

  /** Whether records stand below a path. */
  #isHome(shape: string): boolean {
    return this.#shapes.has(`${shape}/{}`)
  }
}

const idOf = (segment: string): string => /\{([^}]+)\}/.exec(segment)?.[1] ?? ''

/** Words of the path; what is followed by a parameter names one record. */
function resourceName(segments: readonly string[]): string {
  const words = segments.flatMap((segment, index) => {
    if (isParameter(segment)) return []
    const word = snake(segment.replace(/\.(json|xml)$/, ''))
    return [isParameter(segments[index + 1]) && index + 1 < segments.length - 1 ? singular(word) : word]
  })
  return words.length === 0 ? 'root' : words.join('_')
}

/** The template of a path; the parameter that names the record is `id`, no other is. */
function templateOf(path: string, id: string | undefined): Pick<Place, 'path' | 'names'> {
  const segments = segmentsOf(path)
  const found = [...path.matchAll(PARAMETER)].map(([, name = '']) => name)
  const names = new Map<string, string>()
  for (const name of found) {
    const at = segments.findIndex((segment) => segment.includes(`{${name}}`))
    const owner = `${singular(snake(segments[at - 1] ?? 'parent'))}_id`
    const own = snake(name)
    const wanted = name === id ? 'id' : own === 'id' ? owner : own
    names.set(name, [...names.values()].includes(wanted) ? `${wanted}_${names.size + 1}` : wanted)
  }
  return { path: path.replace(PARAMETER, (_, name: string) => `{{ $path.${names.get(name)} }}`), names }
}
