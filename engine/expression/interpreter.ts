import { EngineError } from '../errors.ts'
import { type Context, createContext } from './context.ts'
import type { CellResult, Variables } from './contract.ts'
import { type Scene, stopped, toEngineError } from './failure.ts'
import type { Load, Parsed } from './glue.ts'
import type { Limits } from './limits.ts'
import type { Keys, Needs } from './needs.ts'
import { toPlain } from './plain.ts'
import type { Definition } from './run/natives.ts'

/** An expression that the interpreter can run, with what an evaluation must be given. */
export interface Program {
  readonly source: string
  readonly needs: Needs
  /** Library functions it calls or refers to. */
  readonly functions: ReadonlySet<string>
  readonly sites: Scene['sites']
  readonly reads: Scene['reads']
}

/** One program over one record. */
export interface Job {
  readonly program: Program
  readonly record: unknown
  readonly variables: Variables
}

/** A job, by its place, ready to run. */
interface Loaded {
  readonly at: number
  readonly load: Load
}

/** Runs programs in a context of its own, which it replaces when an expression had to be stopped. */
export class Interpreter {
  readonly #limits: Limits
  #context: Context | undefined
  #handles = new WeakMap<Program, object>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Parses a source. Throws JSONata's own error, an object with `code`, `position` and `token`. */
  parse(source: string): Parsed {
    return this.#open().glue.parse(source)
  }

  /** JSONata's own function of a name, as the package defines it. */
  definition(name: string): Definition {
    const { glue, run } = this.#open()
    const { handle } = glue.parse(`$${name}`)
    const { outcomes } = glue.start([
      { handle, input: undefined, bindings: glue.bind([], []), hidden: { moneyForm: undefined } },
    ])
    run(undefined)
    return (outcomes[0] as { value: Definition }).value
  }

  /** The results of the jobs, in order; a job that fails or is stopped costs only its own result. */
  run(jobs: readonly Job[]): CellResult[] {
    const results = new Array<CellResult>(jobs.length)
    let most = jobs.length
    for (let at = 0; at < jobs.length; ) {
      const end = this.#runSome(jobs, at, Math.min(at + most, jobs.length), results)
      // a batch that was stopped goes on with the suspect alone, which then has the full time of one expression
      most = end.isSuspect ? 1 : jobs.length
      at = end.next
    }
    return results
  }

  /** Runs jobs in one entry; answers where to go on, and whether the job there was running when the batch was stopped. */
  #runSome(
    jobs: readonly Job[],
    from: number,
    to: number,
    results: CellResult[],
  ): { next: number; isSuspect: boolean } {
    const context = this.#open()
    const loaded = this.#loadAll(context, jobs, from, to, results)
    if (loaded.length === 0) return { next: to, isSuspect: false }
    const run = context.glue.start(loaded.map(({ load }) => load))
    const needsWatch = loaded.some(({ at }) => (jobs[at] as Job).program.needs.mayRunLong)
    const limitMs = this.#limits.timeoutMs + this.#limits.graceMs + loaded.length
    const isStopped = context.run(needsWatch ? limitMs : undefined) === 'stopped'
    if (isStopped) this.#close()
    const isSuspect = isStopped && loaded.length > 1
    const started = run.done ? loaded.length : Math.max(run.next, 1)
    const settled = isSuspect ? started - 1 : started
    for (const [index, { at }] of loaded.slice(0, settled).entries()) {
      results[at] = this.#result(run.outcomes[index], jobs[at] as Job, isStopped)
    }
    return { next: loaded[settled]?.at ?? to, isSuspect }
  }

  #loadAll(context: Context, jobs: readonly Job[], from: number, to: number, results: CellResult[]): Loaded[] {
    const loaded: Loaded[] = []
    for (let at = from; at < to; at++) {
      const job = jobs[at] as Job
      try {
        loaded.push({ at, load: this.#load(context, job) })
      } catch (thrown) {
        results[at] = { error: toEngineError(thrown, sceneOf(job)) }
      }
    }
    return loaded
  }

  #load(context: Context, { program, record, variables }: Job): Load {
    const { glue } = context
    const copies = [...program.needs.variables].map(
      ([name, keys]) => [name, glue.copy(own(variables, name), keysOf(keys))] as const,
    )
    return {
      handle: this.#handleOf(context, program),
      input: glue.copy(record, keysOf(program.needs.record)),
      bindings: glue.bind(program.functions, copies),
      hidden: { moneyForm: own(variables, 'money_form') },
    }
  }

  #result(outcome: unknown, job: Job, isStopped: boolean): CellResult {
    const { source } = job.program
    if (outcome === undefined && isStopped) return { error: stopped(source) }
    if (outcome === undefined) {
      return { error: new EngineError('expression_failed', `\`${source}\` did not come to an end`) }
    }
    const { value, failure } = outcome as { value?: unknown; failure?: unknown }
    if (failure !== undefined) return { error: toEngineError(failure, sceneOf(job)) }
    try {
      return { value: value === undefined ? undefined : toPlain(value) }
    } catch (thrown) {
      return { error: toEngineError(thrown, sceneOf(job)) }
    }
  }

  #handleOf(context: Context, program: Program): object {
    const known = this.#handles.get(program)
    if (known !== undefined) return known
    const { handle } = context.glue.parse(program.source)
    this.#handles.set(program, handle)
    return handle
  }

  #open(): Context {
    this.#context ??= createContext(this.#limits)
    return this.#context
  }

  #close(): void {
    this.#context = undefined
    this.#handles = new WeakMap()
  }
}

const own = (variables: Variables, name: string): unknown =>
  Object.hasOwn(variables, name) ? variables[name] : undefined

const keysOf = (keys: Keys): ReadonlySet<string> | undefined => (keys === 'all' ? undefined : keys)

const sceneOf = ({ program, record, variables }: Job): Scene => ({ ...program, record, variables })
