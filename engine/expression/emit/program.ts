import type { Node } from '../ast.ts'
import { runClosures } from '../closure/compile.ts'
import type { ObjectRecipe } from '../recipe.ts'
import { HELPERS } from '../run/helpers.ts'
import { isArray } from '../run/values.ts'
import { type Ground, Output, Uncovered, Unit } from './code.ts'
import type { Globals } from './globals.ts'
import { INHERITED } from './names.ts'
import { Emitter } from './nodes.ts'
import { emitWhole, RecipeWriter, type TreeOf } from './recipe.ts'
import { PARAMETERS, verify } from './verify.ts'

/** JavaScript for an expression, and what it is linked with. */
export interface Program {
  /** The body of a function of HELPERS, the constants and a few names; it returns the evaluator. */
  readonly source: string
  readonly constants: readonly unknown[]
  /** Whether the result is the input's own data, or a sequence of it. */
  readonly isFlat: boolean
}

/** Evaluates over a record; throws EXHAUSTED, or anything else where the interpreter must be asked. */
export type Evaluator = (record: unknown, input: unknown, variables: object, hidden: unknown) => unknown

/** The program for a syntax tree, or the reason why the interpreter keeps it. */
export function emitProgram(
  tree: Node,
  scope: ReadonlySet<string>,
  globals: Globals,
): Program | { readonly reason: string } {
  const emitter = new Emitter(globals)
  const out = new Output((node, place) => emitter.emit(node, place))
  const unit = new Unit(true)
  const ground: Ground = { tree, scope, record: 'record', given: new Map(), share: undefined }
  return written(() => {
    const { js, isFlat } = emitWhole(emitter, {
      ground,
      input: 'i',
      isRoot: true,
      isFlat: true,
      scope: undefined,
      unit,
      out,
    })
    return { ...assembled(out, unit, js), isFlat }
  })
}

/** JavaScript for a recipe, and what it is linked with; it returns a function of a record that gives the finished object. */
export function emitRecipe(
  recipe: ObjectRecipe,
  treeOf: TreeOf,
  globals: Globals,
): Program | { readonly reason: string } {
  const emitter = new Emitter(globals)
  const out = new Output((node, place) => emitter.emit(node, place))
  const unit = new Unit(true)
  return written(() => {
    const { statements, result } = new RecipeWriter(emitter, out, treeOf).record(recipe, unit)
    return { ...assembled(out, unit, result, statements), isFlat: true }
  })
}

function written(write: () => Program): Program | { readonly reason: string } {
  try {
    return write()
  } catch (thrown) {
    if (thrown instanceof Uncovered) return { reason: thrown.message }
    throw thrown
  }
}

function assembled(out: Output, unit: Unit, result: string, statements = ''): Omit<Program, 'isFlat'> {
  const given = [...out.variables].map(([name, js]) => `const ${js}=${variable(JSON.stringify(name), name)};`).join('')
  const constants = out.constants.map((_, at) => `const k${at}=K[${at}];`).join('')
  const used = [...out.helpers].join(',')
  const source = `"use strict";const {${used}}=H;${constants}return ${unit.wrap('record,i,variables,hidden', result, given, statements)}`
  return { source, constants: out.constants }
}

/** A variable of the evaluation; those are plain data, so that only inherited names need a look at whether they are own. */
const variable = (key: string, name: string): string =>
  INHERITED.has(name) ? `own(variables,${key})` : `variables[${key}]`

const UNSET = Symbol('unset')

const own = (variables: object, name: string): unknown =>
  Object.hasOwn(variables, name) ? (variables as Record<string, unknown>)[name] : undefined

const NAMES: ReadonlySet<string> = new Set(Object.keys(HELPERS))

/** How a program becomes a function: as JavaScript from its source, or as closures over its syntax tree. */
export type Way = 'source' | 'closures'

let way: Way | undefined

/** From here on, what this process links runs as closures: no code is made from text. What is linked already stays. */
export function forbidGeneratedCode(): void {
  way = 'closures'
}

/** The way that this process allows: closures where making code from text is forbidden. Found out once. */
function allowedWay(): Way {
  try {
    way ??= new Function('return "source"')() as Way
  } catch {
    way = 'closures'
  }
  return way
}

/** Makes the function of a program, after a second look at its source. */
export function link({ source, constants }: Program, how: Way = allowedWay()): Evaluator {
  const tree = verify(source, NAMES)
  const given = [HELPERS, constants, isArray, own, UNSET, undefined]
  if (how === 'source') return new Function(...PARAMETERS, source)(...given) as Evaluator
  return runClosures(tree, new Map(PARAMETERS.map((name, at) => [name, given[at]]))) as Evaluator
}
