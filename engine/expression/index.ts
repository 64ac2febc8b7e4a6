export { compileExpression, compileRecipe, evaluateAll, evaluationCounts, Repeats } from './compile.ts'
export type {
  Cell,
  CellResult,
  Compiled,
  CompiledTemplate,
  ExpressionProblem,
  Variables,
} from './contract.ts'
export { forbidGeneratedCode } from './emit/program.ts'
export { FUNCTIONS } from './library/index.ts'
export { functionsMarkdown } from './library/markdown.ts'
export type { Cook, ObjectRecipe, Recipe, TableRecipe } from './recipe.ts'
export { compileTemplate } from './template.ts'
