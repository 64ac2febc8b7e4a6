export { matches } from './compare.ts'
export {
  filterOf,
  isComparable,
  type LeafPlan,
  nativeOp,
  type Part,
  type PendingLookup,
  type PlanContext,
  ruleOf,
  type Term,
  termKey,
  valuesOf,
} from './leaf-plan.ts'
export { CALL_PARAMETERS, type ParseOptions, PLAIN_QUERY, parseUnifiedQuery } from './parse.ts'
export { leavesOf, modesOf, type PlannedSource, pendingOf, planSource } from './plan-source.ts'
export { civilDate, isDate, writeInstant } from './time.ts'
