import { restoreOut, resumeAfterRestore } from '../../api/restores.ts'
import type { Route } from '../route.ts'
import { object, text, textOrNull } from '../schemas.ts'

const tag = 'Restores'
const count = (description: string) => ({ type: 'integer', description })
const instantOrNull = (description: string) => textOrNull(description, { format: 'date-time' })

const RESTORE = object({
  environment: text('The environment.'),
  is_paused: { type: 'boolean', description: 'Whether rules and messages to people wait for somebody.' },
  known_until: instantOrNull('Until when the backup knows what was done; null where it never came out of one.'),
  found_at: instantOrNull('When that was found: what was due before may have been done by the database that was lost.'),
  resumed_at: instantOrNull('When it was let go on.'),
  resumed_by: textOrNull('By whom.'),
  due_rule_runs: count('Runs of rules that have something to do now.'),
  held_rule_runs: count('Runs of rules about which a person has to decide.'),
  unknown_deliveries: count('Deliveries that may have gone out or not.'),
})

/** What waits since the database came out of a backup. */
export const RESTORE_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/restore', tag, rank: 'read', query: {}, answer: RESTORE },
    summary: 'Tells whether the database came out of a backup, and what waits since.',
    handle: async ({ context }) => ({ status: 200, body: await restoreOut(context) }),
  },
  {
    ...{ verb: 'post', path: '/restore/resume', tag, rank: 'admin', query: {}, answer: RESTORE },
    summary: 'Lets rules and messages to people go on after a restore; what may have been sent waits for a decision.',
    handle: async ({ context }) => ({ status: 200, body: await resumeAfterRestore(context) }),
  },
]
