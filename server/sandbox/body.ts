import type { Operation } from '../../engine/index.ts'
import { nested } from './form.ts'
import { isObject, type Json } from './paths.ts'
import { refuse } from './refusal.ts'

/** A body as read: its fields, and whether the wire had only text. */
export interface ReadBody {
  readonly fields: Json
  readonly texts: boolean
}

const NOTHING: ReadBody = { fields: {}, texts: false }
const TYPES: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/x-www-form-urlencoded': 'form',
  'multipart/form-data': 'multipart',
}

/** Reads a body in the encoding of the operation. Throws invalid_body for another encoding and for what cannot be read. */
export async function readBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  operation: Operation,
): Promise<ReadBody> {
  if (bytes.length === 0) return NOTHING
  const kind = TYPES[contentType.split(';')[0]?.trim().toLowerCase() ?? '']
  if (kind === undefined || (kind !== operation.request.body && kind !== 'form'))
    throw refuse('invalid_body', { content_type: contentType, expected: operation.request.body })
  if (kind === 'form') return { fields: nested(new URLSearchParams(Buffer.from(bytes).toString())), texts: true }
  if (kind === 'json') return { fields: unwrapped(readJson(bytes), operation), texts: false }
  return await readMultipart(bytes, contentType)
}

/** The fields inside of the envelope that the operation has, if any. */
function unwrapped(body: Json, { request }: Operation): Json {
  if (request.envelope === undefined) return body
  const inner = body[request.envelope]
  if (!isObject(inner)) throw refuse('invalid_body', { reason: 'envelope', expected: request.envelope })
  const { [request.envelope]: _, ...beside } = body
  return { ...beside, ...inner }
}

function readJson(bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    if (isObject(value)) return value
  } catch (cause) {
    throw Object.assign(refuse('invalid_body', { reason: 'json' }), { cause })
  }
  throw refuse('invalid_body', { reason: 'json' })
}

/** Files become { filename, content_type, size }. */
async function readMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<ReadBody> {
  const response = new Response(bytes, { headers: { 'content-type': contentType } })
  const form = await response.formData().catch(() => {
    throw refuse('invalid_body', { reason: 'multipart' })
  })
  const pairs = [...form].map(([name, value]) => [name, typeof value === 'string' ? value : fileOf(value)] as const)
  return { fields: nested(pairs), texts: true }
}

const fileOf = (file: File): Json => ({ filename: file.name, content_type: file.type, size: file.size })
