import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Account, EngineError, settledOver } from '../../engine/index.ts'
import { fillCall, type MadeCall, makeCall, type PlannedCall } from './batch-call.ts'
import { type CallResult, MOST_AT_ONCE, MOST_CALLS, type PartResult, type Reason } from './batch-contract.ts'
import type { CallParts, PlannedPart } from './batch-plan.ts'
import { Slots } from './batch-slots.ts'
import type { Scene, ValueTemplate } from './batch-values.ts'
import type { CallBounds, CallContext } from './context.ts'
import { canonical } from './idempotency.ts'
import { asEngineError, toProblem } from './problem.ts'

const MOST_ANSWER_BYTES = 10 * 1_048_576
const MOST_BODY_BYTES = 1_048_576
const MOST_REQUEST_BYTES = 10 * 1_048_576
const ITEMS_A_TURN = 50
const MOST_EVALUATIONS = 20_000

/** What runs: the parts, the context of the batch with its bounds, and the key that those of its writes are made of. */
export interface Running {
  readonly plan: readonly PlannedPart[]
  readonly args: unknown
  readonly context: CallContext & { readonly within: CallBounds }
  readonly key: string
}

/** Runs the parts of one batch, each after those it waits for, and counts what they come to. */
export class BatchRun {
  readonly #running: Running
  readonly #byName: ReadonlyMap<string, PlannedPart>
  readonly #results = new Map<string, Promise<PartResult>>()
  readonly #slots = new Slots(MOST_AT_ONCE)
  readonly #preparing = new Slots(1)
  readonly #accounts = new Map<string, Account>()
  #halt: Reason | undefined
  #expected = 0
  #evaluations = 0
  #requestBytes = 0
  #calls = 0
  #answerBytes = 0

  constructor(running: Running) {
    this.#running = running
    this.#byName = new Map(running.plan.map((planned) => [planned.part.name, planned]))
  }

  /** The results in the order of the parts. */
  run(): Promise<readonly PartResult[]> {
    return Promise.all(this.#running.plan.map(({ part }) => this.#resultOf(part.name)))
  }

  /** Accounts that were called. */
  get accounts(): readonly Account[] {
    return [...this.#accounts.values()]
  }

  /** Calls made and the bytes of their answers, those left out included. */
  get counts(): { readonly calls: number; readonly answerBytes: number } {
    return { calls: this.#calls, answerBytes: this.#answerBytes }
  }

  #resultOf(name: string): Promise<PartResult> {
    const known = this.#results.get(name)
    if (known !== undefined) return known
    const planned = this.#byName.get(name) as PlannedPart
    const made = this.#part(planned).then((result) => this.#ended(planned, result))
    this.#results.set(name, made)
    return made
  }

  #ended({ part: { name, on_error: onError } }: PlannedPart, result: CallResult): PartResult {
    if (result.status === 'failed' && onError === 'stop') {
      this.#halt ??= { code: 'stopped', message: `\`${name}\` failed, and says to stop then`, because: name }
    }
    return { name, ...result }
  }

  async #part(planned: PlannedPart): Promise<CallResult> {
    const before = await Promise.all(planned.after.map((name) => this.#resultOf(name)))
    const barred = barredBy(before) ?? this.#notRun()
    if (barred !== undefined) return barred
    try {
      const resources = Object.fromEntries(before.map((result) => [result.name, answerOf(result)]))
      const calls = await this.#prepared(planned, { args: this.#running.args, resources })
      if (!Array.isArray(calls)) return calls
      return planned.forEach === undefined ? this.#single(planned, calls) : await this.#loop(planned, calls)
    } catch (thrown) {
      return { status: 'failed', error: toProblem(asEngineError(thrown), this.#running.context.requestId) }
    }
  }

  #single(planned: PlannedPart, [call]: readonly PlannedCall[]): Promise<CallResult> {
    if (call === undefined) throw new TypeError(`${planned.part.name} has no call`)
    return this.#call(call)
  }

  async #loop(planned: PlannedPart, calls: readonly PlannedCall[]): Promise<PartResult> {
    const iterations = new Array<CallResult>(calls.length)
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < calls.length) {
        const at = next++
        const result = await this.#call(calls[at] as PlannedCall)
        iterations[at] = result
        // At once, not when the loop is over: what has not begun is not begun any more.
        if (result.status === 'failed') this.#ended(planned, result)
      }
    }
    await Promise.all(Array.from({ length: Math.min(planned.concurrency, calls.length) }, lane))
    return { name: planned.part.name, ...summary(iterations), iterations }
  }

