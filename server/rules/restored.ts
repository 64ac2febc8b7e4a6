import type { Rule } from '../../engine/index.ts'
import { knownFrom, RESTORED, type Restore } from '../stores/restores.ts'
import type { RuleMessage, RuleRun } from '../stores/rule-types.ts'
import { stepAt } from './schedule.ts'

/** Whether the present step of a run was due before the database came out of a backup: the one that was lost may have done it. */
export function isStepInDoubt(rule: Rule, run: RuleRun, restore: Restore | null): boolean {
  if (restore === null) return false
  const { occurred_at: text } = run.event
  const occurredAt = typeof text === 'string' ? Date.parse(text) : null
  const { createdAt, about } = run
  const from = knownFrom(restore, { createdAt, about: { recordId: about.recordId, occurredAt } })
  const due = stepAt(rule, from, run.step)
  return due !== null && due <= restore.foundAt
}

/** Whether somebody was asked about a message since: it was doubted before, or was tried. */
export const wasAsked = (message: RuleMessage | undefined, { foundAt }: Restore): boolean =>
  message !== undefined && (message.error === RESTORED || (message.attemptedAt ?? 0) > foundAt)
