import { EngineError } from '../errors.ts'

/** The bytes and media type of a body. */
export interface TypedBody {
  readonly body: Uint8Array | undefined
  readonly contentType: string | undefined
}

function inJson(body: Uint8Array | undefined, path: readonly string[], value: string): Uint8Array {
  const whole: unknown = body === undefined ? {} : JSON.parse(Buffer.from(body).toString('utf8'))
  let at = whole
  for (const [index, key] of path.entries()) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || key === '__proto__') throw unfit()
    const fields = at as Record<string, unknown>
    if (index === path.length - 1) fields[key] = value
    else if (!Object.hasOwn(fields, key)) fields[key] = {}
    at = fields[key]
  }
  return Buffer.from(JSON.stringify(whole))
}

function inForm(body: Uint8Array | undefined, [root = '', ...rest]: readonly string[], value: string): Uint8Array {
  const name = root + rest.map((key) => `[${key}]`).join('')
  const field = Buffer.from(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return body === undefined || body.length === 0 ? field : Buffer.concat([body, Buffer.from('&'), field])
}

const unfit = (): EngineError =>
  new EngineError('invalid_body', 'The key of this account goes into the body, which must be a JSON object or a form')

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i

/**
 * A body with the key of api_key auth put into it; a request without a body gets a JSON one. `path` is dotted. Throws
 * invalid_body for a media type that has no fields or JSON that cannot be read.
 */
export function withBodyKey(spec: TypedBody, path: string, value: string): Required<TypedBody> {
  const contentType = spec.contentType ?? 'application/json'
  const keys = path.split('.')
  if (FORM_TYPE.test(contentType)) return { body: inForm(spec.body, keys, value), contentType }
  if (!JSON_TYPE.test(contentType)) throw unfit()
  try {
    return { body: inJson(spec.body, keys, value), contentType }
  } catch (cause) {
    throw cause instanceof EngineError ? cause : unfit()
  }
}
