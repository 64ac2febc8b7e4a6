import type { EngineError } from '../errors.ts'
import type { Node } from './ast.ts'
import { errorAt, evaluateBriefly, readsSecrets } from './brief.ts'
import { Compiler, type Made, type Run } from './compiled.ts'
import type { Cell, CellResult, Compiled, CompileResult, ExpressionProblem, Variables } from './contract.ts'
import { type Direct, directOf, NOT_DIRECT } from './direct.ts'
import type { TreeOf } from './emit/recipe.ts'
import { stopped, toEngineError } from './failure.ts'
import { Interpreter, type Program } from './interpreter.ts'
import { FUNCTIONS } from './library/index.ts'
import { LIMITS } from './limits.ts'
import { Lru } from './lru.ts'
import { findNeeds } from './needs.ts'
import { findReads } from './paths.ts'
import { isPlainObject, notJson } from './plain.ts'
import type { Cook, ObjectRecipe } from './recipe.ts'
import type { Repeats } from './repeats.ts'
import { openScene } from './scene.ts'
import { resolveNames } from './scope.ts'
import { syntaxProblem } from './syntax.ts'

/** How many compiled expressions are remembered, by source and scope. */
const CACHE_SIZE = 5000

const MAX_SOURCE = 20_000

const interpreter = new Interpreter(LIMITS)
const library = new Set(FUNCTIONS.keys())
const cache = new Lru<string, CompileResult>(CACHE_SIZE)
const compiler = new Compiler((name) => interpreter.definition(name))
const insides = new WeakMap<Compiled, Inside>()

/** The ways in which an expression can be evaluated, the cheapest first. */
interface Inside {
  readonly program: Program
  readonly direct: Direct | undefined
  readonly run: Run | undefined
  /** In place of `run`, for what is evaluated apart: it is run here with the brief allowance only. */
  readonly brief?: Run | undefined
  readonly scope: ReadonlySet<string>
}

/**
 * Compiles an expression against the variables it may use (names without `$`). All problems are returned at once, nothing
 * is thrown. The same source and scope give the same frozen object while it is remembered; with `apart` it is one of its own.
 */
export function compileExpression(source: string, scope: readonly string[], apart?: string): CompileResult {
  const names = [...new Set(scope)].sort()
  const own = cache.getOrMake(`${names.join(' ')}\n${source}`, () => Object.freeze(compile(source, new Set(names))))
  return apart === undefined || 'problems' in own ? own : { expression: new Later(source, scope, apart) }
}

function compile(source: string, scope: ReadonlySet<string>): CompileResult {
  const parsed = parse(source)
  if ('problem' in parsed) return { problems: [parsed.problem] }
  const { tree } = parsed
  const names = resolveNames(tree, scope, library)
  if (names.problems.length > 0) return { problems: names.problems }
  const { paths, variablePaths, sites } = findReads(tree, names.variables)
  const reads = [...paths, ...variablePaths.map((path) => `$${path}`)]
  const needs = findNeeds(tree, names.variables)
  const program: Program = { source, needs, functions: names.functions, sites, reads }
  const direct = directOf(tree, scope)
  const made = compiler.compile(tree, scope)
  const run = 'run' in made ? made.run : undefined
  const expression: Compiled = Object.freeze({
    source,
    backend: direct !== undefined ? 'path' : run !== undefined ? 'compiled' : 'interpreter',
    ...(direct === undefined && 'reason' in made ? { reason: made.reason } : {}),
    variables: Object.freeze([...names.variables].sort()),
    paths: Object.freeze([...paths]),
    variablePaths: Object.freeze([...variablePaths]),
    evaluate: (record: unknown, variables: Variables = {}) => evaluateOne(expression, record, variables),
  })
  insides.set(expression, { program, direct, run, scope })
  return { expression }
}

/** The syntax tree of a source, or the problem that there is none. */
function parse(source: string): { tree: Node } | { problem: ExpressionProblem } {
  if (source.length > MAX_SOURCE) {
    const message = `an expression has at most ${MAX_SOURCE} characters, this one has ${source.length}`
    const hint = 'Split it over several fields.'
    return { problem: { code: 'syntax', message, offset: 0, length: source.length, hint } }
  }
  try {
    return { tree: interpreter.parse(source).ast as Node }
  } catch (thrown) {
    return { problem: syntaxProblem(thrown, source) }
  }
}

