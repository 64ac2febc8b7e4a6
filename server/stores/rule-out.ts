import type { JsonObject } from './rows.ts'
import type { RuleMessage, RuleNote, RuleRun } from './rule-types.ts'

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A run of a rule on the wire, without what it knows and said. */
export function ruleRunOut(run: RuleRun): JsonObject {
  return {
    object: 'rule_run',
    id: run.id,
    environment: run.environmentId,
    rule: run.rule,
    rule_version: run.version,
    subject: run.subject,
    key: run.key,
    integrated_account_id: run.integratedAccountId,
    tenant_id: run.tenantId,
    model: run.about.model,
    resource: run.about.resource,
    resource_id: run.about.recordId,
    customer_id: run.customerId,
    event_id: run.eventId,
    status: run.status,
    reason: run.reason,
    next_step: run.endedAt === null ? run.step + 1 : null,
    next_at: instant(run.nextAt),
    created_at: instant(run.createdAt),
    updated_at: instant(run.updatedAt),
    ended_at: instant(run.endedAt),
  }
}

/** What an action of a step came to, on the wire. */
export function ruleMessageOut(message: RuleMessage): JsonObject {
  const { content, status } = message
  return {
    id: message.id,
    step: message.step + 1,
    kind: message.kind,
    status,
    to: content?.to ?? null,
    subject: content?.subject ?? null,
    text: content?.text ?? null,
    attempts: message.attempts,
    error: message.error,
    response: message.response,
    event_id: message.eventId,
    next_attempt_at: instant(message.nextAt),
    last_attempt_at: instant(message.attemptedAt),
    sent_at: instant(message.sentAt),
  }
}

/** A note on the wire. */
export function ruleNoteOut(note: RuleNote): JsonObject {
  return {
    id: note.id,
    environment: note.environmentId,
    rule: note.rule,
    rule_run_id: note.runId,
    subject: note.subject,
    integrated_account_id: note.integratedAccountId,
    model: note.about.model,
    resource: note.about.resource,
    resource_id: note.about.recordId,
    customer_id: note.customerId,
    note: note.note,
    created_at: instant(note.createdAt),
  }
}
