import { childrenOf, leftOf, type Node, variableName } from './ast.ts'
import { BUILTINS, FORBIDDEN } from './builtins.ts'
import type { ExpressionProblem } from './contract.ts'
import { nearest } from './suggest.ts'

/** Names bound inside the expression, per block or lambda; `later` holds those that a lambda may see when it runs. */
interface Frame {
  readonly names: Set<string>
  readonly later: ReadonlySet<string>
  readonly isLambda: boolean
  readonly outer: Frame | undefined
}

/** What a look at all names of an expression found: problems by place, the variables and the library functions used. */
export interface Names {
  readonly problems: ExpressionProblem[]
  readonly variables: ReadonlySet<string>
  readonly functions: ReadonlySet<string>
}

/** Resolves every name of a tree against the scope, JSONata's functions and the library. */
export function resolveNames(tree: Node, scope: ReadonlySet<string>, library: ReadonlySet<string>): Names {
  const resolver = new Resolver(scope, library)
  resolver.visit(tree, frame(undefined, [], boundIn(tree), false))
  const problems = [...resolver.problems.values()].sort((a, b) => a.offset - b.offset)
  return { problems, variables: resolver.variables, functions: resolver.functions }
}

class Resolver {
  readonly problems = new Map<string, ExpressionProblem>()
  readonly variables = new Set<string>()
  readonly functions = new Set<string>()
  readonly #scope: ReadonlySet<string>
  readonly #library: ReadonlySet<string>

  constructor(scope: ReadonlySet<string>, library: ReadonlySet<string>) {
    this.#scope = scope
    this.#library = library
  }

  visit(node: Node, at: Frame): void {
    if (node.type === 'variable') this.#use(node, at, false)
    if (node.type === 'bind') this.#bind(node, at)
    else if (node.type === 'lambda') this.#lambda(node, at)
    else if (node.type === 'function' || node.type === 'partial') this.#call(node, at)
    else this.#parts(node, node.type === 'block' ? frame(at, [], boundInAll(node.expressions), false) : at)
  }

  #parts(node: Node, at: Frame): void {
    const inner = node.type === 'path' ? frame(at, [], new Set(), false) : at
    for (const child of childrenOf(node)) {
      if (child.focus !== undefined) inner.names.add(child.focus)
      if (child.index !== undefined) inner.names.add(child.index)
      for (const stage of child.stages ?? []) if (stage.type === 'index') inner.names.add(String(stage.value))
      this.visit(child, inner)
    }
  }

  #bind(node: Node, at: Frame): void {
    const name = variableName(leftOf(node)) ?? ''
    if (node.rhs?.type === 'lambda') at.names.add(name)
    if (node.rhs !== undefined) this.visit(node.rhs, at)
    at.names.add(name)
  }

  #lambda(node: Node, at: Frame): void {
    const parameters = (node.arguments ?? []).map((parameter) => String(parameter.value))
    if (node.body !== undefined) this.visit(node.body, frame(at, parameters, boundIn(node.body), true))
  }

  #call(node: Node, at: Frame): void {
    const procedure = node.procedure
    if (procedure?.type === 'variable') this.#use(procedure, at, true)
    else if (procedure?.type === 'path' && procedure.steps?.length === 1) this.#bareCall(procedure.steps[0] as Node)
    else if (procedure !== undefined) this.visit(procedure, at)
    for (const argument of node.arguments ?? []) if (argument.type !== 'operator') this.visit(argument, at)
    this.#parts({ ...node, type: 'rest', procedure: undefined, arguments: [] } as unknown as Node, at)
  }

  #use(node: Node, at: Frame, isCall: boolean): void {
    const name = String(node.value)
    if (name === '' || name === '$' || isBound(name, at)) return
    if (this.#scope.has(name) && !isCall) this.variables.add(name)
    else if (this.#scope.has(name)) {
      this.#problem('unknown_function', node, `\`$${name}\` is a value, not a function`, 'Remove the parentheses.')
    } else if (this.#library.has(name)) this.functions.add(name)
    else if (!BUILTINS.has(name)) this.#unknown(node, name, isCall)
  }

  #unknown(node: Node, name: string, isCall: boolean): void {
    const instead = FORBIDDEN.get(name)
    if (instead !== undefined) {
      this.#problem('forbidden_function', node, `\`$${name}\` may not be used in a definition`, instead)
      return
    }
    const known = isCall ? [...this.#library, ...BUILTINS.keys()] : [...this.#scope]
    const valid = known.sort().map((word) => `$${word}`)
    const near = nearest(name, known)
    const guess = near === undefined ? '' : `Did you mean \`$${near}\`? `
    if (isCall) {
      const hint = `${guess}The functions are those of JSONata and of docs/reference/functions.md.`
      this.#problem('unknown_function', node, `unknown function \`$${name}\``, hint, valid)
      return
    }
    const here = valid.length === 0 ? 'There are no variables here.' : `Here you have ${valid.join(', ')}.`
    const message = `unknown variable \`$${name}\``
    this.#problem('unknown_variable', node, message, `${guess}${here} A bare name reads the record.`, valid)
  }

  #bareCall(node: Node): void {
    const name = String(node.value)
    const isKnown = this.#library.has(name) || BUILTINS.has(name)
    const hint = isKnown ? `Write \`$${name}(...)\`.` : 'Functions start with `$`; see docs/reference/functions.md.'
    this.#problem('unknown_function', node, `\`${name}\` is not a function`, hint)
  }

  #problem(code: ExpressionProblem['code'], node: Node, message: string, hint: string, valid?: string[]): void {
    const length = String(node.value).length + (node.type === 'variable' ? 1 : 0)
    const offset = (node.position ?? length) - length
    const problem = { code, message, offset, length, hint, ...(valid === undefined ? {} : { valid }) }
    this.problems.set(`${offset} ${code}`, problem)
  }
}

function frame(outer: Frame | undefined, names: string[], later: ReadonlySet<string>, isLambda: boolean): Frame {
  return { names: new Set(names), later, isLambda, outer }
}

function isBound(name: string, at: Frame): boolean {
  let runsLater = false
  for (let here: Frame | undefined = at; here !== undefined; here = here.outer) {
    if (here.names.has(name) || (runsLater && here.later.has(name))) return true
    runsLater ||= here.isLambda
  }
  return false
}

const boundInAll = (nodes: readonly Node[] = []): Set<string> => new Set(nodes.flatMap(bindingsIn))

const boundIn = (node: Node): Set<string> => new Set(bindingsIn(node))

/** Names that a node binds in the frame it stands in, as often as it does: those of blocks and lambdas inside it stay there. */
export function bindingsIn(node: Node): string[] {
  if (node.type === 'lambda' || node.type === 'block') return []
  const own = node.type === 'bind' ? [variableName(leftOf(node)) ?? ''] : []
  return [...own, ...childrenOf(node).flatMap(bindingsIn)]
}