/**
 * Compiles a recipe into one function that makes the whole object of a record, when it is first used; or says why its
 * expressions must be evaluated one by one.
 */
export function compileRecipe(recipe: ObjectRecipe): Made | { readonly reason: string } {
  const compiled = compiler.compileRecipe(recipe, parsing())
  if ('reason' in compiled) return compiled
  const cook: Cook = (record, variables, told) => {
    const made = compiled.cook(record, variables, told)
    if (made !== undefined) counted.mapped++
    return made
  }
  return { cook, ready: compiled.ready }
}

/** Parses each expression once. By itself, because what is made of the trees is kept long and they are not. */
function parsing(): TreeOf {
  const trees = new Map<Compiled, ReturnType<TreeOf>>()
  return (expression) => {
    const { scope, program } = insideOf(expression)
    const known = trees.get(expression) ?? { tree: interpreter.parse(program.source).ast as Node, scope }
    trees.set(expression, known)
    return known
  }
}

/** The place in a text where JSONata's parser, reading from the start, meets a `}` that closes nothing. */
export function endOfExpression(text: string): { end: number } | { problem: ExpressionProblem } | undefined {
  try {
    interpreter.parse(text)
    return undefined
  } catch (thrown) {
    const { code, token, position } = thrown as { code?: unknown; token?: unknown; position?: unknown }
    if (code === 'S0201' && token === '}' && typeof position === 'number') return { end: position - 1 }
    return { problem: syntaxProblem(thrown, text) }
  }
}

function evaluateOne(expression: Compiled, record: unknown, variables: Variables): unknown {
  const cell = { expression, record, variables }
  const result = tryAtOnce(cell) ?? evaluateAll([cell])[0]
  if (result === undefined || 'error' in result) throw result?.error
  return result.value
}

/** The result of a cell without the interpreter; undefined where that must be asked. */
function tryAtOnce(cell: Cell): CellResult | undefined {
  const inside = insideOf(cell.expression)
  return inside.direct === undefined ? tryCompiled(cell, inside) : tryDirect(cell, inside)
}

/**
 * Evaluates many cells with one entry into the interpreter, in order. A failing cell has an EngineError
 * (expression_failed, expression_limit) in its place; the others have their values. `repeats` bounds how often an expression
 * that fails is repeated for the words of its failure.
 */
export function evaluateAll(cells: readonly Cell[], repeats?: Repeats): readonly CellResult[] {
  const results = new Array<CellResult>(cells.length)
  const left: number[] = []
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] as Cell
    const result = tryAtOnce(cell)
    if (result !== undefined) results[at] = result
    else if (cell.expression.apart !== undefined) results[at] = evaluateApart(cell, cell.expression.apart)
    else if (insideOf(cell.expression).run === undefined) left.push(at)
    else if (repeats?.take(cell.expression) === false) results[at] = { error: repeats.failedAgain }
    else {
      counted.repeated++
      left.push(at)
    }
  }
  const jobs = left.map((at) => {
    const { expression, record, variables = {} } = cells[at] as Cell
    return { program: insideOf(expression).program, record, variables }
  })
  counted.interpreted += jobs.length
  if (jobs.length === 0) return results
  for (const [index, result] of interpreter.run(jobs).entries()) results[left[index] as number] = result
  return results
}

/** As evaluateAll, also what is to be evaluated apart: in this process, with all that an evaluation may use. */
export const evaluateHere = (cells: readonly Cell[]): readonly CellResult[] =>
  evaluateAll(
    cells.map((cell) => (cell.expression instanceof Later ? { ...cell, expression: cell.expression.made() } : cell)),
  )

/** The result of a cell of an added folder or an override: of the scene that it is asked in, or in brief. */
function evaluateApart(cell: Cell, where: string): CellResult {
  const { brief, program } = insideOf(cell.expression)
  const scene = readsSecrets(cell.expression) ? undefined : openScene()
  if (scene !== undefined) return scene.ask(cell)
  const result = evaluateBriefly(cell, brief, program)
  return 'error' in result ? { error: errorAt(result.error, where) } : result
}

