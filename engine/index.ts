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
export type * from './ports.ts'
export { Secret } from './secret.ts'
