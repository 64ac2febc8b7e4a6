import type { Operation } from '../definition/catalog.ts'
import type { CancelSignal, Priority } from '../ports.ts'

/** Upstream requests that several calls may still make together, such as the parts of a batch. */
export interface SharedCost {
  readonly left: number
  /** Counts one upstream request before it is made; `left` is asked first. */
  spend(): void
}

/** What every call carries besides its subject. */
export interface CallOptions {
  readonly requestId: string
  readonly priority: Priority
  readonly signal?: CancelSignal | undefined
  /** Instant (epoch ms) after which the answer is no use. Default none. */
  readonly deadline?: number | undefined
  readonly onLimit: 'wait' | 'fail'
  /** Key of a write, also sent to the provider; made by the server when the caller gave none. */
  readonly idempotencyKey?: string | undefined
  /** Most upstream requests of this call. Default 100. */
  readonly maxRequests?: number | undefined
  /** Counts the upstream requests of this call along with those of others. Default none. */
  readonly cost?: SharedCost | undefined
  /** Sees each operation that does not only read, built and about to be sent; throws to keep it back. Default none. */
  readonly beforeWrite?: ((built: BuiltWrite) => Promise<void>) | undefined
}

/** A request that is about to be sent, before credentials are put to it. */
export interface BuiltWrite {
  /** `resource.method`. */
  readonly operation: string
  readonly effect: Operation['effect']
  readonly verb: string
  readonly url: string
  readonly body: Uint8Array | undefined
  /** sha256 over operation, verb, URL, headers and body, hex. */
  readonly hash: string
  /** ISO 4217; null where the definition finds none in the request. */
  readonly currency: string | null
  /** The amount in minor units of a currency; null where the definition finds none in the request. Throws invalid_parameter. */
  amountIn(currency: string): number | null
}
