import type { Clock } from '../../engine/index.ts'

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/** Lets everything that is ready run: promises, and answers of sockets in this process. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A clock that moves only when told to. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #sleepers: Sleeper[] = []

  constructor(startMs = 1_760_000_000_000) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** When the next who sleeps is due, epoch ms. */
  get nextAt(): number | undefined {
    return this.#nextBefore(Number.POSITIVE_INFINITY)?.at
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper: Sleeper = { at: this.#now + ms, order: this.#order++, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Moves on by `ms`, waking sleepers in their order and letting each run before the next wakes. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (let next = this.#nextBefore(until); next !== undefined; next = this.#nextBefore(until)) {
      const due = next
      this.#sleepers = this.#sleepers.filter((one) => one !== due)
      this.#now = Math.max(this.#now, due.at)
      due.wake()
      await settle()
    }
    this.#now = until
  }

  /** Moves on by `ms` at once, as for a machine that was asleep: who is due wakes after it, and once. */
  async leap(ms: number): Promise<void> {
    await settle()
    this.#now += ms
    await this.advance(0)
  }

  /** Moves on from sleeper to sleeper until the work is done; time stands still while `isBusy`. */
  async drive<T>(work: Promise<T>, isBusy: () => boolean = () => false): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    for (let quiet = 0; !isDone; ) {
      await settle()
      quiet = isBusy() ? 0 : quiet + 1
      const next = quiet > 2 ? this.#nextBefore(Number.POSITIVE_INFINITY) : undefined
      if (next === undefined) continue
      await this.advance(Math.max(0, next.at - this.#now))
      quiet = 0
    }
    return work
  }

  #nextBefore(until: number): Sleeper | undefined {
    const due = this.#sleepers.filter(({ at }) => at <= until)
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0]
  }
}
