import type { NewJob } from '../jobs/index.ts'
import type { RuleRun } from '../stores/rule-types.ts'

/** Job: looks at the events that rules have not looked at, in their order. */
export const INBOX_JOB = 'rules.inbox'
/** Job: does what a run has to do now. */
export const STEP_JOB = 'rules.step'

/** The events of an environment are looked at by one process at a time. */
export const inboxJob = (environmentId: string): NewJob => ({
  name: INBOX_JOB,
  environmentId,
  payload: {},
  key: 'inbox',
  queue: 'rules',
})

/** The next thing that a run does; there is one such job at a time. */
export const stepJob = ({ environmentId, id }: Pick<RuleRun, 'environmentId' | 'id'>, runAt: number): NewJob => ({
  name: STEP_JOB,
  environmentId,
  payload: { run: id },
  key: id,
  runAt,
})
