export { compileExpression, evaluateAll } from './compile.ts'
export type {
  Cell,
  CellResult,
  Compiled,
  CompiledTemplate,
  CompileResult,
  ExpressionProblem,
  OnMissing,
  Variables,
} from './contract.ts'
export type { ExpressionFailure } from './failure.ts'
export type { Example, LibraryFunction } from './library/contract.ts'
export { FUNCTIONS } from './library/index.ts'
export { functionsMarkdown } from './library/markdown.ts'
export { compileTemplate, type TemplateResult } from './template.ts'
