import type { Compiled, CompiledTemplate } from '../expression/index.ts'

/** A rule: what is said to whom after an event, and when. Its expressions are of tenants: they are to be evaluated apart. */
export interface Rule {
  readonly name: string
  readonly description: string
  readonly isEnabled: boolean
  readonly environments: readonly string[]
  /** Types of events that start a run, each exact or with a `*` at the end. */
  readonly on: readonly string[]
  readonly condition: Compiled | undefined
  readonly subject: Compiled | undefined
  readonly key: Compiled | undefined
  readonly refresh: boolean
  /** IANA name. */
  readonly timezone: string
  readonly quiet: QuietTimes
  readonly stop: readonly RuleStop[]
  readonly steps: readonly RuleStep[]
  /** sha256 of its text, hex. */
  readonly version: string
  /** The file as people find it. */
  readonly file: string
}

/** When nothing is sent, by the clock on the wall. */
export interface QuietTimes {
  /** Minutes of the day from which and until which it is quiet, past midnight where the second is not the larger one. */
  readonly hours: { readonly from: number; readonly to: number } | undefined
  /** Days of the week that are quiet, Sunday is 0. */
  readonly days: readonly number[]
}

/** What ends a run: an event of these types, or where there are none, a state. */
export interface RuleStop {
  readonly on: readonly string[]
  readonly condition: Compiled | undefined
}

/** A point in time of a run, counted from its start. */
export interface RuleStep {
  readonly after: { readonly count: number; readonly unit: 'minute' | 'hour' | 'day' }
  readonly actions: readonly RuleAction[]
}

/** One thing that is done. */
export type RuleAction =
  | { readonly kind: 'webhook'; readonly text: CompiledTemplate | undefined }
  | { readonly kind: 'slack'; readonly to: string; readonly text: CompiledTemplate }
  | {
      readonly kind: 'email'
      readonly to: CompiledTemplate
      readonly subject: CompiledTemplate
      readonly text: CompiledTemplate
    }
  | { readonly kind: 'note'; readonly text: CompiledTemplate }
