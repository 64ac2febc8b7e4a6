import { createHash } from 'node:crypto'
import type { Operation } from '../../engine/index.ts'
import type { Json } from './paths.ts'
import { refuse } from './refusal.ts'

/** An answer before it is written. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** An answer that was given under an idempotency key. */
export interface Kept {
  readonly fingerprint: string
  readonly answer: Answer
  readonly requestId: string
  /** Id of the record that was answered with, if any. */
  readonly recordId: unknown
  readonly atS: number
}

/** Thirty days: longer than any provider keeps keys. */
const LONGEST_S = 2_592_000

/** First answers by idempotency key, for as long as the definition says that the provider keeps them. */
export class Replays {
  readonly #kept = new Map<string, Kept>()

  /** The key of a request, where the operation takes one, and the body without it. */
  keyOf({ idempotency }: Operation, headers: Headers, body: Json): { key: string | undefined; rest: Json } {
    const { in: place, name } = idempotency ?? {}
    if (name === undefined || place === 'none') return { key: undefined, rest: body }
    if (place === 'header') return { key: headers.get(name) ?? undefined, rest: body }
    const { [name]: key, ...rest } = body
    return { key: typeof key === 'string' ? key : undefined, rest }
  }

  /**
   * The first answer under a key. Throws idempotency_conflict when the request is another one, and for every repeat where the
   * definition says that the provider refuses it (`on_conflict`): the error names the record that was made first.
   */
  find(key: string, fingerprint: string, operation: Operation, nowS: number): Kept | undefined {
    const kept = this.#kept.get(key)
    const lifetimeMs = operation.idempotency?.lifetimeMs ?? Number.POSITIVE_INFINITY
    if (kept === undefined || (nowS - kept.atS) * 1000 > lifetimeMs) return undefined
    if (operation.idempotency?.onConflict !== undefined && kept.answer.status < 400)
      throw refuse('idempotency_conflict', { key, id: kept.recordId })
    if (kept.fingerprint !== fingerprint) throw refuse('idempotency_conflict', { key })
    return kept
  }

  /** Keeps a first answer, and forgets those that are older than any operation asks for. */
  keep(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    for (const [old, { atS }] of this.#kept) {
      if (kept.atS - atS <= LONGEST_S) break
      this.#kept.delete(old)
    }
  }
}

/** What makes two requests the same. */
export const fingerprintOf = (verb: string, target: string, body: Uint8Array): string =>
  createHash('sha256').update(`${verb} ${target}\n`).update(body).digest('hex')
