import type { Database } from './database.ts'
import { RestoreStore } from './restores.ts'
import { RuleMessageStore } from './rule-messages.ts'
import { RuleNoteStore } from './rule-notes.ts'
import { RuleRunStore } from './rule-runs.ts'

/** What rules do and did, and what keeps them from doing it again. */
export interface RuleStores {
  readonly ruleRuns: RuleRunStore
  readonly ruleMessages: RuleMessageStore
  readonly ruleNotes: RuleNoteStore
  readonly restores: RestoreStore
}

/** The stores of rules. */
export const openRules = (database: Database): RuleStores => ({
  ruleRuns: new RuleRunStore(database),
  ruleMessages: new RuleMessageStore(database),
  ruleNotes: new RuleNoteStore(database),
  restores: new RestoreStore(database),
})
