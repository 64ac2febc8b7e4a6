import { EngineError } from '../../engine/index.ts'
import type { StoreTransaction } from '../stores/index.ts'
import type { SyncJob, SyncRun } from '../stores/sync-types.ts'
import type { AskedRun, AskedSyncJob, Sync } from './port.ts'
import { runJob } from './queue.ts'
import { SyncRunner } from './runner.ts'
import { nextDue } from './schedule.ts'
import type { SyncServices as Services } from './services.ts'

const MOST_DUE = 200
const OPEN = ['waiting', 'running', 'paused'] as const

/** Everything that is done with sync jobs; what follows from a change is enqueued in its transaction. */
export class SyncDesk implements Sync {
  readonly #services: Services
  readonly runner: SyncRunner

  constructor(services: Services) {
    this.#services = services
    this.runner = new SyncRunner(services)
  }

  create({ startAt, ...asked }: AskedSyncJob): Promise<{ readonly job: SyncJob; readonly run: SyncRun | null }> {
    const now = this.#services.clock.now()
    const isLater = startAt !== null && startAt > now
    const nextRunAt = isLater ? startAt : nextDue(asked.schedule, now)
    const nextFullAt = nextDue(asked.fullSchedule, isLater ? startAt : now)
    return this.#transaction(async (trx) => {
      const job = await this.#services.stores.syncJobs.create(trx, { ...asked, nextRunAt, nextFullAt }, now)
      return { job, run: isLater ? null : await this.#start(trx, job, { mode: 'auto' }) }
    })
  }

  async run(job: SyncJob, asked: AskedRun): Promise<SyncRun> {
    if (job.isPaused) throw new EngineError('conflict', 'The sync job is paused', { hint: 'Resume it first.' })
    const run = await this.#transaction((trx) => this.#start(trx, job, asked))
    if (run !== null) return run
    throw new EngineError('conflict', 'A run of this sync job is under way', { hint: 'Wait for it, or cancel it.' })
  }

  async pause(job: SyncJob): Promise<void> {
    const { stores, clock } = this.#services
    const now = clock.now()
    const resting = await this.#transaction(async (trx) => {
      await stores.syncJobs.setPaused(trx, job.id, true, now)
      const run = await stores.syncRuns.active(trx, job.id)
      if (run !== null) await stores.syncRuns.move(run.id, ['waiting', 'running'], 'paused', { now, trx })
      return run
    })
    if (resting !== null) this.runner.leave(resting.id)
  }

  async resume(job: SyncJob): Promise<void> {
    const { stores, clock, jobs } = this.#services
    const now = clock.now()
    await this.#transaction(async (trx) => {
      await stores.syncJobs.setPaused(trx, job.id, false, now)
      const run = await stores.syncRuns.active(trx, job.id)
      if (run === null) return
      const isResting = await stores.syncRuns.move(run.id, ['paused'], 'waiting', { now, trx })
      if (isResting) await jobs.enqueue(trx, runJob(job, run))
    })
  }

  async remove(job: SyncJob): Promise<boolean> {
    const { stores } = this.#services
    const run = await this.#transaction((trx) => stores.syncRuns.active(trx, job.id))
    const isDeleted = await stores.syncJobs.delete(job.environmentId, job.id)
    if (run !== null) this.runner.leave(run.id)
    return isDeleted
  }

  async cancel(run: SyncRun): Promise<void> {
    const { stores, clock } = this.#services
    const isEnded = await stores.syncRuns.move(run.id, OPEN, 'canceled', { now: clock.now() })
    this.runner.leave(run.id)
    if (!isEnded) throw new EngineError('conflict', 'The run is over', { where: 'id' })
  }

  /** Starts the runs that are due; one that comes while another is under way is left out, a full one waits for it. */
  async startDue(): Promise<void> {
    const { stores, clock } = this.#services
    const now = clock.now()
    for (const job of await stores.syncJobs.due(now, MOST_DUE)) {
      await this.#transaction(async (trx) => {
        const isFull = job.nextFullAt !== null && job.nextFullAt <= now
        const isFree = (await stores.syncRuns.active(trx, job.id)) === null
        const nextRunAt = job.nextRunAt !== null && job.nextRunAt <= now ? nextDue(job.schedule, now) : job.nextRunAt
        const nextFullAt = isFull && isFree ? nextDue(job.fullSchedule, now) : job.nextFullAt
        const isOurs = await stores.syncJobs.moveOn(trx, job, { nextRunAt, nextFullAt })
        if (isOurs && isFree) await this.#start(trx, job, { mode: isFull ? 'full' : 'auto' })
      })
    }
  }

  async #start(trx: StoreTransaction, job: SyncJob, { mode, maxDeletedShare }: AskedRun): Promise<SyncRun | null> {
    const { stores, clock, jobs } = this.#services
    const given = { mode, maxDeletedShare: maxDeletedShare ?? job.maxDeletedShare, now: clock.now() }
    const run = await stores.syncRuns.create(trx, job, given)
    if (run !== null) await jobs.enqueue(trx, runJob(job, run))
    return run
  }

  #transaction<T>(work: (trx: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#services.stores.database.db.transaction().execute(work)
  }
}
