import { EngineError } from '../../engine/errors.ts'
import { type Compiled, compileExpression, type ExpressionProblem } from '../../engine/expression/index.ts'

/** The compiled expression; fails the test when there are problems. */
export function compiled(source: string, ...scope: string[]): Compiled {
  const result = compileExpression(source, scope)
  if ('expression' in result) return result.expression
  throw new Error(`${source}: ${result.problems.map(({ message }) => message).join('; ')}`)
}

/** The problems of an expression that must not compile. */
export function problemsOf(source: string, ...scope: string[]): readonly ExpressionProblem[] {
  const result = compileExpression(source, scope)
  if ('problems' in result) return result.problems
  throw new Error(`${source} compiles`)
}

/** The EngineError that a call throws; fails the test when it throws nothing or something else. */
export function failureOf(call: () => unknown): EngineError {
  try {
    call()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
