import {
  type Job as LibraryJob,
  Logger,
  makeWorkerUtils,
  type Runner,
  run as runWorker,
  type Task,
  type TaskList,
} from 'graphile-worker'
import type { Pool } from 'pg'
import { type Clock, EngineError, type Log } from '../../engine/index.ts'
import type { Database, JsonObject, StoreTransaction } from '../stores/index.ts'
import {
  type CheckedJob,
  CONCURRENCY,
  type FailedRun,
  HEARTBEAT_MS,
  type JobDriver,
  type RunClaimed,
} from './driver.ts'
import type { Job, JobCount, JobQuery } from './port.ts'
import {
  addJob,
  countJobs,
  deleteDead,
  deleteJob,
  environmentOf,
  freeJobs,
  getJob,
  listJobs,
  renewClaims,
  rescheduleJob,
  SCHEMA,
  settleJob,
} from './postgres-tables.ts'

const POLL_MS = 5_000
const RESTART_MS = 5_000
/** Each of the ten connections of a pool may turn out to be cut; then a database that comes back is waited for. */
const SETTLE_PAUSES_MS = [...Array<number>(11).fill(0), 50, 100, 200, 400, 800, 1_600, 3_200]
/** The port ends runs itself, so that the library never has to. */
const NEVER_MS = 2_147_483_647

interface Running {
  readonly claimedBy: string
  readonly lost: AbortController
}

/**
 * Jobs in the tables of graphile-worker, which hands them out and wakes every process at a commit. What it lacks is
 * added on its tables: claims are renewed while a job runs, and those of a process that is gone are given free.
 */
export class PostgresJobs implements JobDriver {
  readonly #database: Database
  readonly #pool: Pool
  readonly #clock: Clock
  readonly #log: Log
  readonly #running = new Map<string, Running>()
  readonly #stopped = new AbortController()
  #runner: Runner | null = null
  #supervising: Promise<void> = Promise.resolve()
  #beating: Promise<void> = Promise.resolve()

  private constructor(database: Database, pool: Pool, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#database = database
    this.#pool = pool
    this.#clock = clock
    this.#log = log
  }

  /** Brings the library's tables up to date; several processes may do so at once. Throws `store_failed`. */
  static async open(database: Database, means: { readonly clock: Clock; readonly log: Log }): Promise<PostgresJobs> {
    const { pool } = database
    if (pool === null) throw new EngineError('internal', 'There is no Postgres to keep jobs in')
    try {
      const utils = await makeWorkerUtils({ pgPool: pool, schema: SCHEMA, logger: loggerOver(means.log) })
      await utils.migrate().finally(() => utils.release())
    } catch (cause) {
      throw new EngineError('store_failed', 'The tables of jobs cannot be made', {
        hint: 'The role of DATABASE_URL needs CREATE on the database, or ownership of the schema graphile_worker.',
        cause,
      })
    }
    return new PostgresJobs(database, pool, means)
  }