  /** The calls of a part, or why it makes none. One part after another, so that after one that does too much no other begins. */
  async #prepared(planned: PlannedPart, scene: Scene): Promise<PlannedCall[] | CallResult> {
    const release = await this.#preparing.take()
    try {
      const barred = this.#notRun()
      if (barred !== undefined) return barred
      if (await this.#filled(planned, [planned.when], [scene], () => isMet(planned, scene))) {
        return await this.#callsOf(planned, scene)
      }
      return { status: 'skipped', reason: { code: 'condition', message: 'Its condition is not met' } }
    } finally {
      release()
    }
  }

  /** Does work with values over scenes; their expressions are evaluated apart from the process first, all together. */
  async #filled<T>(
    { part: { name }, where }: PlannedPart,
    values: readonly (ValueTemplate | undefined)[],
    scenes: readonly Scene[],
    work: () => T,
  ): Promise<T> {
    const { caller, services } = this.#running.context
    const expressions = values.flatMap((value) => value?.expressions ?? [])
    this.#evaluations += expressions.length * scenes.length
    try {
      if (this.#evaluations > MOST_EVALUATIONS) {
        const message = `A batch evaluates at most ${MOST_EVALUATIONS} expressions`
        throw new EngineError('expression_limit', message, { where })
      }
      const cells = expressions.flatMap((expression) => scenes.map((record) => ({ expression, record })))
      return await settledOver(cells, { work, owner: `token ${caller.token.id}`, isolate: services.isolate })
    } catch (thrown) {
      const error = asEngineError(thrown)
      if (error.code === 'expression_limit') this.#halt ??= { code: error.code, message: error.message, because: name }
      throw error
    }
  }

  /** The calls of a part with all values filled, before the first is made. */
  async #callsOf(planned: PlannedPart, scene: Scene): Promise<PlannedCall[] | CallResult> {
    const { forEach } = planned
    const values = Object.values(planned.values)
    const list = () => (forEach === undefined ? undefined : listOf(planned, forEach.fill(scene)))
    const items = await this.#filled(planned, [forEach], [scene], list)
    this.#expected += items?.length ?? 1
    if (this.#expected > MOST_CALLS) {
      throw new EngineError('cost_exceeded', `A batch makes at most ${MOST_CALLS} calls`, { where: planned.where })
    }
    const { context, key } = this.#running
    const id = `${context.requestId}:${planned.part.name}`
    if (items === undefined) {
      const parts = await this.#filled(planned, values, [scene], () => fillCall(planned, scene))
      this.#weigh(parts, planned)
      return [{ planned, parts, requestId: id, idempotencyKey: keyOf([key, planned.part.name]) }]
    }
    const calls: PlannedCall[] = []
    const seen = new Map<string, number>()
    for (let from = 0; from < items.length; from += ITEMS_A_TURN) {
      if (from > 0) await nextTurn()
      const barred = this.#notRun()
      if (barred !== undefined) return barred
      const scenes = items.slice(from, from + ITEMS_A_TURN).map((item, at) => ({ ...scene, item, index: from + at }))
      const filled = await this.#filled(planned, values, scenes, () => scenes.map((one) => fillCall(planned, one)))
      for (const parts of filled) {
        // By what is asked for, not by place: a list that changed before a repeat moves its items, not their keys.
        const what = keyOf([key, planned.part.name, this.#weigh(parts, planned)])
        const times = seen.get(what) ?? 0
        seen.set(what, times + 1)
        calls.push({ planned, parts, requestId: `${id}:${calls.length}`, idempotencyKey: keyOf([what, times]) })
      }
    }
    return calls
  }

  /** The text of a request; throws body_too_large for one, or for all of a batch, that has too many bytes. */
  #weigh(parts: CallParts, { where }: PlannedPart): string {
    const text = canonical(parts)
    this.#requestBytes += text.length
    if (text.length <= MOST_BODY_BYTES && this.#requestBytes <= MOST_REQUEST_BYTES) return text
    throw new EngineError('body_too_large', 'A call of the batch, or all of them, have too many bytes', { where })
  }

  async #call(call: PlannedCall): Promise<CallResult> {
    const release = await this.#slots.take()
    try {
      const barred = this.#notRun()
      if (barred !== undefined) return barred
      this.#calls += 1
      return this.#kept(await makeCall(this.#running.context, call))
    } finally {
      release()
    }
  }

  #kept({ result, trace: { account } }: MadeCall): CallResult {
    if (account !== null) this.#accounts.set(account.id, account)
    this.#answerBytes += result.answer === undefined ? 0 : Buffer.byteLength(JSON.stringify(result.answer))
    if (this.#answerBytes <= MOST_ANSWER_BYTES) return result
    const message = `The answers of the batch have more than ${MOST_ANSWER_BYTES} bytes`
    this.#halt ??= { code: 'answers_too_large', message }
    const { answer: _left, ...rest } = result
    return { ...rest, reason: { code: 'answers_too_large', message: `${message}: this one is left out` } }
  }

  /** Set when nothing more may begin. */
  #notRun(): CallResult | undefined {
    const reason = this.#halt ?? haltOf(this.#running.context)
    return reason === undefined ? undefined : { status: 'not_run', reason }
  }
}

