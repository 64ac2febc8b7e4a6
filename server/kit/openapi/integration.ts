import type { ApiDocument, ApiEndpoint, Schemas } from '../../../engine/index.ts'
import { member } from '../names.ts'
import { guess, inline, type Marked } from '../yaml.ts'
import { authOf } from './auth.ts'
import { type HostGuess, hostsOf } from './hosts.ts'
import type { PagingGuess } from './paging.ts'
import type { Place } from './place.ts'
import { listOf, type Shared } from './resource.ts'

/** What is known of a document as a whole. */
export interface Whole {
  readonly api: ApiDocument
  readonly schemas: Schemas
  readonly places: readonly Place[]
  readonly name: string
  readonly baseUrl: string | undefined
}

/** The main file of a definition, what its operations need not repeat, and what was guessed and left out. */
export interface Main {
  readonly file: object
  readonly shared: Shared
  readonly auth: readonly string[]
  readonly paging: ReadonlyMap<string, number>
  readonly leftOut: ApiDocument['leftOut']
}

/** What of a main file that is there already decides what operations need not say. */
export interface MainFile {
  readonly request?: { readonly body?: string }
  readonly response?: { readonly records?: string }
  readonly pagination?: object
  readonly idempotency?: { readonly in?: string; readonly name?: string }
  readonly api_version?: { readonly header?: string }
}

/** The defaults that a main file states. */
export function defaultsOf({
  request,
  response,
  pagination,
  idempotency,
  api_version: version,
}: MainFile): Partial<Shared> {
  const key = idempotency?.name ?? ''
  return {
    encoding: request?.body ?? 'json',
    records: response?.records,
    pagination: pagination === undefined ? undefined : JSON.stringify(pagination),
    ownHeaders: new Set([idempotency?.in === 'header' ? key.toLowerCase() : '', version?.header?.toLowerCase() ?? '']),
    ownBody: new Set(idempotency?.in === 'body' ? [key] : []),
  }
}

/** Puts the main file together out of what most operations have in common. */
export function mainOf({ api, schemas, places, name, baseUrl }: Whole): Main {
  const hosts = hostsOf(api, baseUrl)
  const auth = authOf(api, hosts.origin)
  const lists = places.flatMap((place) => listOf(schemas, place) ?? [])
  const pagination = most(lists.map(({ paging }) => JSON.stringify(paging.pagination)))
  const paging = lists.find((each) => JSON.stringify(each.paging.pagination) === pagination?.value)?.paging
  const encoding = most(api.endpoints.map((each) => each.encoding).filter((each) => each === 'json' || each === 'form'))
  const records = most(lists.map((each) => each.records))
  const key = idempotencyOf(api.endpoints)
  const version = versionOf(api.endpoints)
  const shared: Shared = {
    schemas,
    encoding: encoding?.value ?? 'json',
    records: records?.value,
    pagination: pagination?.value,
    hosts: hosts.byServer,
    ownHeaders: new Set([key?.in === 'header' ? key.name.toLowerCase() : '', version?.header.toLowerCase() ?? '']),
    ownBody: new Set(key?.in === 'body' ? [key.name] : []),
  }
  const file = {
    ...identityOf(api, name),
    ...placesOf(hosts, auth),
    api_version: version === undefined ? undefined : inline(version),
    auth: { methods: auth.methods },
    request: requestOf(encoding, shared.encoding),
    response:
      records === undefined
        ? undefined
        : guess(inline({ records: records.value }), `${records.count} of ${lists.length} lists have them there`),
    idempotency: key === undefined ? undefined : guess(inline({ in: key.in, name: key.name }), key.because),
    pagination: paging === undefined ? undefined : pagingGuess(paging, pagination?.count ?? 0, lists.length),
    failure: failureOf(schemas, api.endpoints),
  }
  return {
    file,
    shared,
    auth: auth.kinds,
    paging: countsOf(lists.map(({ paging: each }) => each.pagination.strategy)),
    leftOut: [...hosts.leftOut, ...auth.leftOut],
  }
}

