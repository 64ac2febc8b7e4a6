import { withBodyKey } from '../auth/index.ts'
import type { Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { refuseOwnedBody } from '../request/index.ts'
import type { ForwardCall } from './contract.ts'

/** Largest body that is held in memory because a key goes into it, in bytes. */
const MOST_HELD = 16 * 1024 * 1024

async function gather(body: NonNullable<ForwardCall['body']>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MOST_HELD) throw new EngineError('body_too_large', `The body is larger than ${MOST_HELD} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i

const PARTS = /^multipart\/form-data\s*(;|$)/i
/** The name of a part, quoted or not; `filename=` is another word. */
const PART_NAME = /(?<![\w*])name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi

/**
 * The body as far as owned fields are looked for: JSON, or the names in a form or of parts. Any other media type could
 * be read as one of these at the provider: invalid_body.
 */
function fieldsOf(body: Uint8Array, contentType: string): unknown {
  const text = Buffer.from(body).toString('utf8')
  if (FORM.test(contentType)) return namedFields(new URLSearchParams(text).keys())
  if (PARTS.test(contentType))
    return namedFields([...text.matchAll(PART_NAME)].map(([, quoted, bare]) => quoted ?? bare ?? ''))
  if (!JSON_TYPE.test(contentType)) {
    throw new EngineError('invalid_body', 'The fields of a body of this media type cannot be checked', {
      where: 'Content-Type',
      valid: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new EngineError('invalid_json', 'The body is not valid JSON')
  }
}

/** An object with these names; refuseOwnedBody reads brackets and dots in them. */
function namedFields(names: Iterable<string>): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null)
  for (const name of names) fields[name] = ''
  return fields
}

/** The body of a forwarded request, and the media type when it changes it. */
export interface ForwardBody {
  readonly body: ForwardCall['body']
  readonly contentType?: string
}

/**
 * The caller's body where keys of the integration go into bodies: it is read (up to 16 MiB), owned fields in it are
 * refused, and the key, if the account has one of the kind, is put in.
 */
export async function forwardBody(
  owned: Integration['owned'],
  given: ForwardCall['body'],
  contentType: string | undefined,
  key: readonly [path: string, value: string] | undefined,
): Promise<ForwardBody> {
  const held = given === undefined ? undefined : await gather(given)
  const body = held?.length === 0 ? undefined : held
  if (body !== undefined && owned.body.size > 0) refuseOwnedBody(owned, fieldsOf(body, contentType ?? ''))
  if (key === undefined) return { body }
  const filled = withBodyKey({ body, contentType }, ...key)
  return { body: filled.body, ...(filled.contentType === undefined ? {} : { contentType: filled.contentType }) }
}
