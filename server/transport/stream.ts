import type { ArrivingBytes, ByteSink, EngineError, WireRequest, WireStream } from '../../engine/index.ts'
import { Exchange } from './exchange.ts'

type Chunk = IteratorResult<Uint8Array, undefined>

/** Bytes held for a reader that is slower than the provider before the socket is paused. */
const HIGH_WATER = 128 * 1024

const END: Chunk = { done: true, value: undefined }

/** A body as it arrives, read once. Leaving the loop early destroys the socket; a failure is thrown to the reader. */
class ArrivingBody implements ArrivingBytes, AsyncIterator<Uint8Array, undefined> {
  readonly #exchange: { readonly leave: () => void; readonly resume: () => void }
  #chunks: Uint8Array[] = []
  #size = 0
  #isEnded = false
  #error: EngineError | undefined
  #reader: { readonly resolve: (chunk: Chunk) => void; readonly reject: (error: unknown) => void } | undefined
  #sink: ByteSink | undefined

  constructor(exchange: { leave: () => void; resume: () => void }) {
    this.#exchange = exchange
  }

  /** False when the reader must catch up first. */
  push(chunk: Uint8Array): boolean {
    if (this.#sink !== undefined) return this.#sink.write(chunk)
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      reader.resolve({ done: false, value: chunk })
      return true
    }
    this.#chunks.push(chunk)
    this.#size += chunk.length
    return this.#size < HIGH_WATER
  }

  end(error?: EngineError): void {
    this.#isEnded = true
    this.#error = error
    const reader = this.#reader
    this.#reader = undefined
    if (this.#sink !== undefined) finish(this.#sink, undefined, error)
    else if (error === undefined) reader?.resolve(END)
    else reader?.reject(error)
  }

  pour(sink: ByteSink): void {
    const last = this.#isEnded && this.#error === undefined ? this.#chunks.pop() : undefined
    let takesMore = true
    for (const chunk of this.#chunks) takesMore = sink.write(chunk)
    this.#chunks = []
    if (this.#isEnded) {
      finish(sink, last, this.#error)
      return
    }
    this.#sink = sink
    if (takesMore) this.#exchange.resume()
  }

  resume(): void {
    if (!this.#isEnded) this.#exchange.resume()
  }

  next(): Promise<Chunk> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#size -= chunk.length
      if (this.#chunks.length === 0 && !this.#isEnded) this.#exchange.resume()
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#isEnded) return Promise.resolve(END)
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  return(): Promise<Chunk> {
    this.#chunks = []
    if (!this.#isEnded) this.#exchange.leave()
    this.end()
    return Promise.resolve(END)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function finish(sink: ByteSink, last: Uint8Array | undefined, error: EngineError | undefined): void {
  if (error === undefined) sink.end(last)
  else sink.fail(error)
}

function headerPairs(raw: readonly Buffer[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2)
    pairs.push([raw[at]?.toString('latin1') ?? '', raw[at + 1]?.toString('latin1') ?? ''])
  return pairs
}

/** Hands an answer on as soon as its headers are there; the body follows as sent, no faster than it is read. */
export class Stream extends Exchange {
  readonly #resolve: (stream: WireStream) => void
  readonly #reject: (error: unknown) => void
  #body: ArrivingBody | undefined

  constructor(
    request: WireRequest,
    origin: string,
    resolve: (stream: WireStream) => void,
    reject: (error: unknown) => void,
  ) {
    super(request, origin)
    this.#resolve = resolve
    this.#reject = reject
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    if (status < 200) return true
    this.clearTimer()
    this.#body = new ArrivingBody({ resume, leave: () => this.handleEvent() })
    this.#resolve({ status, headers: headerPairs(headers), body: this.#body })
    return true
  }

  onData(chunk: Buffer): boolean {
    return this.#body?.push(chunk) ?? true
  }

  onComplete(): void {
    if (this.isOver) return
    this.finish()
    this.#body?.end()
  }

  protected failed(error: EngineError): void {
    if (this.#body === undefined) this.#reject(error)
    else this.#body.end(error)
  }
}
