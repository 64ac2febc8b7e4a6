import { EngineError } from '../../engine/errors.ts'
import type { Node } from '../../engine/expression/ast.ts'
import { type Compiled, compileExpression, type ExpressionProblem, FUNCTIONS } from '../../engine/expression/index.ts'
import { Interpreter, type Program } from '../../engine/expression/interpreter.ts'
import { LIMITS } from '../../engine/expression/limits.ts'
import { findNeeds } from '../../engine/expression/needs.ts'
import { findReads } from '../../engine/expression/paths.ts'
import { resolveNames } from '../../engine/expression/scope.ts'

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

/** What an evaluation came to: its value, or the code of its failure. */
export type Outcome = { readonly value: unknown } | { readonly code: string }

const interpreter = new Interpreter(LIMITS)

/** What the interpreter alone makes of an expression. */
export function interpreted(
  source: string,
  record: unknown,
  variables: Readonly<Record<string, unknown>> = {},
): Outcome {
  const needs = {
    record: 'all',
    variables: new Map(Object.keys(variables).map((name) => [name, 'all'])),
    mayRunLong: true,
  }
  const functions = new Set(FUNCTIONS.keys())
  const program = { source, needs, functions, sites: new Map(), reads: [] } as Program
  const [result] = interpreter.run([{ program, record, variables }])
  if (result === undefined) throw new Error('no result')
  return 'error' in result ? { code: codeOf(result.error) } : result
}

/** What an expression comes to in the way that is its own. */
export function outcomeOf(source: string, record: unknown, variables: Readonly<Record<string, unknown>> = {}): Outcome {
  try {
    return { value: compiled(source, ...Object.keys(variables)).evaluate(record, variables) }
  } catch (error) {
    if (error instanceof EngineError) return { code: codeOf(error) }
    throw error
  }
}

/** The code of the language where it has one, else that of the engine. */
export const codeOf = (error: EngineError): string =>
  String((error.details.cause as { code?: unknown } | undefined)?.code ?? error.code)

/** The error of the interpreter alone, with all that the compiled expression knows of its source. */
export function interpretedFailure(
  source: string,
  record: unknown,
  variables: Readonly<Record<string, unknown>> = {},
): EngineError {
  const scope = new Set(Object.keys(variables))
  const tree = interpreter.parse(source).ast as Node
  const names = resolveNames(tree, scope, new Set(FUNCTIONS.keys()))
  const { paths, variablePaths, sites } = findReads(tree, names.variables)
  const reads = [...paths, ...variablePaths.map((path) => `$${path}`)]
  const needs = findNeeds(tree, names.variables)
  const program: Program = { source, needs, functions: names.functions, sites, reads }
  const [result] = interpreter.run([{ program, record, variables }])
  if (result !== undefined && 'error' in result) return result.error
  throw new Error(`${source} does not fail`)
}
