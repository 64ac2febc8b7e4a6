import type { EventSubject } from './event-types.ts'
import type { JsonObject, PageQuery } from './rows.ts'

/**
 * `starting`: whether it starts is not known yet. `held`: a message may have gone out or not, and a person says what happens.
 * `failed`: an expression of the rule could not be evaluated.
 */
export const RULE_RUN_STATUSES = Object.freeze(['starting', 'active', 'held', 'done', 'stopped', 'failed'] as const)

/** One of RULE_RUN_STATUSES. */
export type RuleRunStatus = (typeof RULE_RUN_STATUSES)[number]

/** Statuses of runs that go on. */
export const OPEN_STATUSES: readonly RuleRunStatus[] = Object.freeze(['starting', 'active', 'held'])

/** A rule at work on one subject. Instants are epoch milliseconds. */
export interface RuleRun extends Omit<NewRuleRun, 'scope' | 'now'> {
  readonly id: string
  /** The step that comes next, from 0. */
  readonly step: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly endedAt: number | null
}

/** A run to make. */
export interface NewRuleRun {
  readonly environmentId: string
  readonly rule: string
  /** sha256 of the rule's text. */
  readonly version: string
  readonly subject: string
  readonly key: string
  readonly integratedAccountId: string | null
  readonly tenantId: string | null
  readonly integration: string | null
  readonly livemode: boolean | null
  readonly about: Pick<EventSubject, 'model' | 'resource' | 'recordId'>
  readonly customerId: string | null
  readonly eventId: string
  /** The event on the wire, with the newest state that is known. */
  readonly event: JsonObject
  readonly status: RuleRunStatus
  /** Why it is held, or ended. */
  readonly reason: string | null
  readonly nextAt: number | null
  readonly now: number
}

/** What changes of a run; a field not named stays. */
export interface RuleRunPatch {
  readonly status?: RuleRunStatus | undefined
  readonly reason?: string | null | undefined
  readonly step?: number | undefined
  readonly nextAt?: number | null | undefined
  readonly event?: JsonObject | undefined
  readonly version?: string | undefined
}

/** Which runs, newest first. */
export interface RuleRunQuery extends PageQuery {
  readonly environments: readonly string[]
  readonly rule?: string | undefined
  readonly status?: RuleRunStatus | undefined
  readonly integratedAccountId?: string | undefined
  readonly subject?: string | undefined
  readonly customerId?: string | undefined
  /** Not changed since this instant (epoch ms). */
  readonly unchangedSince?: number | undefined
  /** Whether something of its present step is in doubt because the database came out of a backup. */
  readonly isOfRestore?: boolean | undefined
}

/** `waiting`: an attempt failed and another one follows. `outcome_unknown`: it may have gone out, and is not sent again by itself. */
export const RULE_MESSAGE_STATUSES = Object.freeze([
  'sending',
  'waiting',
  'sent',
  'failed',
  'outcome_unknown',
  'skipped',
] as const)

/** One of RULE_MESSAGE_STATUSES. */
export type RuleMessageStatus = (typeof RULE_MESSAGE_STATUSES)[number]

/** What is said, to whom where it is not everybody. */
export interface RuleContent {
  readonly to?: string | undefined
  readonly subject?: string | undefined
  readonly text: string
}

/** What an action of a step came to. */
export interface RuleMessage {
  readonly id: string
  readonly environmentId: string
  readonly runId: string
  readonly step: number
  readonly action: number
  readonly kind: 'webhook' | 'slack' | 'email' | 'note'
  /** Null once it is past its retention. */
  readonly content: RuleContent | null
  readonly status: RuleMessageStatus
  readonly lease: string | null
  readonly attempts: number
  readonly nextAt: number | null
  readonly error: string | null
  readonly response: string | null
  readonly eventId: string | null
  readonly createdAt: number
  readonly attemptedAt: number | null
  readonly sentAt: number | null
}

/** An action about to be done. */
export type NewRuleMessage = Pick<RuleMessage, 'step' | 'action' | 'kind'> & { readonly content: RuleContent }

/** How an attempt to send ended. */
export interface RuleSendResult {
  readonly status: Exclude<RuleMessageStatus, 'sending' | 'skipped'>
  readonly nextAt: number | null
  readonly error: string | null
  readonly response: string | null
}

/** A note on a subject. */
export interface RuleNote {
  readonly id: string
  readonly environmentId: string
  readonly runId: string
  readonly rule: string
  readonly subject: string
  readonly integratedAccountId: string | null
  readonly about: RuleRun['about']
  readonly customerId: string | null
  readonly note: string
  readonly createdAt: number
}

/** Which notes, newest first. */
export interface RuleNoteQuery extends PageQuery {
  readonly environments: readonly string[]
  readonly integratedAccountId?: string | undefined
  readonly resource?: string | undefined
  readonly recordId?: string | undefined
  readonly customerId?: string | undefined
  readonly runId?: string | undefined
}
