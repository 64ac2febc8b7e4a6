import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { EngineError } from '../../engine/index.ts'
import { tooLarge } from './failure.ts'

type Decoder = (body: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>

const gunzip: Decoder = promisify(zlib.gunzip)
const brotli: Decoder = promisify(zlib.brotliDecompress)
const inflate: Decoder = promisify(zlib.inflate)
const inflateRaw: Decoder = promisify(zlib.inflateRaw)

/** `deflate` is zlib by RFC 9110, but some servers send it bare; the first byte tells. */
const deflate: Decoder = (body, options) => (((body[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(body, options)

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', deflate],
  ['br', brotli],
])

/** What is asked for when the request says nothing else. */
export const ACCEPT_ENCODING = 'gzip, br, deflate'

const MOST_CODINGS = 2

const unreadable = (origin: string, cause: unknown): EngineError =>
  new EngineError('connection_failed', `The compressed answer of ${origin} is cut short or damaged`, {
    sent: true,
    cause,
  })

/**
 * A body without its content codings (RFC 9110 8.4), the last one first. Stops at `maxBytes` of output, whatever the
 * input would grow to: response_too_large. A coding that is not known, cut short or damaged is connection_failed.
 */
export async function decodeBody(body: Uint8Array, codings: string, maxBytes: number, origin: string) {
  const names = codings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > MOST_CODINGS) throw unreadable(origin, new Error(`${names.length} content codings`))
  let whole = body
  for (const name of names.reverse()) {
    const decoder = DECODERS.get(name)
    if (decoder === undefined) throw unreadable(origin, new Error('an unknown content coding'))
    try {
      whole = await decoder(whole, { maxOutputLength: maxBytes })
    } catch (cause) {
      const isLimit = cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
      throw isLimit ? tooLarge(origin, maxBytes) : unreadable(origin, cause)
    }
  }
  return whole
}
