import type { ClaimedDelivery } from '../stores/deliveries.ts'
import type { Webhook } from '../stores/index.ts'
import { type AttemptMeans, attempt } from './attempt.ts'
import { Lanes } from './lanes.ts'

/** How long a delivery is this process's to send; longer than any attempt. */
const LEASE_MS = 60_000
/** How often a process on Postgres looks whether others have put something there; on SQLite nobody else does. */
const POLL_MS = 1_000
/** Timers of the runtime end at 24 days. */
const LONGEST_SLEEP_MS = 86_400_000
/** When deliveries could not be looked for, they are again after that. */
const AGAIN_MS = 5_000
/** A transaction that is open when something is put there is over by then, mostly. */
const SOON_MS = 50

/**
 * Sends what is due, as many at once as the lanes allow. Every process has one; a delivery is claimed in the database, so it
 * is sent by one of them, and by another one when that was killed.
 */
export class Dispatcher {
  readonly #means: AttemptMeans
  readonly #lanes = new Lanes()
  readonly #running = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  readonly #aborting = new AbortController()
  #alarm = new AbortController()
  #looking: Promise<void> | null = null
  #isStarted = false
  #wakes = 0
  #seen = 0
  #poll: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined

  constructor(means: AttemptMeans) {
    this.#means = means
  }

  async start(): Promise<void> {
    const { stores, clock } = this.#means
    if (stores.dialect === 'sqlite') await stores.deliveries.freeAll(clock.now())
    else this.#poll = setInterval(() => this.wake(), POLL_MS).unref()
    this.#isStarted = true
    this.wake()
  }

  /** Sends nothing new; lets attempts under way end for up to `graceMs`, then cuts them off. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort()
    this.#alarm.abort()
    clearInterval(this.#poll)
    clearTimeout(this.#soon)
    const cut = setTimeout(() => this.#aborting.abort(), graceMs)
    await this.#looking
    await Promise.all(this.#running)
    clearTimeout(cut)
  }

  /** Looks for work now, and once more when the transaction that called for it may have ended. */
  nudge(): void {
    this.wake()
    if (this.#means.stores.dialect === 'sqlite' || this.#stopped.signal.aborted) return
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.wake(), SOON_MS).unref()
  }

  /** Looks for work now; one look at a time, and another one after it when more calls came meanwhile. */
  wake(): void {
    this.#wakes++
    if (!this.#isStarted || this.#looking !== null || this.#stopped.signal.aborted) return
    this.#looking = this.#look()
      .catch((error) => {
        this.#means.log.error({ err: error }, 'deliveries could not be looked for; it is tried again')
        return this.#means.clock.now() + AGAIN_MS
      })
      .then((next) => {
        this.#looking = null
        if (this.#seen !== this.#wakes) this.wake()
        else this.#sleepUntil(next)
      })
  }

  async #look(): Promise<number> {
    let next = Number.POSITIVE_INFINITY
    do {
      this.#seen = this.#wakes
      next = await this.#pass()
    } while (this.#seen !== this.#wakes && !this.#stopped.signal.aborted)
    return next
  }

  /** Starts what may start; answers when the next delivery is due. */
  async #pass(): Promise<number> {
    const { stores, clock } = this.#means
    const now = clock.now()
    const ready = await stores.deliveries.ready()
    this.#lanes.keep(ready.map(({ webhook }) => webhook))
    const due = ready.filter(({ at }) => at <= now).map(({ webhook }) => webhook)
    for (const webhook of due.sort((a, b) => this.#lanes.busy(a) - this.#lanes.busy(b))) {
      const room = this.#stopped.signal.aborted ? 0 : this.#lanes.room(webhook)
      if (room === 0) continue
      const claimed = await stores.deliveries.claim(webhook, room, now, now + LEASE_MS)
      for (const delivery of claimed) this.#launch(webhook, delivery)
    }
    return Math.min(...ready.filter(({ at }) => at > now).map(({ at }) => at))
  }

  #launch(webhook: Webhook, delivery: ClaimedDelivery): void {
    const { clock, log } = this.#means
    const berth = this.#lanes.enter(webhook)
    const began = clock.now()
    const done = attempt(this.#means, webhook, delivery, this.#aborting.signal)
      .catch((error) => {
        log.error({ err: error, delivery: delivery.id }, 'a delivery could not be dealt with; it is tried again')
        return false
      })
      .then((wasDelivered) => {
        this.#lanes.leave(berth, wasDelivered, clock.now() - began)
        this.#running.delete(done)
        this.wake()
      })
    this.#running.add(done)
  }

  #sleepUntil(next: number): void {
    this.#alarm.abort()
    if (this.#stopped.signal.aborted) return
    this.#alarm = new AbortController()
    const { clock } = this.#means
    const ms = Math.max(1, Math.min(LONGEST_SLEEP_MS, next - clock.now()))
    clock.sleep(ms, this.#alarm.signal).then(
      () => this.wake(),
      () => undefined,
    )
  }
}
