import { setMaxListeners } from 'node:events'
import { EngineError } from '../../engine/index.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobContext } from '../jobs/index.ts'
import type { JsonObject } from '../stores/index.ts'
import type { SyncFailure, SyncJob, SyncPlan, SyncRun } from '../stores/sync-types.ts'
import { finishList, isRead } from './finish.ts'
import { LANES, Lanes } from './lanes.ts'
import { runJob } from './queue.ts'
import type { SyncServices as Services } from './services.ts'
import { makePlan, type Targets, targetsOf } from './start.ts'
import { tellerOf } from './tell.ts'
import { PageWriter } from './writer.ts'

/** Runs of one process at once: other jobs want their turn, too. */
const MOST_RUNS = 4
/** After this long a run goes to the end of the queue. */
const SLICE_MS = 60_000
/** Pause after a failure of an attempt that had come forward, unless the provider names one. */
const AGAIN_MS = 10_000
const CROWDED_MS = 5_000

/** A run under way in this process. */
interface Attempt {
  readonly job: SyncJob
  readonly run: SyncRun
  readonly context: JobContext
  /** Ends when the run is not to go on, or the job is to leave off. */
  readonly signal: AbortSignal
}

interface Settling {
  readonly run: SyncRun
  readonly targets: Targets['open']
  /** Lists that cannot be read whatever is tried, by set. */
  readonly failed: ReadonlyMap<number, SyncFailure>
  readonly signal: AbortSignal
  readonly until: number
}

/** Does the runs of sync jobs in this process. */
export class SyncRunner {
  readonly #services: Services
  readonly #writer: PageWriter
  readonly #leaving = new Map<string, AbortController>()

  constructor(services: Services) {
    this.#services = services
    this.#writer = new PageWriter(services.stores.synced, () => services.clock.now(), tellerOf(services))
  }

  /** Ends the requests of a run that was paused, canceled or deleted; what was read before is stored. */
  leave(runId: string): void {
    this.#leaving.get(runId)?.abort(new EngineError('canceled', 'The run is not to go on'))
  }

  /** Handles the job of a run: reads for a while, then hands on to a job that goes on from there. */
  async handle({ run_id: id }: JsonObject, context: JobContext): Promise<void> {
    const { stores, clock, jobs } = this.#services
    const environments = context.environmentId === null ? [] : [context.environmentId]
    const found = await stores.syncRuns.get(environments, String(id))
    const job = found === null ? null : await stores.syncJobs.get(environments, found.jobId)
    if (found === null || job === null) return
    if (this.#leaving.size >= MOST_RUNS) return jobs.add(runJob(job, found, clock.now() + CROWDED_MS))
    if (!(await stores.syncRuns.move(found.id, ['waiting', 'running'], 'running', { now: clock.now() }))) return
    const leaving = new AbortController()
    // Each lane listens for its request and for its turn in the budget.
    setMaxListeners(4 * LANES, leaving.signal)
    const cut = () => leaving.abort(context.signal.reason)
    context.signal.addEventListener('abort', cut, { once: true })
    this.#leaving.set(found.id, leaving)
    try {
      const run = (await stores.syncRuns.get(environments, found.id)) ?? found
      await this.#attempt({ job, run, context, signal: leaving.signal })
    } finally {
      this.#leaving.delete(found.id)
      context.signal.removeEventListener('abort', cut)
    }
  }

  async #attempt(attempt: Attempt): Promise<void> {
    const { job, run, context, signal } = attempt
    const { jobs, clock, log, stores } = this.#services
    const reading = { pages: 0 }
    try {
      if (await this.#read(attempt, reading)) return
      if (context.signal.aborted) throw context.signal.reason
      if (!signal.aborted) await jobs.add(runJob(job, run, clock.now()))
    } catch (thrown) {
      if (context.signal.aborted) throw thrown
      if (signal.aborted) return
      log.warn({ err: thrown, sync_run: run.id, pages: reading.pages }, 'a sync run was interrupted and goes on later')
      const { details, code, message } = asEngineError(thrown)
      if (reading.pages > 0) return jobs.add(runJob(job, run, clock.now() + (details.waitMs ?? AGAIN_MS)))
      if (!context.isLastAttempt) throw thrown
      await stores.syncRuns.move(run.id, ['running'], 'failed', { now: clock.now(), error: { code, message } })
    }
  }

  /** True when the run is over. */
  async #read(attempt: Attempt, reading: { pages: number }): Promise<boolean> {
    const { job, run, signal } = attempt
    const { stores, clock } = this.#services
    const plan = run.plan ?? (await makePlan(this.#services, job, run))
    const { open: targets, closed } = await targetsOf(this.#services, job.environmentId, plan)
    const startedAt = run.startedAt ?? run.createdAt
    const until = clock.now() + SLICE_MS
    const input = { services: this.#services, writer: this.#writer, runId: run.id, startedAt, targets, signal, until }
    const lanes = new Lanes(input, await stores.syncRuns.partitions(run.id))
    await lanes.read().finally(() => {
      reading.pages = lanes.pages
    })
    const settling = { run, targets, failed: new Map([...closed, ...lanes.failed]), signal, until }
    const settled = await this.#settle(plan, settling)
    const isOver = settled.every(({ state }) => state !== 'reading')
    if (isOver) await this.#end(run, settled)
    return isOver
  }

  /** Ends the lists that were read whole or cannot be read, one by one. */
  async #settle(plan: readonly SyncPlan[], settling: Settling): Promise<readonly SyncPlan[]> {
    const { run, targets, failed, signal, until } = settling
    const { stores } = this.#services
    const parts = await stores.syncRuns.partitions(run.id)
    const settled = [...plan]
    for (const [at, one] of plan.entries()) {
      if (one.state !== 'reading') continue
      const note = async (now: SyncPlan): Promise<void> => {
        settled[at] = now
        await stores.syncRuns.savePlan(run.id, settled)
      }
      const error = failed.get(one.setId)
      const target = targets.get(one.setId)
      if (error !== undefined) await note({ ...one, state: 'failed', error })
      else if (target !== undefined && isRead(one, parts)) {
        await note(await finishList({ services: this.#services, run, target, signal, until, note }))
      }
    }
    return settled
  }

  async #end(run: SyncRun, plan: readonly SyncPlan[]): Promise<void> {
    const { stores, clock, log } = this.#services
    const error = plan.find(({ state }) => state === 'failed')?.error ?? null
    const status = error === null ? 'succeeded' : 'failed'
    await stores.syncRuns.move(run.id, ['running'], status, { now: clock.now(), error })
    log.info({ sync_run: run.id, sync_job: run.jobId, status }, 'a sync run has ended')
  }
}
