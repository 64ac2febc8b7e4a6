import {
  type Clock,
  EngineError,
  type ExpressionIsolate,
  type IsolatedCell,
  type IsolatedResult,
  type Log,
} from '../../engine/index.ts'
import { Cage, type CageLimits, type Ended } from './cage.ts'
import { CagePool, type PoolLimits } from './pool.ts'
import { readResults, writeBatch } from './wire.ts'

/** What the expressions of tenants may use: time of one batch, threads, memory of one thread, places to wait. */
export interface IsolateLimits extends CageLimits, PoolLimits {
  readonly batchMs: number
  /** Cells of one batch that may be stopped before all that are left fail. */
  readonly stops: number
}

/** The limits of a server. */
const ISOLATE_LIMITS: IsolateLimits = Object.freeze({
  batchMs: 1000,
  stops: 3,
  size: 2,
  heapMb: 96,
  stackMb: 4,
  waiting: 200,
  waitingOfOwner: 50,
  batches: 2000,
})

/** An isolate that runs until it is closed. */
export interface RunningIsolate extends ExpressionIsolate {
  /** Ends all threads at once; batches under way end with EngineError overloaded. */
  close(): Promise<void>
}

/** What an isolate is made with. */
export interface IsolateOptions {
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<IsolateLimits>
}

/** Evaluates expressions of tenants in worker threads. The first thread starts with the first batch. */
export function createIsolate({ clock, log, limits = {} }: IsolateOptions): RunningIsolate {
  const all: IsolateLimits = { ...ISOLATE_LIMITS, ...limits }
  const pool = new CagePool(() => Cage.open(ENTRY, all), all)
  const evaluate = async (owner: string, cells: readonly IsolatedCell[]): Promise<readonly IsolatedResult[]> => {
    const results = new Array<IsolatedResult>(cells.length)
    let left = [...cells.keys()]
    for (let stops = 0; left.length > 0; ) {
      const text = writeBatch(left.map((at) => cells[at] as IsolatedCell))
      const ended = await pool.use(owner, (cage) => runIn(cage, text))
      if ('answer' in ended) {
        const given = readResults(ended.answer, left.length)
        for (const [index, at] of left.entries()) results[at] = given[index] as IsolatedResult
        break
      }
      if (ended.stopped === 'closed') throw new EngineError('overloaded', 'The server is shutting down')
      if (ended.isWorn) continue
      stops++
      const isAll = ended.at < 0 || stops >= all.stops
      const guilty = left.filter((_, index) => isAll || index === ended.at)
      log.warn({ owner, reason: ended.stopped, cells: guilty.length }, 'expressions of a tenant were stopped')
      for (const at of guilty) results[at] = { error: stopped(cells[at] as IsolatedCell, ended.stopped, all) }
      left = left.filter((at) => !guilty.includes(at))
    }
    return results
  }
  const runIn = async (cage: Cage, text: string): Promise<Ended & { readonly isWorn: boolean }> => {
    const isWorn = cage.batches > 0
    const ended = await cage.run(text, clock, all.batchMs)
    // a thread that was used before may have died of what others left in it: only a fresh one shows whose fault it was
    return { ...ended, isWorn: isWorn && 'stopped' in ended && ended.stopped !== 'time' }
  }
  return { evaluate, close: () => pool.close() }
}

/** The compiled file of the worker: threads do not read TypeScript, from which tests run. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/server/isolate/worker.js' : './worker.js',
  import.meta.url,
)

function stopped({ source }: IsolatedCell, why: 'time' | 'memory' | 'crash', limits: IsolateLimits): EngineError {
  const shown = source.length > 120 ? `${source.slice(0, 119)}…` : source
  const what = {
    time: `its page took longer than ${limits.batchMs} ms`,
    memory: `it used more memory than ${limits.heapMb} MB`,
    crash: 'it ended the thread it ran in',
  }[why]
  return new EngineError('expression_limit', `\`${shown}\` was stopped: ${what}`, {
    hint: 'Look for endless recursion, large texts and arrays, or a regular expression with nested repetition.',
    cause: { code: undefined, offset: undefined, token: undefined, source },
  })
}
