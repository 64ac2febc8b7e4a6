import type { Node } from './ast.ts'
import type { Variables } from './contract.ts'
import type { Globals, LibraryEntry } from './emit/globals.ts'
import { type Evaluator, emitProgram, emitRecipe, link, type Way } from './emit/program.ts'
import type { TreeOf } from './emit/recipe.ts'
import type { Hidden } from './glue.ts'
import { FUNCTIONS } from './library/index.ts'
import { type Allowance, OverLimit } from './limits.ts'
import type { Cook, ObjectRecipe } from './recipe.ts'
import { flat, inputOf, plain, tellThere } from './run/finish.ts'
import { Fn } from './run/function.ts'
import { type Definition, measured, nativeOf } from './run/natives.ts'
import { burn, burnDeep, EXHAUSTED, refuel } from './run/values.ts'

/** What a compiled evaluation gave: a value, nothing but that the interpreter must be asked, or that it used up its limits. */
export type Outcome = { readonly value: unknown } | { readonly limit: OverLimit } | 'odd' | 'exhausted'

/** Evaluates an expression without the interpreter; `allowance` is less than every evaluation may do. */
export type Run = (record: unknown, variables: Variables, allowance?: Allowance) => Outcome

/** Compiles syntax trees; `define` gives JSONata's own functions by name, `way` is the one that the process allows. */
export class Compiler {
  readonly #globals: Globals
  readonly #way: Way | undefined

  constructor(define: (name: string) => Definition, way?: Way) {
    this.#way = way
    const natives = new Map<string, Fn>()
    const native = (name: string): Fn => {
      const known = natives.get(name) ?? nativeOf(name, define(name))
      natives.set(name, known)
      return known
    }
    this.#globals = { library: new Map([...FUNCTIONS.keys()].map((name) => [name, libraryEntry(name)])), native }
  }

  /** The evaluator of a tree, made when it is first used; or why the tree is left to the interpreter. */
  compile(tree: Node, scope: ReadonlySet<string>): { readonly run: Run } | { readonly reason: string } {
    const program = emitProgram(tree, scope, this.#globals)
    if ('reason' in program) return program
    let linked: Linked | undefined
    const run: Run = (record, variables, allowance) => {
      linked ??= { evaluator: link(program, this.#way), isFlat: program.isFlat }
      return evaluate(linked, record, variables, allowance)
    }
    return { run }
  }

  /** The function of a whole recipe, made when it is first used; or why its expressions go one by one. */
  compileRecipe(recipe: ObjectRecipe, treeOf: TreeOf): Made | { readonly reason: string } {
    const program = emitRecipe(recipe, treeOf, this.#globals)
    if ('reason' in program) return program
    let evaluator: Evaluator | undefined
    const linked = (): Evaluator => (evaluator ??= link(program, this.#way))
    const cook: Cook = (record, variables, told) => {
      if (isPolluted()) return undefined
      const made = linked()
      tellThere(told)
      try {
        return started(made, record, variables) as Record<string, unknown>
      } catch {
        return undefined
      }
    }
    return { cook, ready: () => void linked() }
  }
}

/** A function of whole records. It is made when it is first used, or ahead of that when `ready` is called. */
export interface Made {
  readonly cook: Cook
  readonly ready: () => void
}

interface Linked {
  readonly evaluator: Evaluator
  readonly isFlat: boolean
}

function evaluate(
  { evaluator, isFlat }: Linked,
  record: unknown,
  variables: Variables,
  allowance: Allowance | undefined,
): Outcome {
  if (isPolluted()) return 'odd'
  try {
    const value = started(evaluator, record, variables, allowance)
    return { value: isFlat ? flat(value) : plain(value) }
  } catch (thrown) {
    if (thrown instanceof OverLimit) return { limit: thrown }
    return thrown === EXHAUSTED ? 'exhausted' : 'odd'
  }
}

/** Runs an evaluator with all that it may use. What fails in it is made anew elsewhere: its errors need no stacks, which are dear. */
function started(evaluator: Evaluator, record: unknown, variables: Variables, allowance?: Allowance): unknown {
  refuel(allowance)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return evaluator(record, inputOf(record), variables, hide(variables))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What library functions see and expressions do not. */
function hide(variables: Variables): Hidden {
  const moneyForm = Object.hasOwn(variables, 'money_form') ? variables.money_form : undefined
  if (current.hidden.moneyForm !== moneyForm) current.hidden = { moneyForm }
  return current.hidden
}

/** Whether somebody has given all objects of the process a property: compiled code reads in place and would see it. */
function isPolluted(): boolean {
  for (const _ in {}) return true
  return false
}

/** What library functions see of the running evaluation when they are called as values. */
const current: { hidden: Hidden } = { hidden: { moneyForm: undefined } }

function libraryEntry(name: string): LibraryEntry {
  const entry = FUNCTIONS.get(name)
  if (entry === undefined) throw new TypeError(`There is no library function ${name}`)
  const { implementation, arity, cost, isDeep, quick, result } = entry
  const body = measured((args) => {
    burn(cost)
    if (isDeep) burnDeep(args)
    return implementation(args, current.hidden)
  })
  const ask = (...args: readonly unknown[]): unknown => body(args)
  const isLeaf = LEAVES.has(result.type)
  return { value: new Fn('host', arity, body), implementation: body, quick: quick?.(ask), cost, isLeaf }
}

const LEAVES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean'])
