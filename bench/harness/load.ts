import { performance } from 'node:perf_hooks'
import { Pool } from 'undici'

/** A request to repeat. */
export interface Target {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent by POST; without one it is a GET. */
  readonly body?: string | undefined
}

/** Calls that were answered as expected. */
export interface Load {
  readonly calls: number
  /** Milliseconds of each call, from sending to the last byte. */
  readonly latencies: readonly number[]
}

/** Of the length of the first answer: what may differ are cursors and times. */
const LEAST_SHARE = 0.9

/** Asks one target again and again; every answer must be a 200 about as long as the first one, or it throws. */
export class Driver {
  readonly #pool: Pool
  readonly #target: Target
  #bytes: number | undefined

  constructor(target: Target, concurrency: number) {
    this.#target = target
    this.#pool = new Pool(target.origin, { connections: concurrency, pipelining: 1 })
  }

  /** The answer's text, once. */
  async once(): Promise<string> {
    const { path, headers, body: sent = null } = this.#target
    const method = sent === null ? 'GET' : 'POST'
    const { body, statusCode } = await this.#pool.request({ path, headers, method, body: sent })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text.slice(0, 500)}`)
    return text
  }

  /** Keeps `lanes` requests under way for `ms` milliseconds, at least one each. */
  async drive(ms: number, lanes: number): Promise<Load> {
    const latencies: number[] = []
    const end = performance.now() + ms
    const lane = async (): Promise<void> => {
      do {
        const from = performance.now()
        await this.#call()
        latencies.push(performance.now() - from)
      } while (performance.now() < end)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return { calls: latencies.length, latencies }
  }

  async #call(): Promise<void> {
    const { path, headers, body: sent = null } = this.#target
    const method = sent === null ? 'GET' : 'POST'
    const { body, statusCode } = await this.#pool.request({ path, headers, method, body: sent })
    let bytes = 0
    for await (const chunk of body) bytes += (chunk as Uint8Array).length
    this.#bytes ??= bytes
    if (statusCode === 200 && bytes > 0 && bytes >= this.#bytes * LEAST_SHARE) return
    throw new Error(`${path} answered ${statusCode} with ${bytes} bytes, ${this.#bytes} before`)
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
