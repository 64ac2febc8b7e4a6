import { EngineError, type ErrorCode, type WireStream } from '../../engine/index.ts'
import type { CallParts } from './batch-plan.ts'
import type { CallContext } from './context.ts'
import { forward } from './forward.ts'

/** Most bytes of one answer that a batch holds. */
const MOST_BYTES = 10 * 1_048_576
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i
const TEXT_TYPE = /^(text\/|application\/(xml|x-www-form-urlencoded))/i
/** What says how the batch speaks to us, or how its answer is coded, is not the caller's to say for one part. */
const OURS = /^(authorization|x-request-id|x-onefold-.*|accept-encoding)$/i

/**
 * Passes a part on as it is. Its answer is `{ status, body }`: JSON parsed, text as text, other bytes as `body_base64`
 * with their `content_type`. An answer of 400 and above comes with a failure. Throws EngineError.
 */
export async function callCustom(context: CallContext, verb: string, parts: CallParts) {
  const ours = parts.headers.find(([name]) => OURS.test(name))?.[0]
  if (ours !== undefined) {
    throw new EngineError('owned_parameter', `'${ours}' is not given to a single part`, { where: ours })
  }
  const { body, headers } = bodyOf(parts)
  const request = { verb: verb.toUpperCase(), target: targetOf(parts), headers, body }
  const stream = await forward(context, request, 'custom')
  const answer = { status: stream.status, ...readable(stream, await gather(stream)) }
  return { answer, status: stream.status, failure: stream.status < 400 ? undefined : failureOf(context, answer) }
}

function targetOf({ path = '/', query, integratedAccountId }: CallParts): string {
  const account = integratedAccountId === undefined ? [] : [['integrated_account_id', integratedAccountId]]
  const pairs = [...query.map((pair) => [...pair]), ...account]
  const text = pairs
    .map(([name = '', value = '']) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  if (text === '') return path
  return `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/** JSON, or a flat form where the part's Content-Type says so. Throws invalid_body or unsupported_media_type. */
function bodyOf({ body, headers }: CallParts) {
  const plain = [...headers, ['Accept-Encoding', 'identity'] as const]
  if (body === undefined) return { body: undefined, headers: plain }
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (type === undefined)
    return { body: bytes(JSON.stringify(body)), headers: [...plain, ['Content-Type', 'application/json'] as const] }
  if (JSON_TYPE.test(type)) return { body: bytes(JSON.stringify(body)), headers: plain }
  if (type.toLowerCase().startsWith(FORM)) return { body: bytes(formOf(body)), headers: plain }
  throw new EngineError('unsupported_media_type', `A part of a batch has no body of the type ${type}`, {
    where: 'Content-Type',
    valid: ['application/json', FORM],
  })
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

function formOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw noForm('it is no object')
  const pairs = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((item): [string, string] => {
      if (typeof item === 'object') throw noForm(`\`${name}\` is no text`)
      return [name, String(item)]
    }),
  )
  return new URLSearchParams(pairs).toString()
}

const noForm = (why: string): EngineError =>
  new EngineError('invalid_body', `The body is no flat form: ${why}`, {
    where: 'body',
    hint: 'Write the names as the provider reads them, such as `metadata[order]`.',
  })

async function gather({ body }: WireStream): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MOST_BYTES) {
      throw new EngineError('response_too_large', `The answer has more than ${MOST_BYTES} bytes`, { sent: true })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function readable({ headers }: WireStream, body: Buffer): Readonly<Record<string, unknown>> {
  const named = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const type = named('content-type') ?? ''
  if (body.length === 0) return { body: null }
  if (named('content-encoding') === undefined) {
    if (JSON_TYPE.test(type)) return { body: parsed(body) }
    if (TEXT_TYPE.test(type)) return { body: body.toString() }
  }
  return { content_type: type, body_base64: body.toString('base64') }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return body.toString()
  }
}

function failureOf(
  { services, trace }: CallContext,
  { status, body }: { status: number; body?: unknown },
): EngineError {
  const name = trace.account === null ? 'provider' : services.engine.integration(trace.account).label
  const provider = { name, status, ...(body === undefined ? {} : { body }) }
  return new EngineError(codeOf(status), `${name} answered ${status}`, { provider, sent: true })
}

function codeOf(status: number): ErrorCode {
  if (status >= 500) return 'provider_error'
  if (status === 429) return 'rate_limited'
  return status === 401 || status === 403 ? 'provider_forbidden' : 'provider_invalid_request'
}