  enqueue = (trx: StoreTransaction, job: CheckedJob): Promise<void> => addJob(trx, job)
  list = (query: JobQuery): Promise<readonly Job[]> => listJobs(this.#database.db, query)
  get = (id: string): Promise<Job | null> => getJob(this.#database.db, id)
  retry = (id: string): Promise<boolean> => rescheduleJob(this.#database.db, id)
  remove = (id: string): Promise<boolean> => deleteJob(this.#database.db, id)
  counts = (): Promise<readonly JobCount[]> => countJobs(this.#database.db)
  forgetDead = (before: number): Promise<number> => deleteDead(this.#database.db, before)

  async start(names: readonly string[], run: RunClaimed): Promise<void> {
    if (names.length === 0) return
    // What a process left behind that has been gone for long enough is not waited for.
    await freeJobs(this.#database.db)
    const task = this.#task(run)
    const taskList: TaskList = Object.fromEntries(names.map((name) => [name, task]))
    this.#runner = await this.#handOut(taskList)
    this.#supervising = this.#supervise(taskList)
    this.#beating = this.#beat()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#beating
    // One that the library gave up is stopped already.
    await this.#runner?.stop().catch(() => undefined)
    await this.#supervising
  }

  #handOut(taskList: TaskList): Promise<Runner> {
    return runWorker({
      pgPool: this.#pool,
      schema: SCHEMA,
      taskList,
      parsedCronItems: [],
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: NEVER_MS,
      // What the library stores after a run is not lost in a rejection that nobody sees, and is awaited by the stop.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      logger: loggerOver(this.#log),
    })
  }

  /** The library gives up where it does not know its state; it is started again until the stop. */
  async #supervise(taskList: TaskList): Promise<void> {
    const tell = (error: unknown) => this.#log.error({ err: error }, 'jobs are not handed out; it is tried again')
    while (!this.#stopped.signal.aborted) {
      await this.#runner?.promise.catch(tell)
      if (!(await this.#pause(RESTART_MS))) return
      this.#runner = await this.#handOut(taskList).catch((error) => {
        tell(error)
        return null
      })
    }
    await this.#runner?.stop().catch(() => undefined)
  }

  #task(run: RunClaimed): Task {
    return async (_payload, { job }) => {
      const id = String(job.id)
      const lost = new AbortController()
      const claim = { id, claimedBy: job.locked_by ?? '', attempts: job.attempts }
      this.#running.set(id, { claimedBy: claim.claimedBy, lost })
      try {
        const failed = this.#stopped.signal.aborted ? TOO_LATE : await run(toJob(job), lost.signal)
        await this.#settle(claim, failed)
        if (failed !== null) throw withoutStack(failed.error)
      } finally {
        this.#running.delete(id)
      }
    }
  }

  /** A connection that was cut takes the statement with it; the next one is another. */
  async #settle(claim: Parameters<typeof settleJob>[1], failed: FailedRun | null): Promise<void> {
    for (const pause of SETTLE_PAUSES_MS) {
      if (pause > 0) await this.#pause(pause)
      try {
        await settleJob(this.#database.db, claim, failed)
        return
      } catch (error) {
        this.#log.warn({ err: error, job: claim.id }, 'the end of a job could not be stored yet')
      }
    }
  }

  async #beat(): Promise<void> {
    while (await this.#pause(HEARTBEAT_MS)) {
      try {
        const claims = [...this.#running]
        const standing = await renewClaims(
          this.#database.db,
          claims.map(([id, { claimedBy }]) => ({ id, claimedBy })),
        )
        for (const [id, { lost }] of claims) if (!standing.has(id)) lost.abort()
        await freeJobs(this.#database.db)
      } catch (error) {
        this.#log.error({ err: error }, 'claims of jobs could not be renewed')
      }
    }
  }

  /** False when the stop ended it. */
  #pause(ms: number): Promise<boolean> {
    return this.#clock.sleep(ms, this.#stopped.signal).then(
      () => true,
      () => false,
    )
  }
}

/** It was claimed while the stop had begun. */
const TOO_LATE: FailedRun = { error: 'canceled: the server stops', jitterMs: 0, isInterrupted: true }

function withoutStack(message: string): Error {
  const error = new Error(message)
  delete error.stack
  return error
}

function toJob(job: LibraryJob): Job {
  return {
    id: String(job.id),
    name: job.task_identifier,
    environmentId: environmentOf(job.flags),
    status: 'running',
    payload: job.payload as JsonObject,
    key: job.key,
    queue: null,
    runAt: job.run_at.getTime(),
    attempts: job.attempts,
    maxAttempts: job.max_attempts,
    lastError: job.last_error,
    createdAt: job.created_at.getTime(),
  }
}

/** Failures of jobs are told by us; the library's own troubles by their text only: what comes with them holds payloads. */
function loggerOver(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (meta !== undefined && 'failure' in meta) return
    if (level === 'error') log.error({ from: 'graphile-worker' }, message)
    if (level === 'warning') log.warn({ from: 'graphile-worker' }, message)
  })
}
