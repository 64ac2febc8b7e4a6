import type { ApiEndpoint, Schemas } from '../../../engine/index.ts'
import { member, singular, snake } from '../names.ts'

/** A member of an answer, by its path as an expression names it. */
export interface Member {
  readonly path: string
  /** Name of the member itself. */
  readonly name: string
  /** The name above it, or an empty text. */
  readonly parent: string
  readonly schema: unknown
}

const MOST_DEPTH = 3
const LISTS = [
  'data',
  'items',
  'results',
  'result',
  'records',
  'list',
  'values',
  'entries',
  'content',
  'rows',
  'collection',
]
const HOLDERS = ['data', 'response', 'result', 'payload', '_embedded', 'embedded']
const PAGING =
  /^(limit|cursor|page|offset|skip|count|after|before|starting_after|per_page|page_?size|page_?token|from)$/i

/** The members of an answer three levels deep, outside of lists. */
export function membersOf(schemas: Schemas, node: unknown, prefix = '', parent = '', depth = 1): Member[] {
  return [...schemas.members(node)].flatMap(([name, schema]) => {
    const path = `${prefix}${member(name)}`
    const own: Member = { path, name, parent, schema }
    const isObject = depth < MOST_DEPTH && schemas.type(schema) === 'object'
    return isObject ? [own, ...membersOf(schemas, schema, `${path}.`, name, depth + 1)] : [own]
  })
}

/** Where the records of a list answer are, as an expression, and what tells it; undefined when it is no list. */
export function recordsOf(schemas: Schemas, endpoint: ApiEndpoint): { records: string; because: string } | undefined {
  const { answer, path, parameters } = endpoint
  if (answer === undefined) return undefined
  const type = schemas.type(answer)
  if (type === 'array')
    return isOfObjects(schemas, answer) ? { records: '$response', because: 'the answer is a list' } : undefined
  const last =
    path
      .split('/')
      .filter((each) => each !== '')
      .at(-1) ?? ''
  if (last.startsWith('{')) return undefined
  const lists = membersOf(schemas, answer)
    .filter(({ schema }) => isOfObjects(schemas, schema))
    .sort((a, b) => a.path.split('.').length - b.path.split('.').length)
  const isPaged = parameters.some(({ name, in: where }) => where !== 'path' && PAGING.test(name))
  // The list of a member, such as the cards of an account, does not make its owner one.
  const near = lists.filter(({ path: at, parent }) => isPaged || !at.includes('.') || HOLDERS.includes(parent))
  const named = near.find(({ name }) => snake(name) === snake(last)) ?? near.find(({ name }) => LISTS.includes(name))
  const found = named ?? (isPaged && lists.length === 1 ? lists[0] : undefined)
  if (found === undefined) return undefined
  const wrap = wrapOf(schemas, schemas.elements(found.schema), last)
  return { records: `${found.path}${wrap}`, because: `the answer has the list \`${found.name}\`` }
}

const isOfObjects = (schemas: Schemas, schema: unknown): boolean => {
  const elements = schemas.elements(schema)
  return elements !== undefined && ['object', 'any'].includes(schemas.type(elements))
}

/** Where each entry of a list holds its record under its own name. */
function wrapOf(schemas: Schemas, elements: unknown, last: string): string {
  const members = schemas.members(elements)
  const name = singular(snake(last))
  const isWrapped = !members.has('id') && schemas.type(members.get(name)) === 'object'
  return isWrapped ? `.${member(name)}` : ''
}

/** Where the record of a single answer is, when the answer wraps it under its own name; undefined when it is the body. */
export function recordOf(schemas: Schemas, { answer }: ApiEndpoint, resource: string): string | undefined {
  if (answer === undefined || schemas.type(answer) !== 'object') return undefined
  const members = schemas.members(answer)
  const word = resource.split('_').at(-1) ?? ''
  const names = [singular(resource), singular(word), 'data', ...[resource, word]]
  const found = names.find((name) => members.has(name) && schemas.type(members.get(name)) === 'object')
  return found === undefined || members.has('id') ? undefined : member(found)
}

/** The schema that a record of an endpoint has. */
export function recordSchema(schemas: Schemas, endpoint: ApiEndpoint, at: string | undefined): unknown {
  const found = membersOf(schemas, endpoint.answer).find(({ path }) => path === at)
  return found?.schema ?? endpoint.answer
}
