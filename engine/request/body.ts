import type { RequestRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { BodyType } from '../schema/generated.ts'
import { encodePairs, isRecord } from './fields.ts'
import { formPairs } from './form.ts'
import { isUpload, multipartBody } from './multipart.ts'

/** A body as bytes with its media type. */
export interface EncodedBody {
  readonly body: Uint8Array
  readonly contentType: string
}

type Fields = Readonly<Record<string, unknown>>

/** JSON with null written as the request says; lists keep their length. */
function withNulls(value: unknown, nulls: 'empty' | 'omit'): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === null ? null : withNulls(item, nulls)))
  if (!isRecord(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) define(copy, key, withNulls(item, nulls))
    else if (nulls === 'empty') define(copy, key, '')
  }
  return copy
}

/** Sets an own property, `__proto__` too. */
const define = (target: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

/** A copy of an object with one dotted path set; what stands in the way is replaced. */
function withPath(body: Fields, path: readonly string[], value: unknown): Fields {
  const [key = '', ...rest] = path
  const copy: Record<string, unknown> = { ...body }
  const inner = copy[key]
  define(copy, key, rest.length === 0 ? value : withPath(isRecord(inner) ? inner : {}, rest, value))
  return copy
}

function wrapped(body: unknown, rules: RequestRules): unknown {
  let whole = body
  for (const [path, value] of Object.entries(rules.constants)) {
    if (whole !== undefined && !isRecord(whole)) throw notAnObject()
    whole = withPath(whole ?? {}, path.split('.'), value)
  }
  return rules.envelope === undefined || whole === undefined ? whole : { [rules.envelope]: whole }
}

const notAnObject = (): EngineError => new EngineError('invalid_body', 'The body of this operation is an object')

function fieldsOf(body: unknown): Fields {
  if (isRecord(body)) return body
  throw notAnObject()
}

function rawBody(body: unknown): EncodedBody {
  if (body instanceof Uint8Array) return { body, contentType: 'application/octet-stream' }
  if (typeof body === 'string') return { body: Buffer.from(body), contentType: 'text/plain; charset=utf-8' }
  if (isUpload(body)) return { body: body.data, contentType: body.contentType }
  throw new EngineError('invalid_body', 'The body of this operation is text, bytes or a file')
}

/** One encoder for each body type of the schema; the body is whole: constants and envelope are in it. */
const ENCODERS: Readonly<Record<BodyType, (body: unknown, rules: RequestRules) => EncodedBody | undefined>> = {
  json: (body, rules) => ({
    body: Buffer.from(JSON.stringify(rules.nulls === 'null' ? body : withNulls(body, rules.nulls))),
    contentType: 'application/json',
  }),
  form: (body, rules) => ({
    body: Buffer.from(encodePairs(formPairs(fieldsOf(body), rules))),
    contentType: 'application/x-www-form-urlencoded',
  }),
  multipart: (body, rules) => multipartBody(fieldsOf(body), rules),
  raw: rawBody,
  none: (body) => {
    if (isRecord(body) && Object.keys(body).length === 0) return undefined
    throw new EngineError('invalid_body', 'This operation takes no body')
  },
}

/** Encodes a body by the operation's rules; undefined when there is nothing to send. Throws invalid_body or invalid_parameter. */
export function encodeBody(body: unknown, rules: RequestRules): EncodedBody | undefined {
  const whole = rules.body === 'raw' || rules.body === 'none' ? body : wrapped(body, rules)
  return whole === undefined ? undefined : ENCODERS[rules.body](whole, rules)
}
