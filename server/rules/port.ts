import type { Rule } from '../../engine/index.ts'
import type { RuleRun } from '../stores/rule-types.ts'

/** What a preview looks at. */
export interface PreviewAsk {
  readonly environmentId: string
  readonly rule: Rule
  /** Epoch ms; events from then on. */
  readonly since: number
  /** Most runs told of in full. */
  readonly limit: number
}

/** What a rule would have said. */
export interface PreviewedMessage {
  readonly step: number
  /** When it would have been sent, or will be. */
  readonly at: number
  readonly kind: string
  readonly to: string | null
  readonly subject: string | null
  readonly text: string | null
}

/** A run that an event would have started. */
export interface PreviewedRun {
  readonly eventId: string
  readonly subject: string
  readonly key: string
  readonly integratedAccountId: string | null
  readonly startedAt: number
  readonly status: 'active' | 'done' | 'stopped' | 'failed'
  /** The event or condition that ended it, or what failed. */
  readonly reason: string | null
  readonly messages: readonly PreviewedMessage[]
}

/** What a preview found. */
export interface Preview {
  /** Events looked at. */
  readonly events: number
  /** Runs that would have been started. */
  readonly matched: number
  /** Older events, or messages of later runs, were left out. */
  readonly isPartial: boolean
  readonly runs: readonly PreviewedRun[]
}

/** What a person says about a run. */
export type RuleDecision = 'stop' | 'resend' | 'skip'

/** Everything that is done with rules. */
export interface Rules {
  /** The rules of an environment, switched off ones too, by name. */
  list(environmentId: string): readonly Rule[]
  /** A rule that is not stored, of a text. Throws invalid_body with every fault. */
  read(text: string): Rule
  /** What a rule would have done with the events of the past; nothing is sent. */
  preview(ask: PreviewAsk, signal: AbortSignal): Promise<Preview>
  /**
   * Ends a run (stop), has messages of unknown outcome sent again (resend) or leaves the present step out (skip). Throws
   * conflict when the run is over, or there is nothing to send again.
   */
  change(run: RuleRun, decision: RuleDecision): Promise<void>
  /** The same for a run that is held, only while it is held as it was then: false otherwise. Throws conflict as change. */
  decide(held: RuleRun, decision: RuleDecision): Promise<boolean>
  /** Lets rules and messages to people go on after a restore. Throws conflict when nothing waits. */
  resume(environmentId: string, by: string): Promise<void>
}
