import type { ServerResponse } from 'node:http'
import type { ArrivingBytes, ByteSink, EngineError } from '../../engine/index.ts'

/**
 * Writes a body as it arrives, no faster than the client takes it. Rejects with the failure of an answer that broke: its
 * connection is to be cut then, so that the client sees a broken answer and never a short one.
 */
export function passBody(body: ArrivingBytes, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => body.pour(new ResponseSink(body, response, resolve, reject)))
}

class ResponseSink implements ByteSink {
  readonly #body: ArrivingBytes
  readonly #response: ServerResponse
  readonly #resolve: () => void
  readonly #reject: (error: EngineError) => void
  #isHeard = false

  constructor(
    body: ArrivingBytes,
    response: ServerResponse,
    resolve: () => void,
    reject: (error: EngineError) => void,
  ) {
    this.#body = body
    this.#response = response
    this.#resolve = resolve
    this.#reject = reject
  }

  write(chunk: Uint8Array): boolean {
    if (this.#response.write(chunk)) return true
    if (!this.#isHeard) this.#response.on('drain', () => this.#body.resume())
    this.#isHeard = true
    return false
  }

  end(last: Uint8Array | undefined): void {
    this.#response.end(last)
    this.#resolve()
  }

  fail(error: EngineError): void {
    this.#reject(error)
  }
}
