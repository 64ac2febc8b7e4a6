import { ResourceNotFoundError } from '@modelcontextprotocol/server'
import { EngineError, type JsonRecord, type ModelResource } from '../../engine/index.ts'
import { findAccount, toEngineAccount } from '../api/accounts.ts'
import type { CallContext } from '../api/context.ts'
import type { Token, TokenEffect } from '../stores/index.ts'
import { listAccounts } from './accounts.ts'
import type { Arguments } from './contract.ts'
import { docsPages } from './docs-pages.ts'
import { type Cut, fitValue, sizeOf } from './fit.ts'
import { reaches } from './reach.ts'
import { firstSentence } from './search.ts'
import { resourceNamed } from './unified.ts'

const SCHEME = 'onefold://'
const PAGE = 50
const MARKDOWN = 'text/markdown'
const JSON_TYPE = 'application/json'
/** Bytes kept free for what surrounds a text. */
const AROUND = 300

/** The kinds of resources as templates of addresses. */
export const TEMPLATES = Object.freeze([
  template('docs/{page}', 'docs page', 'A page of the guide.', MARKDOWN),
  template('docs/{page}/{section}', 'docs section', 'One section of a page.', MARKDOWN),
  template('schema/{model}/{resource}', 'schema of a record', 'JSON Schema of a unified record.', JSON_TYPE),
  template('schema/{model}/{resource}/{method}', 'schema of a body', 'JSON Schema of what a method takes.', JSON_TYPE),
  template('capabilities/{account}', 'capabilities', 'What can be done with an account, by resource.', JSON_TYPE),
  template(
    'capabilities/{account}/{model}/{resource}',
    'capabilities of a resource',
    'Methods, filters and how each is answered, and fields of one resource of an account.',
    JSON_TYPE,
  ),
])

function template(path: string, name: string, description: string, mimeType: string) {
  return { uriTemplate: `${SCHEME}${path}`, name, description, mimeType }
}

/** A page of the resources that the caller reaches: the guide, schemas, then capabilities of accounts. */
export async function listResources(context: CallContext, cursor: unknown): Promise<JsonRecord> {
  const [, kind = 'fixed', rest = ''] =
    typeof cursor === 'string' ? (/^(fixed|accounts):(.*)$/s.exec(cursor) ?? []) : []
  if (cursor !== undefined && rest === '') throw wrongCursor()
  if (kind === 'accounts') return capabilitiesPage(context, rest)
  const from = rest === '' ? 0 : Number(rest)
  if (!Number.isSafeInteger(from)) throw wrongCursor()
  const fixed = [...docsListed(), ...schemasListed(context)]
  const resources = fixed.slice(from, from + PAGE)
  if (from + PAGE < fixed.length) return { resources, nextCursor: `fixed:${from + PAGE}` }
  const { resources: accounts, ...more } = await capabilitiesPage(context)
  return { resources: [...resources, ...(accounts as object[])], ...more }
}

const wrongCursor = (): EngineError =>
  new EngineError('invalid_cursor', 'The cursor is none of an answer of resources/list', { where: 'cursor' })

const docsListed = (): object[] =>
  [...docsPages().values()].map(({ name, title, description, text }) => ({
    ...{ uri: `${SCHEME}docs/${name}`, name: `docs/${name}`, title, description: firstSentence(description) },
    ...{ mimeType: MARKDOWN, size: Buffer.byteLength(text) },
  }))

const schemasListed = (context: CallContext): object[] =>
  reachedResources(context).map(({ model, name, description }) => ({
    ...{ uri: `${SCHEME}schema/${model}/${name}`, name: `schema/${model}/${name}`, mimeType: JSON_TYPE },
    description: firstSentence(description),
  }))

async function capabilitiesPage(context: CallContext, cursor?: string): Promise<JsonRecord> {
  const { result, rest } = await listAccounts(context, {
    limit: PAGE,
    ...(cursor === undefined ? {} : { next_cursor: cursor }),
  })
  const resources = (result as { id: string; integration: string }[]).map(({ id, integration }) => ({
    ...{ uri: `${SCHEME}capabilities/${encodeURIComponent(id)}`, name: `capabilities/${id}`, mimeType: JSON_TYPE },
    description: `What can be done with the account ${id} of ${integration}.`,
  }))
  const next = rest?.next_cursor
  return { resources, ...(typeof next === 'string' ? { nextCursor: `accounts:${next}` } : {}) }
}

/** The unified resources that the caller may read. */
export function reachedResources({ services, caller }: CallContext): ModelResource[] {
  const models = [...services.engine.catalog().models.values()]
  const all = models.flatMap(({ resources }) => [...resources.values()])
  return all.filter((one) => ['list', 'get'].some((method) => isReached(caller.token, one, method, 'read')))
}

