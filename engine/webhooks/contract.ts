/** A delivery as it came: nothing in it is believed yet. */
export interface Delivery {
  /** The address that it was sent to, as the provider knows it. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What deliveries to one address are verified with. */
export interface DeliveryKeys {
  /** Secrets that hold now; two while one takes the place of the other. */
  readonly secrets: readonly string[]
  /** What the provider calls the address; null where it has no name. */
  readonly endpointId: string | null
  readonly nowMs: number
  /** Where the provider is reached in place of its own hosts; certificates are taken from there. */
  readonly baseUrl?: string | undefined
  /** The certificate that the delivery names (see certificateUrl), as PEM. */
  readonly certificate?: string | undefined
}

/** An event of a delivery, as the provider sent it. */
export interface NativeEvent {
  /** The provider's id, or the hash of the event; null where each delivery is a new one. */
  readonly id: string | null
  readonly type: string
  /** Identity of the account it happened in; null is whoever the address belongs to. */
  readonly account: string | null
  readonly apiVersion: string | null
  /** Without fields marked x-secret. */
  readonly value: unknown
}

/** What a delivery holds, verified: a text to answer with, or events. */
export type Received = { readonly challenge: string } | { readonly events: readonly NativeEvent[] }
