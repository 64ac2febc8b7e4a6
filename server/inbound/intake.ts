import { EngineError } from '../../engine/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { NewRawEvent, Stores } from '../stores/index.ts'
import { PROCESS } from './names.ts'

interface Waiting {
  readonly environmentId: string
  readonly events: readonly NewRawEvent[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

type Needed = { readonly stores: Stores; readonly jobs: Jobs; readonly clock: { now(): number } }

/** Of one transaction: deliveries, and events beyond which no other delivery joins. */
const MOST_DELIVERIES = 200
const MANY_EVENTS = 1_000
/** A small part of what a commit takes. */
const GATHER_MS = 2
/** More deliveries than this are not kept waiting: who sends them tries again. */
const MOST_WAITING = 10_000

/**
 * Stores what comes in, with the job that deals with it. Deliveries that arrive while others are being stored share the next
 * transaction: each is answered when its events are on disk.
 */
export class Intake {
  readonly #services: Needed
  #waiting: Waiting[] = []
  #isStoring = false

  constructor(services: Needed) {
    this.#services = services
  }

  /** Resolves when the events are stored. Throws store_failed, or overloaded where too much waits already. */
  store(environmentId: string, events: readonly NewRawEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve()
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(new EngineError('overloaded', 'More deliveries wait to be stored than are taken'))
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ environmentId, events, done, failed })
      if (!this.#isStoring) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isStoring = true
    let before = 1
    while (this.#waiting.length > 0) {
      await this.#gather(before)
      const some = this.#take()
      before = some.length
      try {
        await this.#put(some)
        for (const { done } of some) done()
      } catch (error) {
        if (some.length === 1) some[0]?.failed(error)
        else await Promise.all(some.map((one) => this.#put([one]).then(one.done, one.failed)))
      }
    }
    this.#isStoring = false
  }

  /**
   * Lets in what has arrived already, which a transaction of an embedded database does not; and where deliveries come in
   * numbers, those that are about to.
   */
  #gather(before: number): Promise<void> {
    return new Promise((resolve) => {
      if (before > 1) setTimeout(resolve, GATHER_MS)
      else setImmediate(resolve)
    })
  }

  #take(): Waiting[] {
    let count = 0
    let events = 0
    while (count < Math.min(MOST_DELIVERIES, this.#waiting.length) && events < MANY_EVENTS) {
      events += this.#waiting[count]?.events.length ?? 0
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #put(some: readonly Waiting[]): Promise<void> {
    const { stores, jobs, clock } = this.#services
    const byEnvironment = new Map<string, NewRawEvent[]>()
    for (const { environmentId, events } of some) {
      const known = byEnvironment.get(environmentId)
      if (known === undefined) byEnvironment.set(environmentId, [...events])
      else for (const event of events) known.push(event)
    }
    await stores.database.db.transaction().execute(async (trx) => {
      for (const [environmentId, events] of [...byEnvironment].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const fresh = await stores.inbound.raw.put(trx, environmentId, events, clock.now())
        for (const account of [...fresh].sort()) await jobs.enqueue(trx, processJob(environmentId, account))
      }
    })
  }
}

/** The job that deals with what is due for an account; one at a time, and one that waits is enough. */
export const processJob = (environmentId: string, account: string) => ({
  name: PROCESS,
  payload: { account },
  environmentId,
  key: account,
  queue: `inbound:${account}`,
})

/** The same, at the instant (epoch ms) when what was put off is due. */
export const laterJob = (environmentId: string, account: string, runAt: number) => ({
  ...processJob(environmentId, account),
  key: `later:${account}`,
  runAt,
})

/** The same for an account that works again: what was put off is tried anew. */
export const anewJob = (environmentId: string, account: string) => ({
  ...processJob(environmentId, account),
  payload: { account, isAnew: true },
  key: `anew:${account}`,
})
