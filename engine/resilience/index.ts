export { backoffMs } from './backoff.ts'
export { type Bucket, createBucket, decide, giveBack, isIdle, stateOf, take } from './budget.ts'
export {
  type Answer,
  ask,
  codeOfStatus,
  holds,
  judge,
  providerError,
  requestIdOf,
  retryHint,
  withDetails,
} from './errors.ts'
export { longestWait, readFeedback, readWait } from './headers.ts'
export { type Failure, isFinal, isUnanswered, type NextStep, nextStep } from './retry.ts'