function haltOf({ signal, services, within }: Running['context']): Reason | undefined {
  if (signal.aborted) return { code: 'canceled', message: 'The caller left' }
  if (within.deadline !== undefined && services.clock.now() >= within.deadline) {
    return { code: 'deadline', message: 'The deadline of the batch passed' }
  }
  if (within.cost.left > 0) return undefined
  return { code: 'cost', message: 'The batch made as many requests to providers as it may' }
}

/** What keeps a part from running: a part before it that failed, was skipped, or never ran. */
function barredBy(before: readonly PartResult[]): CallResult | undefined {
  const open = before.find(({ status }) => status === 'failed' || status === 'skipped')
  if (open !== undefined) {
    const code = open.status === 'failed' ? 'dependency_failed' : 'dependency_skipped'
    const how = open.status === 'failed' ? 'failed' : 'was skipped'
    return { status: 'skipped', reason: { code, message: `\`${open.name}\` ${how}`, because: open.name } }
  }
  const reason = before.find(({ status }) => status === 'not_run')?.reason
  return reason === undefined ? undefined : { status: 'not_run', reason }
}

const answerOf = ({ answer, iterations }: PartResult): unknown =>
  iterations === undefined ? answer : iterations.map((one) => one.answer)

/** How a loop ended: done when all of it is; one of which only a part ran has failed. */
function summary(iterations: readonly CallResult[]): CallResult {
  const failed = iterations.find(({ status }) => status === 'failed')
  const left = iterations.find(({ reason }) => reason !== undefined)
  if (failed !== undefined) return { status: 'failed', error: failed.error }
  if (left === undefined) return { status: 'done' }
  const isWhole = iterations.every(({ status }) => status === left.status)
  return { status: isWhole ? left.status : 'failed', reason: left.reason }
}

function isMet({ when, where }: PlannedPart, scene: Scene): boolean {
  if (when === undefined) return true
  const value = when.fill(scene)
  if (typeof value === 'boolean') return value
  throw new EngineError('invalid_body', `${where}/when: the condition gives neither true nor false`, {
    where: `${where}/when`,
    hint: 'Write a comparison, or put it into `$boolean(...)` or `$exists(...)`.',
  })
}

/** The list of a loop. A filter that leaves one record gives that record, and one that leaves none gives nothing. */
function listOf({ where, maxIterations }: PlannedPart, value: unknown): readonly unknown[] {
  const at = { where: `${where}/for_each` }
  if (value === null) throw new EngineError('invalid_body', `${at.where}: null is no list`, at)
  const items = value === undefined ? [] : Array.isArray(value) ? value : [value]
  if (items.length <= maxIterations) return items
  const told = `the list has ${items.length} items, and max_iterations is ${maxIterations}`
  throw new EngineError('invalid_body', `${at.where}: ${told}`, at)
}

const keyOf = (parts: readonly unknown[]): string =>
  `batch_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`
