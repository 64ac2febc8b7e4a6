/** Tables of what rules look at, say and note. */
export interface RuleTables {
  rule_inbox: RuleInboxRow
  rule_runs: RuleRunRow
  rule_messages: RuleMessageRow
  rule_notes: RuleNoteRow
}

interface RuleInboxRow {
  environment_id: string
  event_id: string
}

interface RuleRunRow {
  environment_id: string
  id: string
  rule: string
  /** sha256 of the rule's text when it was last gone by. */
  version: string
  /** Account and key together: unique for the rule. */
  scope: string
  subject: string
  key: string
  integrated_account_id: string | null
  tenant_id: string | null
  integration: string | null
  livemode: number | null
  model: string | null
  resource: string | null
  record_id: string | null
  customer_id: string | null
  /** The event that started it. */
  event_id: string
  /** That event as it is shown, with the newest state that is known; `{}` once it is past its retention. */
  event: string
  status: string
  reason: string | null
  /** The step that comes next, from 0. */
  step: number
  next_at: number | null
  created_at: number
  updated_at: number
  ended_at: number | null
}

interface RuleMessageRow {
  environment_id: string
  id: string
  run_id: string
  step: number
  action: number
  kind: string
  /** What is said to whom, as JSON; null once it is past its retention. */
  content: string | null
  status: string
  /** Random id of the attempt that may settle it, while one runs. */
  lease: string | null
  attempts: number
  next_at: number | null
  error: string | null
  response: string | null
  /** The event that a webhook action made. */
  event_id: string | null
  created_at: number
  attempted_at: number | null
  sent_at: number | null
}

interface RuleNoteRow {
  environment_id: string
  id: string
  run_id: string
  rule: string
  subject: string
  integrated_account_id: string | null
  model: string | null
  resource: string | null
  record_id: string | null
  customer_id: string | null
  note: string
  created_at: number
}
