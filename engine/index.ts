export { type CaseReport, runCases } from './cases/index.ts'
export type * from './definition/catalog.ts'
export {
  compileCatalog,
  compileOverrides,
  ISSUE_CODES,
  type Issue,
  type IssueCode,
  type OverrideLayers,
  renderIssues,
  type SourceFile,
} from './definition/index.ts'
export { createEngine } from './engine.ts'
export {
  EngineError,
  ERRORS,
  type ErrorCode,
  type ErrorDetails,
  type ProviderFailure,
  type WhoCanFix,
} from './errors.ts'
export type * from './execute/contract.ts'
export { MemoryBudget } from './execute/memory-budget.ts'
export {
  type Compiled,
  type CompiledTemplate,
  compileExpression,
  compileTemplate,
  evaluateAll,
} from './expression/index.ts'
export { CURRENCIES } from './money.ts'
export type * from './ports.ts'
export { parseUnifiedQuery } from './query/index.ts'
export type {
  Parameter,
  SandboxFile,
  SandboxId,
  SandboxMethod,
  SandboxResource,
  SandboxShape,
  SandboxStep,
  SandboxTree,
} from './schema/generated.ts'
export { Secret } from './secret.ts'
