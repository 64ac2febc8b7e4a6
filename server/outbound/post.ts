import { EngineError, type WireStream } from '../../engine/index.ts'
import { cleanText } from '../stores/index.ts'
import { retryAfterMs } from './backoff.ts'
import type { Outcome, SendMeans } from './contract.ts'

/** A body to be posted. */
interface Posted {
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly signal: AbortSignal
  /** Texts that no log may hold. */
  readonly secrets: readonly string[]
}

/** Longest wait for an answer, in milliseconds. */
export const TIMEOUT_MS = 15_000
const MOST_BYTES = 2_048
const MOST_SHOWN = 500
const GONE = 410

/** Posts a body once, follows no redirect, and reads no more of the answer than is kept. Success is any 2xx. */
export async function post({ transport, clock }: SendMeans, posted: Posted): Promise<Outcome> {
  const { url, headers, signal, secrets } = posted
  const request = { verb: 'POST', url, headers, body: Buffer.from(posted.body), timeoutMs: TIMEOUT_MS, maxBytes: 0 }
  try {
    const answer = await transport.stream({ ...request, signal })
    const response = cutSecrets(await firstBytes(answer), secrets)
    const { status } = answer
    const told = { responseStatus: status, response }
    if (status >= 200 && status < 300) return { ...told, result: 'delivered' }
    const asked = retryAfterMs(headerOf(answer, 'retry-after'), clock.now())
    return { ...told, result: 'failed', isGone: status === GONE, error: `status_${status}`, retryAfterMs: asked }
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const result = thrown.details.sent === true ? 'unknown' : 'failed'
    return { result, error: cutSecrets(`${thrown.code}: ${thrown.message}`, secrets) }
  }
}

function headerOf({ headers }: WireStream, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}

/** What is there of the body, up to the limit; that it breaks off changes nothing about the status. */
async function firstBytes({ body }: WireStream): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= MOST_BYTES) break
    }
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString()
}

/** A text fit to be kept: without the secrets given, without what looks like one, and short. */
export function cutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[secret]')), text)
  const clean = known
    .replaceAll(
      /\b(bearer|basic|whsec_|token|secret|password|api[_-]?key)([\s:="']*)[^\s"',;&<>]{6,}/gi,
      '$1$2[secret]',
    )
    .replaceAll(/[A-Za-z0-9+/_-]{32,}={0,2}/g, '[secret]')
  return cleanText(clean, MOST_SHOWN)
}
