import type { Webhook } from '../stores/index.ts'

/** Most deliveries under way in a process. */
export const MOST_UNDER_WAY = 64
/** Of these, most for destinations that are slow or fail: the rest is for those that answer. */
const MOST_SLOW = 16
/** Most to one destination; it begins with one, and each success in time allows one more. */
const MOST_EACH = 8
const SLOW_MS = 2_000

const keyOf = ({ environmentId, id }: Pick<Webhook, 'environmentId' | 'id'>): string => `${environmentId}/${id}`

/** A place that a delivery takes while it is under way. */
export interface Berth {
  readonly key: string
  readonly isSlow: boolean
}

/** How many deliveries may be under way to whom, so that none that is slow or dead keeps another one waiting. */
export class Lanes {
  readonly #busy = new Map<string, number>()
  readonly #pace = new Map<string, number>()
  readonly #slow = new Set<string>()
  #all = 0
  #allSlow = 0

  /** How many more may be sent to a destination now. */
  room(webhook: Webhook): number {
    const key = keyOf(webhook)
    const pace = webhook.pausedUntil === null ? (this.#pace.get(key) ?? 1) : 1
    const own = pace - (this.#busy.get(key) ?? 0)
    const shared = this.#isSlow(webhook)
      ? Math.min(MOST_SLOW - this.#allSlow, MOST_UNDER_WAY - this.#all)
      : MOST_UNDER_WAY - this.#all
    return Math.max(0, Math.min(own, shared))
  }

  /** How many are under way to a destination. */
  busy(webhook: Webhook): number {
    return this.#busy.get(keyOf(webhook)) ?? 0
  }

  enter(webhook: Webhook): Berth {
    const berth = { key: keyOf(webhook), isSlow: this.#isSlow(webhook) }
    this.#busy.set(berth.key, this.busy(webhook) + 1)
    this.#all += 1
    if (berth.isSlow) this.#allSlow += 1
    return berth
  }

  /** Gives a place back; how it went decides how many the destination has at once from now on. */
  leave({ key, isSlow }: Berth, wasDelivered: boolean, durationMs: number): void {
    const left = (this.#busy.get(key) ?? 1) - 1
    if (left === 0) this.#busy.delete(key)
    else this.#busy.set(key, left)
    this.#all -= 1
    if (isSlow) this.#allSlow -= 1
    if (wasDelivered && durationMs < SLOW_MS) {
      this.#slow.delete(key)
      this.#pace.set(key, Math.min(MOST_EACH, (this.#pace.get(key) ?? 1) + 1))
    } else {
      this.#slow.add(key)
      this.#pace.set(key, 1)
    }
  }

  /** Forgets what it knew of destinations that have nothing waiting. */
  keep(webhooks: readonly Webhook[]): void {
    const known = new Set(webhooks.map(keyOf))
    for (const key of [...this.#pace.keys()]) if (!known.has(key) && !this.#busy.has(key)) this.#forget(key)
  }

  #forget(key: string): void {
    this.#pace.delete(key)
    this.#slow.delete(key)
  }

  #isSlow(webhook: Webhook): boolean {
    return webhook.failures > 0 || this.#slow.has(keyOf(webhook))
  }
}
