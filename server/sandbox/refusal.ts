/** The errors that the machine itself answers with; the rules must say how each looks. */
export const MACHINE_ERRORS = [
  'unauthenticated',
  'unknown_route',
  'record_not_found',
  'record_exists',
  'missing_parameter',
  'unknown_parameter',
  'invalid_parameter',
  'invalid_body',
  'invalid_expand',
  'idempotency_conflict',
  'rate_limited',
  'not_simulated',
] as const

/** Name of an error that the machine itself answers with. */
export type MachineError = (typeof MACHINE_ERRORS)[number]

/** Ends a simulated call with an error of the rules. It never leaves the sandbox: it becomes the provider's own answer. */
export class Refusal extends Error {
  /** Name under `errors` of the rules. */
  readonly error: string
  readonly facts: Readonly<Record<string, unknown>>
  /** What the call did before stays done. */
  readonly keep: boolean

  constructor(error: string, facts: Readonly<Record<string, unknown>> = {}, keep = false) {
    super(`the sandbox answers ${error}`)
    this.error = error
    this.facts = facts
    this.keep = keep
  }
}

/** A refusal by the machine itself. */
export const refuse = (error: MachineError, facts: Readonly<Record<string, unknown>> = {}): Refusal =>
  new Refusal(error, facts)
