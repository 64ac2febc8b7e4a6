import type { ApiEndpoint, ApiParameter, Schemas } from '../../../engine/index.ts'
import { guess, inline, Marked } from '../yaml.ts'
import { recordOf, recordSchema, recordsOf } from './answers.ts'
import { effectOf } from './effects.ts'
import { type PagingGuess, pagingOf } from './paging.ts'
import type { Place } from './place.ts'

/** What most operations of a document share, so that each need not say it. */
export interface Shared {
  readonly schemas: Schemas
  /** Encoding of most bodies. */
  readonly encoding: string
  /** Where most lists have their records. */
  readonly records: string | undefined
  /** How most lists are paged, as JSON. */
  readonly pagination: string | undefined
  readonly hosts: ReadonlyMap<string, string>
  /** Headers that the definition sends by itself, in lower case. */
  readonly ownHeaders: ReadonlySet<string>
  /** Body members that the definition sends by itself. */
  readonly ownBody: ReadonlySet<string>
}

/** One operation as it is written, and whether it is a list. */
export interface Written {
  readonly place: Place
  readonly method: Readonly<Record<string, unknown>>
  readonly parameters: number
}

/** How a list endpoint is read: where its records are and how it is paged; undefined for others. */
export function listOf(
  schemas: Schemas,
  { endpoint, method }: Place,
): { records: string; because: string; paging: PagingGuess } | undefined {
  const found = recordsOf(schemas, endpoint)
  const reads = endpoint.verb === 'GET' || effectOf(endpoint, '', method).effect === 'read'
  return found === undefined || !reads ? undefined : { ...found, paging: pagingOf(schemas, endpoint) }
}

/** The operation of an endpoint in the words of the language. */
export function methodOf(shared: Shared, place: Place): Written {
  const { endpoint, method, resource, path } = place
  const effect = effectOf(endpoint, resource, method)
  const list = listOf(shared.schemas, place)
  const parameters = parametersOf(shared, place)
  const { servers, verb, isDeprecated } = endpoint
  return {
    place,
    parameters: Object.keys(parameters).length,
    method: {
      effect: effect.because === 'the verb' ? effect.effect : guess(effect.effect, effect.because),
      verb,
      path,
      host: shared.hosts.get(servers[0]?.url ?? ''),
      ...(isDeprecated ? { deprecated: true } : {}),
      ...listKeys(shared, place, list),
      amount: effect.amount,
      currency: effect.currency,
      request: requestOf(shared, endpoint),
      response: responseOf(shared, place, list?.records),
      parameters: Object.keys(parameters).length === 0 ? undefined : parameters,
    },
  }
}

type List = ReturnType<typeof listOf>

function listKeys(shared: Shared, { endpoint, method }: Place, list: List): Readonly<Record<string, unknown>> {
  const isNamed = method === 'list' || method === 'search'
  if (list === undefined) return isNamed ? { list: guess(false, 'the answer has no list of records') } : {}
  const { pagination, because } = list.paging
  const isShared = shared.pagination === JSON.stringify(pagination)
  return {
    list: isNamed ? undefined : guess(true, list.because),
    complete: completeOf(endpoint),
    pagination: isShared ? undefined : guess(pagination, because),
  }
}

/** A parameter that can ask for all says that not all is answered without it. */
function completeOf({ parameters }: ApiEndpoint): Marked {
  const all = parameters.find(({ in: where, enum: values }) => where === 'query' && values?.includes('all'))
  if (all === undefined || all.byDefault === 'all') return guess(true, 'no parameter tells that something is left out')
  const include = { omits: `What only \`${all.name}\` brings in.`, include: { [all.name]: { const: 'all' } } }
  return guess(inline(include), `\`${all.name}\` takes \`all\``)
}

function requestOf({ encoding: usual }: Shared, { encoding }: ApiEndpoint): Marked | undefined {
  return encoding === usual || encoding === 'none' ? undefined : inline({ body: encoding })
}

function responseOf(
  { schemas, records: usual }: Shared,
  { endpoint, resource }: Place,
  records: string | undefined,
): Marked | undefined {
  const format = formatOf(endpoint.answerType)
  if (format !== undefined) return inline({ format })
  if (records !== undefined)
    return records === usual ? undefined : guess(inline({ records }), 'where the answer has its list')
  const record = recordOf(schemas, endpoint, resource)
  return record === undefined ? undefined : guess(inline({ record }), 'the answer wraps the record under its name')
}

