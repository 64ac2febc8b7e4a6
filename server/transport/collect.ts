import type { EngineError, WireRequest, WireResponse } from '../../engine/index.ts'
import { decodeBody } from './decode.ts'
import { Exchange } from './exchange.ts'
import { tooLarge } from './failure.ts'

/** Header bytes as a record: names in lower case, repeated ones joined by a comma. */
function headerRecord(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toString('latin1').toLowerCase() ?? ''
    const value = raw[at + 1]?.toString('latin1') ?? ''
    const known = headers[name]
    headers[name] = known === undefined ? value : `${known}, ${value}`
  }
  return headers
}

/** Gathers a whole answer within the size limit. */
export class Collect extends Exchange {
  readonly #resolve: (response: WireResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #chunks: Buffer[] = []
  #status = 0
  #headers: Record<string, string> = {}
  #size = 0

  constructor(
    request: WireRequest,
    origin: string,
    resolve: (response: WireResponse) => void,
    reject: (error: unknown) => void,
  ) {
    super(request, origin)
    this.#resolve = resolve
    this.#reject = reject
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) return true
    this.#status = status
    this.#headers = headerRecord(headers)
    const announced = this.request.verb === 'HEAD' ? 0 : Number(this.#headers['content-length'] ?? 0)
    if (announced > this.request.maxBytes) this.stop(tooLarge(this.origin, this.request.maxBytes))
    return true
  }

  onData(chunk: Buffer): boolean {
    this.#size += chunk.length
    if (this.#size > this.request.maxBytes) this.stop(tooLarge(this.origin, this.request.maxBytes))
    else this.#chunks.push(chunk)
    return true
  }

  onComplete(): void {
    if (this.isOver) return
    this.finish()
    const [first] = this.#chunks
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
    // Whoever still holds this exchange must not hold the pieces: kept buffers make the process collect garbage early.
    this.#chunks.length = 0
    const codings = this.#headers['content-encoding']
    if (codings === undefined || body.length === 0) this.#answer(body)
    else
      decodeBody(body, codings, this.request.maxBytes, this.origin).then((whole) => this.#answer(whole), this.#reject)
  }

  #answer(body: Uint8Array): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  protected failed(error: EngineError): void {
    this.#reject(error)
  }
}
