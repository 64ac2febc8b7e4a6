export { backoffMs } from './backoff.ts'
export { type Bucket, createBucket, type Decision, decide, giveBack, isIdle, stateOf, take } from './budget.ts'
export {
  type Answer,
  ask,
  codeOfStatus,
  holds,
  judge,
  providerError,
  requestIdOf,
  retryHint,
  type Verdict,
  withDetails,
} from './errors.ts'
export { longestWait, readFeedback, readWait } from './headers.ts'
export { type Attempted, type Failure, isFinal, isUnanswered, mayHelp, type NextStep, nextStep } from './retry.ts'
