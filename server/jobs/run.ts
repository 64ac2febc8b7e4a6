import { type CancelSignal, type Clock, EngineError, type Log, type Random } from '../../engine/index.ts'
import type { Metrics } from '../metrics.ts'
import { cleanText } from '../stores/index.ts'
import { type FailedRun, pauseMs, type RunClaimed } from './driver.ts'
import type { HandlerOptions, Job, JobHandler } from './port.ts'

/** What runs of jobs work with. */
export interface RunMeans {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
}

/** Who does jobs of a name. */
export interface Handled extends HandlerOptions {
  readonly handler: JobHandler
}

const TIMEOUT_MS = 300_000

/** Runs jobs by their handlers, each within its time, until the stop ends them. */
export function createRun(means: RunMeans, handled: ReadonlyMap<string, Handled>, stop: AbortSignal): RunClaimed {
  return async (job, lost) => {
    const started = performance.now()
    const found = handled.get(job.name)
    const failure = found === undefined ? noHandler(job) : await failureOf(means, job, found, [lost, stop])
    means.metrics.observe('job_seconds', performance.now() - started, { name: job.name })
    const isDead = failure !== null && job.attempts >= job.maxAttempts && !stop.aborted
    const outcome = failure === null ? 'done' : stop.aborted ? 'interrupted' : isDead ? 'dead' : 'failed'
    means.metrics.count('jobs', { name: job.name, outcome })
    if (failure === null) return null
    tell(means.log, job, failure, isDead)
    return {
      error: textOf(failure),
      jitterMs: Math.round((means.random.next() * pauseMs(job.attempts)) / 2),
      isInterrupted: stop.aborted,
    } satisfies FailedRun
  }
}

const noHandler = ({ name }: Job) => new EngineError('internal', `Nobody handles jobs of the name ${name}`)

/** Null when the handler ended well. One that never ends is left behind when its time is over. */
async function failureOf(
  { clock }: RunMeans,
  job: Job,
  { handler, timeoutMs = TIMEOUT_MS }: Handled,
  ends: readonly AbortSignal[],
): Promise<unknown> {
  const over = new AbortController()
  const forward = () => over.abort(new EngineError('canceled', 'The run was ended from outside'))
  for (const end of ends) {
    if (end.aborted) forward()
    else end.addEventListener('abort', forward, { once: true })
  }
  const timer = new AbortController()
  clock.sleep(timeoutMs, timer.signal).then(
    () => over.abort(new EngineError('timeout', `The job did not end within ${timeoutMs / 1_000} seconds`)),
    () => undefined,
  )
  try {
    await untilAborted(over.signal, () => handler(job.payload, contextOf(job, over.signal)))
    return null
  } catch (error) {
    return error ?? new EngineError('internal', 'The handler failed without an error')
  } finally {
    timer.abort()
    for (const end of ends) end.removeEventListener('abort', forward)
  }
}

function contextOf({ id, attempts, maxAttempts, environmentId }: Job, signal: CancelSignal) {
  return { id, attempt: attempts, isLastAttempt: attempts >= maxAttempts, environmentId, signal }
}

function untilAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    const done = () => signal.removeEventListener('abort', leave)
    new Promise<void>((start) => start(work())).then(resolve, reject).finally(done)
  })
}

/** Messages of others than ours may quote what was read: they stand in the log, never in the database. */
function textOf(failure: unknown): string {
  if (failure instanceof EngineError) return cleanText(`${failure.code}: ${failure.message}`, 1_000)
  return `internal: ${failure instanceof Error ? failure.name : 'a handler failed'}; the log has it under the id of the job`
}

function tell(log: Log, { id, name, attempts, maxAttempts }: Job, err: unknown, isDead: boolean): void {
  const fields = { err, job: id, name, attempt: attempts, max_attempts: maxAttempts }
  if (isDead) log.error(fields, 'a job is dead: it failed as often as it may')
  else log.warn(fields, 'a job failed and is tried again')
}
