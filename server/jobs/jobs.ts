import { createHash } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'
import type { Database, StoreTransaction } from '../stores/index.ts'
import type { CheckedJob, JobDriver } from './driver.ts'
import type { HandlerOptions, Job, JobCount, JobHandler, JobQuery, Jobs, NewJob } from './port.ts'
import { createRun, type Handled, type RunMeans } from './run.ts'
import { nextRun, runSchedules, type Schedule } from './schedules.ts'

const MAX_ATTEMPTS = 12
const MAX_PAYLOAD_BYTES = 262_144
const GRACE_MS = 10_000
const LONGEST_KEY = 128

/** The port over one driver: checks, handlers, schedules and the stop are the same on both databases. */
export class DriverJobs implements Jobs {
  readonly #database: Database
  readonly #driver: JobDriver
  readonly #means: RunMeans
  readonly #handled = new Map<string, Handled>()
  readonly #schedules: Schedule[] = []
  /** Ends what runs beside the jobs, at once. */
  readonly #ending = new AbortController()
  /** Ends the runs themselves, when their grace is over. */
  readonly #aborting = new AbortController()
  #isStarted = false
  #scheduling: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | null = null

  constructor(database: Database, driver: JobDriver, means: RunMeans) {
    this.#database = database
    this.#driver = driver
    this.#means = means
  }

  enqueue(trx: StoreTransaction, job: NewJob): Promise<void> {
    return this.#driver.enqueue(trx, checked(job))
  }

  async add(job: NewJob): Promise<void> {
    const sound = checked(job)
    await this.#database.db.transaction().execute((trx) => this.#driver.enqueue(trx, sound))
  }

  handle(name: string, handler: JobHandler, options: HandlerOptions = {}): void {
    if (this.#isStarted || this.#handled.has(name)) throw misuse(`jobs of the name ${name} cannot be handled from here`)
    this.#handled.set(name, { handler, ...options })
  }

  schedule(name: string, cron: string): void {
    if (this.#isStarted || !this.#handled.has(name)) throw misuse(`${name} cannot be scheduled: handle it first`)
    nextRun(cron, 0)
    this.#schedules.push({ name, cron })
  }

  async start(): Promise<void> {
    if (this.#isStarted) throw misuse('jobs are started once')
    this.#isStarted = true
    const run = createRun(this.#means, this.#handled, this.#aborting.signal)
    await this.#driver.start([...this.#handled.keys()], run)
    const fire = (trx: StoreTransaction, name: string) =>
      this.enqueue(trx, { name, payload: {}, environmentId: null, key: 'schedule' })
    const { clock, log } = this.#means
    const means = { database: this.#database, clock, log, fire }
    this.#scheduling = runSchedules(this.#schedules, means, this.#ending.signal)
  }

  stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopping ??= this.#isStarted ? this.#end(graceMs) : Promise.resolve()
    return this.#stopping
  }

  async #end(graceMs: number): Promise<void> {
    this.#ending.abort()
    const cut = setTimeout(() => this.#aborting.abort(), graceMs)
    await this.#scheduling
    await this.#driver.stop()
    clearTimeout(cut)
  }

  list = (query: JobQuery): Promise<readonly Job[]> => this.#driver.list(query)
  counts = (): Promise<readonly JobCount[]> => this.#driver.counts()
  forgetDead = (before: number): Promise<number> => this.#driver.forgetDead(before)
  get = async (id: string): Promise<Job | null> => (isId(id) ? this.#driver.get(id) : null)
  retry = async (id: string): Promise<boolean> => isId(id) && this.#driver.retry(id)
  remove = async (id: string): Promise<boolean> => isId(id) && this.#driver.remove(id)
}

const isId = (id: string): boolean => /^[1-9]\d{0,14}$/.test(id)

const misuse = (message: string) => new EngineError('internal', message)

function checked(job: NewJob): CheckedJob {
  const { name, environmentId, runAt, key, queue, maxAttempts = MAX_ATTEMPTS } = job
  const payload = JSON.stringify(job.payload)
  if (!/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/.test(name) || name.length > LONGEST_KEY) {
    throw misuse(`${name.slice(0, LONGEST_KEY)} is no name of a job`)
  }
  if (payload === undefined || !payload.startsWith('{') || Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    throw misuse(`The payload of a job ${name} is no object of at most ${MAX_PAYLOAD_BYTES} bytes`)
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > 1_000) {
    throw misuse(`A job ${name} cannot have ${maxAttempts} attempts`)
  }
  if (runAt !== undefined && !Number.isFinite(runAt)) throw misuse(`A job ${name} cannot run at ${runAt}`)
  return {
    name,
    payload,
    environmentId,
    runAt: runAt === undefined ? null : Math.round(runAt),
    key: key === undefined ? null : fitting([environmentId, name, key]),
    queue: queue === undefined ? null : fitting([environmentId, queue]),
    maxAttempts,
  }
}

/** A text of bounded length that tells environments apart; a long one is told by its hash. */
function fitting(parts: readonly (string | null)[]): string {
  const text = JSON.stringify(parts)
  return text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64url')
}
