import { createHash } from 'node:crypto'
import type { RequestRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isRecord, scalarText } from './fields.ts'
import { walkForm } from './form.ts'

interface Upload {
  readonly filename: string
  readonly contentType: string
  readonly data: Uint8Array
}

/** Whether a value is the part of an upload: file name, media type and bytes. */
export const isUpload = (value: unknown): value is Upload => isRecord(value) && value.data instanceof Uint8Array

/** Quotes a name or file name as browsers do (WHATWG HTML, multipart/form-data encoding). */
const quoted = (text: string): string =>
  `"${text.replace(/["\r\n]/g, (found) => ({ '"': '%22', '\r': '%0D', '\n': '%0A' })[found] ?? '')}"`

function mediaType(upload: Upload): string {
  if (/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=("[^"\r\n]*"|[\w.+-]+))*$/.test(upload.contentType)) return upload.contentType
  throw new EngineError('invalid_parameter', `The media type of the file '${upload.filename}' is not valid`)
}

function part(name: string, value: unknown): Uint8Array[] {
  const head = `Content-Disposition: form-data; name=${quoted(name)}`
  if (!isUpload(value)) return [Buffer.from(`${head}\r\n\r\n${scalarText(value, name)}`)]
  const file = `${head}; filename=${quoted(value.filename)}\r\nContent-Type: ${mediaType(value)}\r\n\r\n`
  return [Buffer.from(file), value.data]
}

/**
 * A multipart/form-data body (RFC 7578). The boundary is a hash of the content, so the same input gives the same bytes
 * and no content can hold it.
 */
export function multipartBody(
  body: Readonly<Record<string, unknown>>,
  rules: RequestRules,
): { readonly body: Uint8Array; readonly contentType: string } {
  const parts: Uint8Array[][] = []
  walkForm(body, rules, (name, value) => parts.push(part(name, value)), isUpload)
  const hash = createHash('sha256')
  for (const bytes of parts.flat()) hash.update(bytes)
  const boundary = `onefold-${hash.digest('hex').slice(0, 40)}`
  const open = Buffer.from(`--${boundary}\r\n`)
  const end = Buffer.from('\r\n')
  const chunks = parts.flatMap((bytes) => [open, ...bytes, end])
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}
