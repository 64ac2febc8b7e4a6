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

const MOST_AT_ONCE = 200

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

  /** Resolves when the events are stored. Throws store_failed. */
  store(environmentId: string, events: readonly NewRawEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve()
    return new Promise((done, failed) => {
      this.#waiting.push({ environmentId, events, done, failed })
      if (!this.#isStoring) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isStoring = true
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, MOST_AT_ONCE)
      try {
        await this.#put(some)
        for (const { done } of some) done()
      } catch (error) {
        if (some.length === 1) some[0]?.failed(error)
        else for (const one of some) await this.#put([one]).then(one.done, one.failed)
      }
    }
    this.#isStoring = false
  }

  async #put(some: readonly Waiting[]): Promise<void> {
    const { stores, jobs, clock } = this.#services
    const byEnvironment = new Map<string, NewRawEvent[]>()
    for (const { environmentId, events } of some) {
      byEnvironment.set(environmentId, [...(byEnvironment.get(environmentId) ?? []), ...events])
    }
    await stores.database.db.transaction().execute(async (trx) => {
      for (const [environmentId, events] of byEnvironment) {
        const fresh = await stores.inbound.raw.put(trx, environmentId, events, clock.now())
        for (const account of [...fresh].sort()) await jobs.enqueue(trx, processJob(environmentId, account))
      }
    })
  }
}

/** The job that deals with what waits for an account; one at a time, and one that waits is enough. */
export const processJob = (environmentId: string, account: string) => ({
  name: PROCESS,
  payload: { account },
  environmentId,
  key: account,
  queue: `inbound:${account}`,
})