function identityOf({ title, docs }: ApiDocument, name: string): object {
  return {
    onefold: 1,
    name,
    label: title.replace(/\s+API$/i, '') || name,
    description: `Taken over from an OpenAPI document; say here what ${title === '' ? name : title} does.`,
    docs,
  }
}

function placesOf(hosts: HostGuess, auth: { readonly hosts: Readonly<Record<string, string>> }): object {
  const more = Object.entries(auth.hosts).map(([name, url]) => [name, inline({ url })] as const)
  const { settings } = hosts
  return {
    hosts: { ...hosts.hosts, ...Object.fromEntries(more) },
    settings: Object.keys(settings).length === 0 ? undefined : settings,
  }
}

function requestOf(usual: Count | undefined, encoding: string): Marked | undefined {
  if (encoding === 'json') return undefined
  return guess(
    inline({ body: 'form', form: 'indexed', arrays: 'indexed' }),
    `${usual?.count} bodies are forms; how lists are written in them is not known`,
  )
}

const pagingGuess = ({ pagination, because }: PagingGuess, count: number, all: number): Marked =>
  guess(pagination, `${because}, as in ${count} of ${all} lists`)

type Count = { readonly value: string; readonly count: number }

const countsOf = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** The most frequent value. */
function most(values: readonly string[]): Count | undefined {
  const [first] = [...countsOf(values)].sort((a, b) => b[1] - a[1])
  return first === undefined ? undefined : { value: first[0], count: first[1] }
}

const KEY = /^(x[-_])?(idempotency[-_]?key|idempotency[-_]?id|[a-z]+-request-id)$/i

/** Where writes carry the key by which a repeat is known. */
function idempotencyOf(
  endpoints: readonly ApiEndpoint[],
): { in: 'header' | 'body'; name: string; because: string } | undefined {
  const writes = endpoints.filter(({ verb }) => verb !== 'GET')
  const found = writes.flatMap(({ parameters }) =>
    parameters.filter(({ name, in: where }) => (where === 'header' || where === 'body') && KEY.test(name)),
  )
  const best = most(found.map(({ name, in: where }) => `${where} ${name}`))
  if (best === undefined) return undefined
  const [where = '', name = ''] = best.value.split(' ')
  return {
    in: where as 'header' | 'body',
    name,
    because: `${best.count} writes take \`${name}\` in the ${where}; how long it is remembered is not known`,
  }
}

/** A header that names the version and has one value. */
function versionOf(endpoints: readonly ApiEndpoint[]): { value: string; header: string } | undefined {
  const found = endpoints.flatMap(({ parameters }) =>
    parameters.filter(
      ({ name, in: where, byDefault }) => where === 'header' && /version$/i.test(name) && byDefault !== undefined,
    ),
  )
  const [first] = found
  return first === undefined ? undefined : { value: String(first.byDefault), header: first.name }
}

const MESSAGES = ['message', 'detail', 'description', 'error_description', 'title']
const CODES = ['code', 'error_code', 'type', 'name', 'reason']

/** Where failures hold text and code: at the top, under `error`, or in the first of `errors`. */
function failureOf(schemas: Schemas, endpoints: readonly ApiEndpoint[]): Marked | undefined {
  const failure = endpoints.find((each) => each.failure !== undefined)?.failure
  if (failure === undefined) return undefined
  const members = schemas.members(failure)
  const single = ['error', 'fault'].find((name) => members.has(name) && schemas.members(members.get(name)).size > 0)
  const many = ['errors', 'details'].find((name) => schemas.members(schemas.elements(members.get(name))).size > 0)
  const inside = single === undefined ? schemas.elements(members.get(many ?? '')) : members.get(single)
  const at = single ?? (many === undefined ? undefined : `${many}[0]`)
  const names = at === undefined ? members : schemas.members(inside)
  const path = (known: readonly string[]): string | undefined => {
    const found = known.find((name) => names.has(name))
    return found === undefined ? undefined : ['$response', ...(at === undefined ? [] : [at]), member(found)].join('.')
  }
  const [message, code] = [path(MESSAGES), path(CODES)]
  return message === undefined && code === undefined ? undefined : guess({ message, code }, 'what failed answers hold')
}
