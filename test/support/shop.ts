import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Catalog, ModelResource } from '../../engine/definition/catalog.ts'
import { compileCatalog, renderIssues } from '../../engine/definition/index.ts'
import { createEngine } from '../../engine/engine.ts'
import { MemoryBudget } from '../../engine/execute/memory-budget.ts'
import {
  type Account,
  type Engine,
  type ExpressionIsolate,
  type ListAnswer,
  type Ports,
  Secret,
  type UnifiedCall,
} from '../../engine/index.ts'
import { parseUnifiedQuery } from '../../engine/query/index.ts'
import { createCursors } from '../../server/api/cursors.ts'
import { createVault } from '../../server/stores/vault.ts'
import { createEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { accountAt, callOptions } from './calls.ts'
import { type Received, type Reply, startUpstream, type Upstream } from './upstream.ts'
import { VirtualClock } from './virtual-clock.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/shop', import.meta.url))

/** A native record of the shop's provider. */
export type Native = Record<string, unknown> & { id: string; created: number }

/** Compiles the shop: a small model and a made-up provider, as `edit` leaves them; with a root as if it were read from an added folder. */
export function compileShop(root?: string, edit: (text: string) => string = (text) => text): Catalog {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'))
  const files = paths.map((path) => ({
    path: relative(FOLDER, join(FOLDER, path)),
    text: edit(readFileSync(join(FOLDER, path), 'utf8')),
    ...(root === undefined ? {} : { root }),
  }))
  const { catalog, issues } = compileCatalog(files)
  if (catalog === undefined) throw new Error(renderIssues(issues))
  return catalog
}

/** A resource of the shop's model. */
export function shopResource(catalog: Catalog, name: string): ModelResource {
  const resource = catalog.models.get('shop')?.resources.get(name)
  if (resource === undefined) throw new Error(`shop has no ${name}`)
  return resource
}

/** What the provider holds, newest first; `intents`, `charges`, `customers`, `fees`, `pages`, `bookings`, `lines:<intent>`, `visits:<shop>`. */
export type Tables = Record<string, Native[]>

/** The shop on a real HTTP upstream. */
export interface Shop {
  readonly engine: Engine
  readonly upstream: Upstream
  readonly account: Account
  readonly tables: Tables
  readonly clock: VirtualClock
  readonly counted: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]
  /** Answers before the tables do; undefined lets them. */
  intercept: ((request: Received) => Reply | undefined) | undefined
  call(resource: string, method: string, given?: Given): ReturnType<Engine['unified']>
  list(resource: string, query?: string, given?: Given): Promise<ListAnswer>
  close(): Promise<void>
}

/** What a call may say besides its resource and method. */
export interface Given {
  readonly id?: string
  readonly query?: string
  readonly body?: unknown
  readonly account?: Account
  readonly maxRequests?: number
}

/** Starts the provider and an engine that speaks to it; `isolate` is where expressions of tenants run. */
export async function openShop(
  given: {
    isolate?: ExpressionIsolate
    root?: string
    pause?: () => Promise<void>
    edit?: (text: string) => string
  } = {},
): Promise<Shop> {
  const tables: Tables = {}
  const upstream = await startUpstream((request) => shop.intercept?.(request) ?? answer(tables, request))
  const clock = new VirtualClock()
  const transport = createTransport({ egress: createEgressPolicy({ allow: ['127.0.0.1'] }) })
  const counted: Shop['counted'] = []
  const quiet = () => undefined
  const ports: Ports = {
    transport,
    clock,
    budget: new MemoryBudget(clock),
    random: { next: () => 0.5, id: (length = 21) => 'r'.repeat(length) },
    credentials: { load: () => Promise.resolve(new Secret({ key: 'key_secret_1' })) },
    cursors: createCursors(createVault([randomBytes(32).toString('base64')]), clock),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    meter: { count: (name, labels = {}) => void counted.push({ name, labels }), observe: quiet },
    isolate: given.isolate,
    pause: given.pause,
  }
  const catalog = compileShop(given.root, given.edit)
  const engine = createEngine({ catalog, ports })
  const account = accountAt(upstream.url, { tenantId: 'ten_1', livemode: false, mode: 'test' })
  const call: Shop['call'] = async (resource, method, given = {}) => {
    const pairs = new URLSearchParams(given.query ?? '')
    const query = parseUnifiedQuery(pairs, shopResource(catalog, resource), { method })
    const made: UnifiedCall = { model: 'shop', resource, method, query, id: given.id, body: given.body }
    const options = callOptions(given.maxRequests === undefined ? {} : { maxRequests: given.maxRequests })
    return await engine.unified(given.account ?? account, made, options)
  }
  const list: Shop['list'] = async (resource, query = '', given = {}) => {
    const found = await call(resource, 'list', { ...given, query })
    if (found.kind !== 'list') throw new Error(`${found.kind} is no list`)
    return found
  }
  const close = async () => {
    await transport.close()
    await upstream.close()
  }
  const shop: Shop = { engine, upstream, account, tables, clock, counted, intercept: undefined, call, list, close }
  return shop
}