/** Methods of a resource that the caller reaches and that take a body. */
export const reachedBodies = ({ caller }: CallContext, resource: ModelResource): string[] =>
  [...resource.bodies.keys()].filter((method) => {
    const effects: readonly TokenEffect[] = [resource.methods.get(method)?.effect ?? 'write', 'money']
    return effects.some((effect) => isReached(caller.token, resource, method, effect))
  })

const isReached = (token: Token, { model, name }: ModelResource, method: string, effect: TokenEffect): boolean =>
  reaches(token, { effect, method, resources: [name, `${model}/${name}`] })

/** Reads a resource, in at most so many bytes. What is not there, or not for this caller, is not found. */
export async function readResource(context: CallContext, uri: string, maxBytes: number): Promise<JsonRecord> {
  const text = await textOf(context, uri, maxBytes).catch((thrown: unknown) => {
    if (thrown instanceof EngineError && thrown.status === 404) throw notFound(uri, thrown.message)
    throw thrown
  })
  const mimeType = uri.startsWith(`${SCHEME}docs/`) ? MARKDOWN : JSON_TYPE
  return { contents: [{ uri, mimeType, text }] }
}

const notFound = (uri: string, why: string): ResourceNotFoundError =>
  new ResourceNotFoundError(
    uri.slice(0, 512),
    `${why}. resources/list and resources/templates/list have what there is.`,
  )

async function textOf(context: CallContext, uri: string, maxBytes: number): Promise<string> {
  const [kind = '', ...path] = uri.startsWith(SCHEME) ? partsOf(uri.slice(SCHEME.length)) : []
  const [one = '', two = '', three = ''] = path
  const room = maxBytes - AROUND
  if (kind === 'docs' && path.length <= 2) return docsText(uri, path, room)
  if (kind === 'schema' && (path.length === 2 || path.length === 3)) return schemaText(context, path, room)
  if (kind === 'capabilities' && path.length === 1) return capabilitiesText(context, uri, one, room)
  if (kind === 'capabilities' && path.length === 3) {
    const found = (await capabilitiesOf(context, one)).models[two]?.[three]
    if (found === undefined) throw notFound(uri, 'The account has no such resource')
    return fitted({ account: one, resource: `${two}/${three}`, ...found }, room)
  }
  throw notFound(uri, 'There is no such resource')
}

const partsOf = (path: string): string[] =>
  path.split('/').map((part) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })

function docsText(uri: string, [name = '', section]: readonly string[], room: number): string {
  const page = docsPages().get(name)
  const text = section === undefined ? page?.text : page?.sections.get(section)
  if (page === undefined || text === undefined) throw notFound(uri, 'There is no such page')
  if (Buffer.byteLength(text) <= room) return text
  const kept = Buffer.from(text)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\ufffd$/, '')
  return `${kept}\n\n[Cut: ${room} of ${Buffer.byteLength(text)} bytes. Sections: ${[...page.sections.keys()].join(', ')}]`
}

function schemaText(context: CallContext, [model, name, method]: readonly string[], room: number): string {
  const resource = resourceNamed(context, `${model}/${name}`)
  const bodies = reachedBodies(context, resource)
  if (method !== undefined) {
    if (bodies.includes(method)) return fitted({ ...resource.bodies.get(method) }, room)
    throw new EngineError('unknown_method', `${resource.model}/${resource.name} takes no body for that`)
  }
  if (!reachedResources(context).includes(resource)) {
    throw new EngineError('unknown_resource', 'There is no such resource that this token reaches')
  }
  const address = `${SCHEME}schema/${resource.model}/${resource.name}`
  return fitted({ ...resource.schema, $comment: bodyNote(address, bodies) }, room)
}

const bodyNote = (address: string, bodies: readonly string[]): string =>
  bodies.length === 0 ? 'No method takes a body.' : `Bodies: ${bodies.map((one) => `${address}/${one}`).join(', ')}`

async function capabilitiesText(context: CallContext, uri: string, id: string, room: number): Promise<string> {
  const { integration, models } = await capabilitiesOf(context, id)
  const methods = Object.entries(models).map(([model, resources]) => [
    model,
    Object.fromEntries(Object.entries(resources).map(([name, one]) => [name, one.methods])),
  ])
  const more = `${uri}/{model}/{resource} has filters, fields and paging.`
  return fitted({ account: id, integration, methods: Object.fromEntries(methods), more }, room)
}

async function capabilitiesOf(context: CallContext, id: string) {
  const stored = await findAccount(context, id)
  const { engine, reads } = context.services
  return engine.capabilities(toEngineAccount(stored, await reads.overrides(stored)))
}

/** As JSON; what does not fit is cut, and told. */
function fitted(value: Arguments, room: number): string {
  if (sizeOf(value) <= room) return JSON.stringify(value)
  const cuts: Cut[] = []
  const kept = fitValue(value, room - 1_000, cuts) as JsonRecord
  return JSON.stringify({ ...kept, cut: cuts.slice(0, 20).map(({ at, kept: what }) => `${at}: ${what}`) })
}
