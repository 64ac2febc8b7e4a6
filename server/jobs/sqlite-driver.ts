import type { Clock, Log } from '../../engine/index.ts'
import type { Database, StoreTransaction } from '../stores/index.ts'
import { type CheckedJob, CONCURRENCY, HEARTBEAT_MS, type JobDriver, type RunClaimed } from './driver.ts'
import type { Job, JobCount, JobQuery } from './port.ts'
import {
  claimJob,
  countJobs,
  deleteDead,
  deleteJob,
  freeJobs,
  getJob,
  insertJob,
  type JobRow,
  listJobs,
  nextDue,
  renewLeases,
  rescheduleJob,
  settleJob,
  toJob,
} from './sqlite-table.ts'

/** How often it is looked whether another process (the CLI) wrote something; that costs no query. */
const WATCH_MS = 5_000
/** The longest sleep; timers of the runtime end at 24 days. */
const LONGEST_MS = 86_400_000

interface Running {
  readonly row: JobRow
  readonly lost: AbortController
  readonly done: Promise<void>
}

/**
 * Jobs in the embedded database. Its one connection is held by a transaction until it ends, so a look for work that is
 * begun while a job is being enqueued finds it exactly when it was committed.
 */
export class SqliteJobs implements JobDriver {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #running = new Map<string, Running>()
  readonly #stopped = new AbortController()
  #names: readonly string[] = []
  #run: RunClaimed | null = null
  #looking: Promise<void> | null = null
  #wakes = 0
  #seen = 0
  #alarm = new AbortController()
  #watch: NodeJS.Timeout | undefined
  #stamp: string | null = null
  #isBeating = false
  /** The end of a run could not be stored: its claim is to be freed when its time is over. */
  #isUnsettled = false

  constructor(database: Database, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#database = database
    this.#clock = clock
    this.#log = log
  }

  async enqueue(trx: StoreTransaction, job: CheckedJob): Promise<void> {
    await insertJob(trx, job, this.#clock.now())
    this.#wake()
  }

  async start(names: readonly string[], run: RunClaimed): Promise<void> {
    this.#names = names
    this.#run = run
    // This process alone has the folder: whatever counts as running was cut off.
    await freeJobs(this.#database.db, Number.MAX_SAFE_INTEGER)
    this.#watch = setInterval(() => this.#noticeOthers(), WATCH_MS).unref()
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#alarm.abort()
    clearInterval(this.#watch)
    await this.#looking
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  list = (query: JobQuery): Promise<readonly Job[]> => listJobs(this.#database.db, query)
  get = (id: string): Promise<Job | null> => getJob(this.#database.db, Number(id))
  remove = (id: string): Promise<boolean> => deleteJob(this.#database.db, Number(id))
  counts = (): Promise<readonly JobCount[]> => countJobs(this.#database.db)
  forgetDead = (before: number): Promise<number> => deleteDead(this.#database.db, before)

  async retry(id: string): Promise<boolean> {
    const isThere = await rescheduleJob(this.#database.db, Number(id), this.#clock.now())
    this.#wake()
    return isThere
  }

  /** Looks for work now; one look at a time, and another one after it when more calls came meanwhile. */
  #wake(): void {
    this.#wakes++
    if (this.#run === null || this.#looking !== null || this.#stopped.signal.aborted) return
    this.#looking = this.#look()
      .catch((error) => this.#log.error({ err: error }, 'no job could be taken; it is tried again'))
      .finally(() => {
        this.#looking = null
        if (this.#seen !== this.#wakes) this.#wake()
        else void this.#sleep()
      })
  }

  async #look(): Promise<void> {
    do {
      this.#seen = this.#wakes
      while (this.#running.size < CONCURRENCY && !this.#stopped.signal.aborted) {
        const row = await claimJob(this.#database.db, this.#names, this.#clock.now())
        if (row === null) break
        this.#launch(row)
      }
    } while (this.#seen !== this.#wakes)
  }

  #noticeOthers(): void {
    const stamp = this.#database.stamp()
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    this.#wake()
  }

  /** Until the next job is due; whoever wakes first ends it. */
  async #sleep(): Promise<void> {
    if (this.#stopped.signal.aborted || this.#running.size >= CONCURRENCY) return
    this.#alarm.abort()
    const alarm = new AbortController()
    this.#alarm = alarm
    const now = this.#clock.now()
    const due = await nextDue(this.#database.db, this.#names, now).catch(() => null)
    if (alarm.signal.aborted) return
    if (due === null) return
    await this.#clock.sleep(Math.min(LONGEST_MS, due - now), alarm.signal).then(
      () => this.#wake(),
      () => undefined,
    )
  }

  #launch(row: JobRow): void {
    const lost = new AbortController()
    const lease = row.lease ?? ''
    const done = this.#settle(row, lost).finally(() => {
      this.#running.delete(lease)
      this.#wake()
    })
    this.#running.set(lease, { row, lost, done })
    if (!this.#isBeating) void this.#beat()
  }

  async #settle(row: JobRow, lost: AbortController): Promise<void> {
    const run = this.#run as RunClaimed
    const failed = await run(toJob(row), lost.signal)
    if (lost.signal.aborted) return
    try {
      await settleJob(this.#database.db, row, failed, this.#clock.now())
    } catch (error) {
      this.#isUnsettled = true
      this.#log.error({ err: error, job: String(row.id) }, 'the end of a job could not be stored; it runs again')
    }
  }

  /** Renews the claims of what runs, and gives free those whose end could not be stored, while there are any. */
  async #beat(): Promise<void> {
    this.#isBeating = true
    while ((this.#running.size > 0 || this.#isUnsettled) && (await this.#pause(HEARTBEAT_MS))) {
      try {
        await this.#renew()
      } catch (error) {
        this.#log.error({ err: error }, 'claims of jobs could not be renewed')
      }
    }
    this.#isBeating = false
  }

  async #renew(): Promise<void> {
    const { db } = this.#database
    const now = this.#clock.now()
    const leases = [...this.#running.keys()]
    const standing = leases.length === 0 ? [] : await renewLeases(db, leases, now)
    for (const lease of leases) if (!standing.includes(lease)) this.#running.get(lease)?.lost.abort()
    if (!(await freeJobs(db, now))) return
    this.#isUnsettled = false
    this.#wake()
  }

  /** False when the stop ended it. */
  #pause(ms: number): Promise<boolean> {
    return this.#clock.sleep(ms, this.#stopped.signal).then(
      () => true,
      () => false,
    )
  }
}
