export { errorAt } from './brief.ts'
export {
  compileExpression,
  compileLater,
  compileRecipe,
  evaluateAll,
  evaluateHere,
  evaluationCounts,
  scopeOf,
} from './compile.ts'
export type { Made } from './compiled.ts'
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
export { instantOf, isZone, wallOf, zoneOf } from './library/zones.ts'
export { nameBelow } from './paths.ts'
export type { Cook, ObjectRecipe, Recipe, TableRecipe, Told } from './recipe.ts'
export { Repeats } from './repeats.ts'
export { HIDDEN, Scene } from './scene.ts'
export { compileTemplate, isTemplate, templateOf } from './template.ts'
