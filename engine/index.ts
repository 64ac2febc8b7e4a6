export type * from './definition/catalog.ts'
export {
  compileCatalog,
  ISSUE_CODES,
  type Issue,
  type IssueCode,
  renderIssues,
  type SourceFile,
} from './definition/index.ts'
export {
  EngineError,
  ERRORS,
  type ErrorCode,
  type ErrorDetails,
  type ProviderFailure,
  type WhoCanFix,
} from './errors.ts'
export type * from './execute/contract.ts'
export {
  type Compiled,
  type CompiledTemplate,
  compileExpression,
  compileTemplate,
} from './expression/index.ts'
export type * from './ports.ts'
export { resolveOperation } from './request/index.ts'
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
