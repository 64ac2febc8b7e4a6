import { EngineError } from '../errors.ts'
import type { BudgetState } from '../ports.ts'
import type { CallReport, SharedCost } from './contract.ts'

/** Upstream requests that one call may make when its options name no number. */
const DEFAULT_MAX_REQUESTS = 100

/** What one call costs and meets on its way; shared by every upstream request of the call. */
export class CallState {
  readonly #maxRequests: number
  readonly #shared: SharedCost | undefined
  readonly #whole: CallState | undefined
  readonly #operations = new Set<string>()
  readonly #providerRequestIds: string[] = []
  readonly #warnings = new Set<string>()
  #requests = 0
  #keys = 0
  #isReplayed = false
  #budget: BudgetState | undefined

  constructor(
    options: { readonly maxRequests?: number | undefined; readonly cost?: SharedCost | undefined } = {},
    whole?: CallState,
  ) {
    this.#maxRequests = options.maxRequests ?? DEFAULT_MAX_REQUESTS
    this.#shared = options.cost
    this.#whole = whole
  }

  /** A part of this call with a bound of its own; all that it costs and meets counts here too. */
  within(maxRequests: number): CallState {
    return new CallState({ maxRequests }, this)
  }

  /** Upstream requests made so far, every attempt counted. */
  get requests(): number {
    return this.#requests
  }

  /** Upstream requests that may still be made. */
  get left(): number {
    const others = this.#shared?.left ?? this.#whole?.left ?? Number.POSITIVE_INFINITY
    return Math.min(this.#maxRequests - this.#requests, others)
  }

  /** Counts one upstream request before it is made. Throws cost_exceeded when the call has none left. */
  spend(operation: string): void {
    if (this.left <= 0) {
      const limit = this.#requests < this.#maxRequests ? 'those made with it may' : String(this.#maxRequests)
      throw new EngineError('cost_exceeded', `The call needs more upstream requests than ${limit}`, {
        hint: 'Ask for fewer records at once, or fewer expansions.',
        ...(this.#requests === 0 ? { sent: false } : {}),
      })
    }
    this.#shared?.spend()
    this.#whole?.spend(operation)
    this.#requests += 1
    this.#operations.add(operation)
  }

  /** The idempotency key of the next write of this call: the first takes the key itself, others a numbered one. */
  keyOf(base: string): string {
    if (this.#whole !== undefined) return this.#whole.keyOf(base)
    this.#keys += 1
    return this.#keys === 1 ? base : `${base}-${this.#keys}`
  }

  /** Keeps the provider's id of a request. */
  addRequestId(id: string | undefined): void {
    if (id !== undefined) this.#providerRequestIds.push(id)
    this.#whole?.addRequestId(id)
  }

  /** Keeps a warning for the caller; the same text once. */
  warn(text: string): void {
    this.#warnings.add(text)
    this.#whole?.warn(text)
  }

  /** Notes that an answer repeats an earlier one. */
  markReplayed(): void {
    this.#isReplayed = true
    this.#whole?.markReplayed()
  }

  /** Keeps the state of the account's budget after a request. */
  setBudget(budget: BudgetState | undefined): void {
    if (budget !== undefined) this.#budget = budget
    this.#whole?.setBudget(budget)
  }

  /** The report so far. */
  report(): CallReport {
    return {
      upstreamRequests: this.#requests,
      operations: [...this.#operations],
      budget: this.#budget,
      replayed: this.#isReplayed,
      providerRequestIds: [...this.#providerRequestIds],
      warnings: [...this.#warnings],
    }
  }
}