/** The result of a plain look-up; what is none over this record goes on to the compiled code. */
function tryDirect(cell: Cell, inside: Inside): CellResult | undefined {
  const { record, variables = {} } = cell
  const { direct, program } = inside
  const value = direct === undefined ? NOT_DIRECT : direct(record, variables)
  if (value === NOT_DIRECT) return tryCompiled(cell, inside)
  counted.path++
  const isJson = typeof value !== 'object' ? typeof value !== 'function' : value === null || Array.isArray(value)
  if (isJson || isPlainObject(value)) return { value }
  const error: EngineError = toEngineError(notJson(value), { ...program, record, variables })
  return { error }
}

const counted = { mapped: 0, path: 0, compiled: 0, interpreted: 0, repeated: 0 }

/**
 * How many evaluations this process has made in each way, `mapped` counting whole records. `repeated` ones are among the
 * interpreted: compiled code gave up there, at an error of the expression or at a value that it does not cover.
 */
export const evaluationCounts = (): Readonly<
  Record<'mapped' | 'path' | 'compiled' | 'interpreted' | 'repeated', number>
> => ({
  ...counted,
})

/** The result of the compiled code; undefined where the interpreter must be asked. */
function tryCompiled({ record, variables = {} }: Cell, { run, program }: Inside): CellResult | undefined {
  if (run === undefined) return undefined
  const outcome = run(record, variables)
  if (outcome === 'odd') return undefined
  counted.compiled++
  if (outcome === 'exhausted') return { error: stopped(program.source) }
  if ('limit' in outcome) return { error: toEngineError(outcome.limit, { ...program, record, variables }) }
  return outcome
}

/** An expression that is known to compile, and does so when it is first asked for more than its source. */
class Later implements Compiled {
  readonly source: string
  readonly apart: string | undefined
  readonly #scope: readonly string[]
  #made: Compiled | undefined

  constructor(source: string, scope: readonly string[], apart: string | undefined) {
    this.source = source
    this.apart = apart
    this.#scope = scope
    Object.freeze(this)
  }

  get backend(): Compiled['backend'] {
    return this.made().backend
  }

  get reason(): string | undefined {
    return this.made().reason
  }

  get variables(): readonly string[] {
    return this.made().variables
  }

  get paths(): readonly string[] {
    return this.made().paths
  }

  get variablePaths(): readonly string[] {
    return this.made().variablePaths
  }

  evaluate(record: unknown, variables: Variables = {}): unknown {
    return evaluateOne(this, record, variables)
  }

  get scope(): readonly string[] {
    return this.#scope
  }

  made(): Compiled {
    if (this.#made !== undefined) return this.#made
    const result = compileExpression(this.source, this.#scope)
    if ('problems' in result) throw new TypeError(`${this.source} does not compile: ${result.problems[0]?.message}`)
    const inside = insideOf(result.expression)
    insides.set(this, this.apart === undefined ? inside : { ...inside, run: undefined, brief: inside.run })
    this.#made = result.expression
    return result.expression
  }
}

/**
 * An expression that compiled before under the same scope: it does so again when it is first used. With `apart`, the address
 * of its slot, it is one of an added folder.
 */
export const compileLater = (source: string, scope: readonly string[], apart?: string): Compiled =>
  new Later(source, scope, apart)

/** The scope that an expression was compiled with, sorted; undefined for what is no compiled expression. */
export function scopeOf(value: object): readonly string[] | undefined {
  if (value instanceof Later) return value.scope
  const inside = insides.get(value as Compiled)
  return inside === undefined ? undefined : [...inside.scope]
}

function insideOf(expression: Compiled): Inside {
  let inside = insides.get(expression)
  if (inside === undefined && expression instanceof Later) {
    expression.made()
    inside = insides.get(expression)
  }
  if (inside === undefined) throw new TypeError('Only results of compileExpression can be evaluated')
  return inside
}
