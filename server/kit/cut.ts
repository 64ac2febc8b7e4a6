import {
  type Integration,
  isSecretField,
  type SecretNames,
  secretNames,
  type WireRequest,
  type WireResponse,
} from '../../engine/index.ts'
import { bodyOf } from './exchange.ts'

const MASK = '[secret]'
/** Shorter values stand in ordinary text by chance. */
const LEAST = 6

/** What a request or an answer looks like with its secrets cut. */
export interface ShownMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A request with its secrets cut. */
export interface ShownRequest extends ShownMessage {
  readonly verb: string
  readonly url: string
}

/** An answer with its secrets cut. */
export interface ShownResponse extends ShownMessage {
  readonly status: number
}

/** Cuts credentials, headers that carry them and fields marked x-secret out of what is shown. */
export class Cutter {
  readonly #writings: readonly string[]
  readonly #names: SecretNames
  readonly #headers: ReadonlySet<string>

  constructor(integration: Integration, credentials: Readonly<Record<string, string>>) {
    const values = Object.values(credentials).filter(({ length }) => length >= LEAST)
    const all = values.flatMap((value) => [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
    this.#writings = [...new Set(all)].sort((a, b) => b.length - a.length)
    this.#names = secretNames(integration)
    this.#headers = new Set(['authorization', 'cookie', 'set-cookie', ...integration.owned.headers])
  }

  request({ verb, url, headers, body }: WireRequest): ShownRequest {
    const shown = { verb, url: this.#text(url), headers: this.#headersOf(headers) }
    return body instanceof Uint8Array ? { ...shown, body: this.value(bodyOf(body)) } : shown
  }

  response({ status, headers, body }: WireResponse): ShownResponse {
    return { status, headers: this.#headersOf(Object.entries(headers)), body: this.value(bodyOf(body)) }
  }

  value(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) return value.map((each) => this.value(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => {
        const isSecret = each !== null && isSecretField(this.#names, name, each)
        return [this.#text(name), isSecret ? MASK : this.value(each)]
      }),
    )
  }

  #headersOf(headers: readonly (readonly [string, string])[]): Record<string, string> {
    return Object.fromEntries(
      headers.map(([name, value]) => {
        const lower = name.toLowerCase()
        return [lower, this.#headers.has(lower) ? MASK : this.#text(value)]
      }),
    )
  }

  #text(text: string): string {
    return this.#writings.reduce((left, writing) => left.replaceAll(writing, MASK), text)
  }
}
