import type { Node } from './ast.ts'
import type { Variables } from './contract.ts'
import type { Globals, LibraryEntry } from './emit/globals.ts'
import { type Evaluator, emitProgram, inputOf, link, type Program, type Way } from './emit/program.ts'
import type { Hidden } from './glue.ts'
import { FUNCTIONS } from './library/index.ts'
import { isPlainObject, toPlain } from './plain.ts'
import { Fn } from './run/function.ts'
import { type Definition, nativeOf } from './run/natives.ts'
import { EXHAUSTED, isArray, refuel, Sequence } from './run/values.ts'

/** What a compiled evaluation gave: a value, nothing but that the interpreter must be asked, or that it used up its limits. */
export type Outcome = { readonly value: unknown } | 'odd' | 'exhausted'

/** Evaluates an expression without the interpreter. */
export type Run = (record: unknown, variables: Variables) => Outcome

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
    let evaluator: Evaluator | undefined
    const run = (record: unknown, variables: Variables): Outcome => {
      evaluator ??= link(program, this.#way)
      return evaluate(evaluator, program, record, variables)
    }
    return { run }
  }
}

function evaluate(evaluator: Evaluator, { isFlat }: Program, record: unknown, variables: Variables): Outcome {
  if (isPolluted()) return 'odd'
  refuel()
  try {
    const hidden: Hidden = { moneyForm: Object.hasOwn(variables, 'money_form') ? variables.money_form : undefined }
    current.hidden = hidden
    return { value: finished(evaluator(record, inputOf(record), variables, hidden), isFlat) }
  } catch (thrown) {
    return thrown === EXHAUSTED ? 'exhausted' : 'odd'
  }
}

/** A value as plain JSON; the input's own data is not copied. */
function finished(value: unknown, isFlat: boolean): unknown {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null || !isFlat) return toPlain(value)
  if (!isArray(value)) return isPlainObject(value) ? value : toPlain(value)
  if (!value.every(isPlainItem)) return toPlain(value)
  return value instanceof Sequence ? Array.from(value) : value
}

function isPlainItem(item: unknown): boolean {
  if (typeof item === 'number') return Number.isFinite(item) && !Object.is(item, -0)
  if (typeof item !== 'object') return typeof item === 'string' || typeof item === 'boolean'
  return item === null || isArray(item) || isPlainObject(item)
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
  const { implementation, arity } = entry
  const body = (args: readonly unknown[]): unknown => implementation(args, current.hidden)
  return { value: new Fn('host', arity, body), implementation: implementation as LibraryEntry['implementation'] }
}