const missing: Reply = { status: 404, body: { error: { message: 'No such record' } } }

function answer(tables: Tables, request: Received): Reply {
  const [, , name = '', id, inner, innerId] = request.path.split('/').map(decodeURIComponent)
  if (request.verb !== 'GET') return write(tables, request, name, id)
  if (name === 'me') return { body: { id: 'merchant_1', country: 'IS' } }
  if (name === 'shops' && id === undefined) return { body: { data: tables.shops ?? [] } }
  if (inner !== undefined && innerId === undefined) return page(tables[`${inner}:${id}`] ?? [], request)
  if (innerId !== undefined) return one(tables[`${inner}:${id}`], innerId)
  if (id === 'search') return search(tables[name] ?? [], request)
  return id === undefined ? page(tables[name] ?? [], request) : one(tables[name], id)
}

const one = (table: Native[] | undefined, id: string): Reply => {
  const found = table?.find((record) => record.id === id)
  return found === undefined ? missing : { body: found }
}

function write(tables: Tables, request: Received, name: string, id: string | undefined): Reply {
  const body = JSON.parse(request.body === '' ? '{}' : request.body) as Record<string, unknown>
  if (request.path.endsWith('/portal')) return { body: { link: { href: `https://acme.test/p/${id}` } } }
  if (request.path.endsWith('/refund'))
    return { body: { id: 're_1', created: 7, amount: body.amount, why: body.why ?? null } }
  const record = tables[name]?.find((row) => row.id === id)
  if (request.verb === 'DELETE') return record === undefined ? missing : { body: { id, deleted: true } }
  if (id !== undefined) return record === undefined ? missing : { body: Object.assign(record, body) }
  const made = { id: `${name.slice(0, 2)}_new`, created: 1_750_000_000, ...body }
  tables[name] = [made, ...(tables[name] ?? [])]
  return { body: made }
}

/** A page of a list: by key, by number, or by time. */
function page(table: readonly Native[], { query, target }: Received): Reply {
  const limit = Number(query.limit ?? query.size ?? 5)
  const many = new URL(target, 'http://x').searchParams.getAll('ids')
  const rows = table.filter((row) => fits(row, query) && (many.length === 0 || many.includes(row.id)))
  if (query.page !== undefined) {
    const from = (Number(query.page) - 1) * limit
    return { body: { data: rows.slice(from, from + limit), has_more: from + limit < rows.length } }
  }
  const at = (key: string | undefined) => rows.findIndex((row) => row.id === key)
  if (query.ending_before !== undefined) {
    if (at(query.ending_before) < 0) return missing
    const before = rows.slice(0, at(query.ending_before))
    return { body: { data: before.slice(-limit), has_more: before.length > limit } }
  }
  if (query.starting_after !== undefined && at(query.starting_after) < 0) return missing
  const rest = rows.slice(query.starting_after === undefined ? 0 : at(query.starting_after) + 1)
  return { body: { data: rest.slice(0, limit), has_more: rest.length > limit } }
}

function fits(row: Native, query: Received['query']): boolean {
  const number = (name: string, otherwise: number) => Number(query[name] ?? otherwise)
  const inTime =
    row.created >= number('created[gte]', 0) &&
    row.created <= number('created[lte]', 1e12) &&
    row.created < number('created[lt]', 1e12) &&
    row.created >= number('from', 0) &&
    row.created < number('to', 1e12)
  const contact = row.contact as { email?: string } | undefined
  return (
    inTime &&
    (query.customer === undefined || row.customer === query.customer) &&
    (query.state === undefined || row.state === query.state) &&
    (query.email === undefined || contact?.email === query.email)
  )
}

/** Finds `name:"text"` and `any:"text"`, joined by AND; two pages where there are more than fit. */
function search(table: readonly Native[], { query }: Received): Reply {
  const wanted = [...(query.query ?? '').matchAll(/(?:name|any):"((?:\\.|[^"\\])*)"/g)].map(([, text]) =>
    (text ?? '').replace(/\\(.)/g, '$1'),
  )
  const rows = table.filter((row) => wanted.every((text) => String(row.full_name).includes(text)))
  const from = Number(query.page ?? 0)
  const limit = Number(query.limit ?? 5)
  return { body: { data: rows.slice(from, from + limit), next_page: from + limit < rows.length ? from + limit : null } }
}
