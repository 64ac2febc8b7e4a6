import type { ApiEncoding, ApiParameter } from './contract.ts'
import { isNode, type Schemas } from './schemas.ts'

const PLACES = ['path', 'query', 'header']
/** HTTP itself and the auth of the definition see to these. */
const OWN_HEADERS = new Set(['accept', 'authorization', 'content-type', 'content-length', 'host'])

/** The parameters of an endpoint, a later one in place of an earlier of the same name; cookies by name. */
export function parametersOf(
  schemas: Schemas,
  values: readonly unknown[],
): { parameters: readonly ApiParameter[]; cookies: readonly string[] } {
  const nodes = values.map((value) => schemas.at(value)).filter(({ name }) => typeof name === 'string')
  const known = new Map(nodes.map((node) => [`${String(node.in)} ${String(node.name)}`, node]))
  const kept = [...known.values()].filter(
    ({ in: where, name }) =>
      PLACES.includes(String(where)) && !(where === 'header' && OWN_HEADERS.has(String(name).toLowerCase())),
  )
  const parameters = kept.map((node) => {
    const [media] = Object.values(isNode(node.content) ? node.content : {})
    const schema = node.schema ?? (isNode(media) ? media.schema : undefined)
    const prose = typeof node.description === 'string' ? node.description : ''
    return parameterOf(schemas, {
      name: String(node.name),
      in: node.in as ApiParameter['in'],
      schema,
      isRequired: node.required === true,
      prose,
    })
  })
  return { parameters, cookies: nodes.filter((node) => node.in === 'cookie').map(({ name }) => String(name)) }
}

interface Given extends Pick<ApiParameter, 'name' | 'in' | 'isRequired' | 'prose'> {
  readonly schema: unknown
}

function parameterOf(schemas: Schemas, { schema, ...given }: Given): ApiParameter {
  const type = schemas.type(schema)
  const numeric = type === 'integer' || type === 'number'
  const number = (keyword: string): number | undefined => {
    const value = schemas.fact(schema, keyword)
    return typeof value === 'number' ? value : undefined
  }
  const items = type === 'array' ? schemas.type(schemas.elements(schema)) : undefined
  const values = type === 'array' ? undefined : schemas.values(schema)
  const byDefault = schemas.fact(schema, 'default') ?? (values?.length === 1 ? values[0] : undefined)
  const isScalar = ['string', 'number', 'boolean'].includes(typeof byDefault)
  return {
    ...given,
    type,
    enum: values,
    items: items === 'array' || items === 'file' ? 'any' : items,
    minimum: numeric ? number('minimum') : undefined,
    maximum: numeric ? number('maximum') : undefined,
    maxLength: type === 'string' ? number('maxLength') : undefined,
    byDefault: isScalar ? (byDefault as ApiParameter['byDefault']) : undefined,
  }
}

const ENCODINGS: readonly (readonly [RegExp, ApiEncoding])[] = [
  [/[/+]json$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/^(application\/octet-stream|text\/plain|image\/.*|\*\/\*)$/, 'raw'],
]

/** The body of an endpoint: its encoding, its members at the first level, and how many lie deeper. */
export function bodyOf(
  schemas: Schemas,
  value: unknown,
): { encoding: ApiEncoding; members: readonly ApiParameter[]; nested: number } {
  const body = schemas.at(value)
  const content = Object.entries(isNode(body.content) ? body.content : {})
  const named = content.map(([type, media]) => {
    const bare = type.split(';')[0]?.trim().toLowerCase() ?? ''
    return {
      encoding: ENCODINGS.find(([pattern]) => pattern.test(bare))?.[1] ?? 'other',
      schema: schemas.at(media).schema,
    }
  })
  const order: readonly ApiEncoding[] = ['json', 'form', 'multipart', 'raw', 'other']
  const [best] = named.sort((a, b) => order.indexOf(a.encoding) - order.indexOf(b.encoding))
  if (best === undefined) return { encoding: 'none', members: [], nested: 0 }
  const required = body.required === false ? new Set<string>() : schemas.required(best.schema)
  const found = [...schemas.members(best.schema)].filter(([, schema]) => schemas.at(schema).readOnly !== true)
  const members = found.map(([name, schema]) =>
    parameterOf(schemas, { name, in: 'body', schema, isRequired: required.has(name), prose: '' }),
  )
  // A body without a member, as some documents write it for every read, is none.
  const isEmpty = members.length === 0 && body.required !== true && !['raw', 'other'].includes(best.encoding)
  const nested = found.reduce((sum, [, schema]) => sum + nestedIn(schemas, schema), 0)
  return { encoding: isEmpty ? 'none' : best.encoding, members, nested }
}

/** The members one level below: what says that there is more than the first level. */
const nestedIn = (schemas: Schemas, schema: unknown): number =>
  schemas.members(schema).size + schemas.members(schemas.elements(schema)).size