function formatOf(type: string): 'csv' | 'text' | 'bytes' | 'none' | undefined {
  if (type === '') return 'none'
  if (/[/+]json$/.test(type) || type === '*/*') return undefined
  if (type === 'text/csv') return 'csv'
  return type.startsWith('text/') ? 'text' : 'bytes'
}

function parametersOf(shared: Shared, { endpoint, names }: Place): Readonly<Record<string, Marked>> {
  const shown = endpoint.parameters.filter((parameter) => isShown(shared, parameter))
  const taken = new Set<string>()
  const entries = shown.flatMap((parameter) => {
    const name = parameter.in === 'path' ? (names.get(parameter.name) ?? parameter.name) : parameter.name
    // A name stands once; the query wins over the body.
    if (taken.has(name)) return []
    taken.add(name)
    return [[name, inline(writtenParameter(parameter))] as const]
  })
  return Object.fromEntries(entries)
}

/** A path parameter that is any text need not be written, and what the definition sends by itself must not. */
function isShown({ ownHeaders, ownBody }: Shared, { in: where, name, type, enum: values }: ApiParameter): boolean {
  if (where === 'path') return type !== 'string' || values !== undefined
  return !(where === 'header' && ownHeaders.has(name.toLowerCase())) && !(where === 'body' && ownBody.has(name))
}

function writtenParameter({ in: where, type, isRequired, ...facts }: ApiParameter): object {
  return {
    in: where,
    type: type === 'string' ? undefined : type,
    required: isRequired && where !== 'path' ? true : undefined,
    enum: facts.enum,
    items: facts.items === undefined || facts.items === 'any' ? undefined : facts.items,
    minimum: facts.minimum,
    maximum: facts.maximum,
    max_length: facts.maxLength,
    'x-pii': where === 'path' ? undefined : piiOf(facts.name),
  }
}

const PII: readonly (readonly [RegExp, string])[] = [
  [/^(e_?mail|email_address|receipt_email)$/i, 'email'],
  [/^(phone|phone_number|mobile)$/i, 'phone'],
  [/^((first|last|given|family|full)_?name|name_on_card|cardholder_name)$/i, 'name'],
  [/^((billing|shipping|postal)_?)?address$/i, 'address'],
  [/^(tax_id|vat_(number|id))$/i, 'tax_id'],
  [/^(ip|ip_address)$/i, 'ip'],
  [/^(card_number|card)$/i, 'card'],
  [/^(iban|account_number|bank_account)$/i, 'bank'],
  [/^(dob|birth_?date|date_of_birth)$/i, 'dob'],
]

/** The kind of personal data that a name is known for. */
const piiOf = (name: string): string | undefined => PII.find(([pattern]) => pattern.test(name))?.[1]

const MOST_VALUES = 60

/** Native fields worth writing down: enums and what is named like personal data. */
export function fieldsOf(
  { schemas, records }: Shared,
  places: readonly Place[],
): Readonly<Record<string, Marked>> | undefined {
  const source = places.find(({ method }) => method === 'get') ?? places.find(({ method }) => method === 'list')
  if (source === undefined) return undefined
  const { endpoint, resource } = source
  const isList = source.method === 'list'
  const at = isList ? (listOf(schemas, source)?.records ?? records) : recordOf(schemas, endpoint, resource)
  const found = at === '$response' ? endpoint.answer : recordSchema(schemas, endpoint, at)
  const record = isList ? schemas.elements(found) : found
  const fields = [...schemas.members(record)].flatMap(([name, schema]): [string, Marked][] => {
    const values = schemas.values(schema)
    const type = schemas.type(schema)
    const pii = piiOf(name)
    const isEnum = values !== undefined && values.length > 1 && values.length <= MOST_VALUES
    if ((!isEnum && pii === undefined) || name.includes('.')) return []
    const written = inline({ type: type === 'file' ? 'any' : type, enum: isEnum ? values : undefined, 'x-pii': pii })
    return [[name, pii === undefined ? written : new Marked(written, 'guess: personal data by its name', false)]]
  })
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}
