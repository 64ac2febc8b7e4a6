import { EngineError, type FilePart } from '../../engine/index.ts'

const MAX_JSON_BYTES = 1_048_576
/** Uploads below /proxy are held in memory; larger ones go through /custom or the drop-in port, which stream. */
const MAX_PARTS_BYTES = 25 * 1_048_576
const MOST_LEVELS = 100

/**
 * The body of a request: parsed JSON, the parts of a multipart body where allowed, or undefined when empty. Throws
 * body_too_large, invalid_json, invalid_body (nested too deep) or unsupported_media_type.
 */
export async function readRequestBody(request: Request, takesFiles: boolean): Promise<unknown> {
  const type = mediaType(request)
  const isParts = takesFiles && type === 'multipart/form-data'
  const bytes = await readLimited(request, isParts ? MAX_PARTS_BYTES : MAX_JSON_BYTES)
  if (bytes.length === 0) return undefined
  const coding = request.headers.get('content-encoding') ?? 'identity'
  if (coding !== 'identity')
    throw unsupported('Content-Encoding', `The content encoding ${coding} is not taken`, ['identity'])
  if (isParts) return readParts(bytes, request.headers.get('content-type') ?? '')
  if (type !== 'application/json' && !type.endsWith('+json')) {
    const valid = ['application/json', ...(takesFiles ? ['multipart/form-data'] : [])]
    throw unsupported(
      'Content-Type',
      type === '' ? 'The body has no content type' : `The content type ${type} is not taken`,
      valid,
    )
  }
  const parsed = parseJson(bytes)
  refuseDeep(parsed)
  return parsed
}

/** Level by level, without recursion: what follows may recurse. */
function refuseDeep(value: unknown): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) {
      throw new EngineError('invalid_body', `The body nests more than ${MOST_LEVELS} levels`, { where: 'body' })
    }
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
}

const mediaType = (request: Request): string =>
  (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

function unsupported(where: string, message: string, valid: readonly string[]): EngineError {
  return new EngineError('unsupported_media_type', message, { where, valid })
}

function tooLarge(limit: number): EngineError {
  return new EngineError('body_too_large', `The body has more than ${limit} bytes`, {
    hint: 'Larger uploads are streamed by /custom and the drop-in port, up to 100 MB.',
  })
}

/** The bytes of a body. Throws body_too_large. */
async function readLimited({ method, headers, body }: Request, limit: number): Promise<Uint8Array> {
  const isEmpty = method === 'GET' || method === 'HEAD' || body === null
  const stream = isEmpty ? [] : body
  return await readStream(stream as unknown as AsyncIterable<Uint8Array>, headers.get('content-length'), limit)
}

/** The same of a stream, whose declared length is looked at first. */
export async function readStream(
  stream: AsyncIterable<Uint8Array>,
  declared: string | null | undefined,
  limit: number,
): Promise<Uint8Array> {
  if (Number(declared ?? 0) > limit) throw tooLarge(limit)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8'
    throw new EngineError('invalid_json', `The body is not valid JSON: ${why}`, { where: 'body', cause })
  }
}

async function readParts(bytes: Uint8Array, contentType: string): Promise<Record<string, unknown>> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData().catch((cause) => {
    throw new EngineError('invalid_request', 'The multipart body cannot be read', { where: 'body', cause })
  })
  const parts: Record<string, unknown> = Object.create(null)
  for (const [name, value] of form) {
    const part = typeof value === 'string' ? value : await toFilePart(value)
    parts[name] = Object.hasOwn(parts, name) ? [parts[name], part].flat() : part
  }
  return parts
}

async function toFilePart(file: File): Promise<FilePart> {
  const data = new Uint8Array(await file.arrayBuffer())
  return { filename: file.name, contentType: file.type === '' ? 'application/octet-stream' : file.type, data }
}
