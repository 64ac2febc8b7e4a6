import { childrenOf, leftOf, type Node, type Pair, pairsOf, variableName } from './ast.ts'
import { BUILTINS, ITERATING, PASSING } from './builtins.ts'

/** Where a value may come from: `` is the record, `a.b` a path in it, `$name.a` a path below a variable. */
type Origins = readonly string[]
type Environment = Map<string, Origins>

/** What an expression reads, by static analysis. */
export interface Reads {
  readonly paths: readonly string[]
  readonly variablePaths: readonly string[]
  /** What the operator or call whose token ends at a position reads, variables with `$`: for messages. */
  readonly sites: ReadonlyMap<number, readonly string[]>
}

/** Follows values from the record and the variables to where they are used; branches are all taken. */
export function findReads(tree: Node, variables: ReadonlySet<string>): Reads {
  const tracer = new Tracer(variables)
  tracer.use(tracer.trace(tree, [''], new Map()))
  const reads = [...tracer.reads].sort()
  const paths = reads.filter((path) => !path.startsWith('$'))
  const variablePaths = reads.filter((path) => path.startsWith('$')).map((path) => path.slice(1))
  const sites = [...tracer.sites].map(([position, found]) => [position, [...found]] as const)
  return { paths: paths.includes('') ? ['*'] : paths, variablePaths, sites: new Map(sites) }
}

class Tracer {
  readonly reads = new Set<string>()
  readonly sites = new Map<number, Set<string>>()
  readonly #open: Set<string>[] = []
  readonly #variables: ReadonlySet<string>

  constructor(variables: ReadonlySet<string>) {
    this.#variables = variables
  }

  /** Notes that the values with these origins are looked at. */
  use(origins: Origins): void {
    for (const origin of origins) {
      this.reads.add(origin)
      for (const site of this.#open) site.add(origin)
    }
  }

  /** The origins of a node's value; whatever the node looks at on the way is used. */
  trace(node: Node, context: Origins, environment: Environment): Origins {
    let origins = this.#bare(node, context, environment)
    for (const { expr } of node.predicate ?? []) if (expr !== undefined) this.#read(expr, origins, environment)
    if (node.group !== undefined) origins = this.#pairs(node.group.lhs, origins, environment)
    return origins
  }

  #read(node: Node | undefined, context: Origins, environment: Environment): void {
    if (node !== undefined) this.use(this.trace(node, context, environment))
  }

  #bare(node: Node, context: Origins, environment: Environment): Origins {
    switch (node.type) {
      case 'name':
        return context.map((origin) => nameBelow(origin, String(node.value)))
      case 'variable':
        return this.#variable(String(node.value), context, environment)
      case 'path':
        return this.#path(node.steps ?? [], context, environment)
      case 'wildcard':
      case 'descendant':
        this.use(context)
        return []
      case 'parent':
        return ['']
      case 'condition':
        return this.#condition(node, context, environment)
      case 'block':
        return this.#block(node.expressions ?? [], context, environment)
      case 'bind':
        return this.#bind(node, context, environment)
      default:
        return this.#operator(node, context, environment)
    }
  }

  #operator(node: Node, context: Origins, environment: Environment): Origins {
    const site = new Set<string>()
    this.#open.push(site)
    const origins = this.#computed(node, context, environment)
    this.#open.pop()
    if (node.position !== undefined) this.sites.set(node.position, site)
    return origins
  }

  #computed(node: Node, context: Origins, environment: Environment): Origins {
    const trace = (child: Node) => this.trace(child, context, environment)
    if (node.type === 'function' || node.type === 'partial') return this.#call(node, [], context, environment)
    if (node.type === 'apply') return this.#apply(node, context, environment)
    if (node.type === 'lambda') return this.#lambda(node, [], context, environment)
    if (node.type === 'transform') return this.#transform(node, context, environment)
    if (node.type === 'unary' && node.value === '[') return (node.expressions ?? []).flatMap(trace)
    if (node.type === 'unary' && node.value === '{') return this.#pairs(pairsOf(node.lhs), context, environment)
    if (node.type === 'binary' || node.type === 'unary') for (const child of childrenOf(node)) this.use(trace(child))
    return []
  }

  #variable(name: string, context: Origins, environment: Environment): Origins {
    if (name === '') return context
    if (name === '$') return ['']
    return environment.get(name) ?? (this.#variables.has(name) ? [`$${name}`] : [])
  }

  #path(steps: readonly Node[], context: Origins, environment: Environment): Origins {
    let origins = context
    for (const step of steps) {
      if (step.type === 'sort') {
        for (const term of step.terms ?? []) this.#read(term.expression, origins, environment)
        continue
      }
      const found = this.trace(step, origins, environment)
      if (step.index !== undefined) environment.set(step.index, [])
      if (step.focus !== undefined) environment.set(step.focus, found)
      for (const stage of step.stages ?? []) {
        if (stage.type === 'index') environment.set(String(stage.value), [])
        this.#read(stage.expr, found, environment)
      }
      if (step.focus === undefined) origins = found
    }
    return origins
  }

  #condition(node: Node, context: Origins, environment: Environment): Origins {
    this.#read(node.condition, context, environment)
    return [node.then, node.else].flatMap((branch) =>
      branch === undefined ? [] : this.trace(branch, context, environment),
    )
  }

  #block(nodes: readonly Node[], context: Origins, outer: Environment): Origins {
    const environment = new Map(outer)
    let last: Origins = []
    for (const [at, node] of nodes.entries()) {
      last = this.trace(node, context, environment)
      if (node.type !== 'bind' && at < nodes.length - 1) this.use(last)
    }
    return last
  }

  #bind(node: Node, context: Origins, environment: Environment): Origins {
    const name = variableName(leftOf(node)) ?? ''
    if (node.rhs?.type === 'lambda') environment.set(name, [])
    const origins = node.rhs === undefined ? [] : this.trace(node.rhs, context, environment)
    environment.set(name, origins)
    return origins
  }

  #apply(node: Node, context: Origins, environment: Environment): Origins {
    const left = leftOf(node)
    const given = left === undefined ? [] : this.trace(left, context, environment)
    if (node.rhs?.type === 'function') return this.#call(node.rhs, [given], context, environment)
    this.use(given)
    this.#read(node.rhs, context, environment)
    return []
  }

  #call(node: Node, given: readonly Origins[], context: Origins, environment: Environment): Origins {
    const name = variableName(node.procedure) ?? ''
    if (node.procedure?.type !== 'variable') this.#read(node.procedure, context, environment)
    const nodes = (node.arguments ?? []).filter((argument) => argument.type !== 'operator')
    const items = [...given]
    for (const argument of nodes) {
      const parameters = Array.from({ length: ITERATING.get(name) ?? 0 }, () => items[0] ?? [])
      const isLambda = argument.type === 'lambda'
      items.push(
        isLambda
          ? this.#lambda(argument, parameters, context, environment)
          : this.trace(argument, context, environment),
      )
    }
    if (items.length < (BUILTINS.get(name) ?? 0)) this.use(context)
    return this.#result(name, items, nodes)
  }

  /** What a call gives: parts of its arguments where the function passes them on, else a new value. */
  #result(name: string, items: readonly Origins[], nodes: readonly Node[]): Origins {
    const key = nodes.at(-1)
    if (name === 'lookup' && key?.type === 'string' && items.length === 2) {
      return (items[0] ?? []).map((origin) => nameBelow(origin, String(key.value)))
    }
    const passed = PASSING.get(name) ?? 0
    const isIterated = ITERATING.has(name) && nodes.at(-1)?.type === 'lambda'
    for (const origins of items.slice(isIterated ? Math.max(passed, 1) : passed)) this.use(origins)
    return items.slice(0, passed).flat()
  }

  /** Reads inside a function, its result included, with its first parameters standing for the given origins. */
  #lambda(node: Node, parameters: readonly Origins[], context: Origins, outer: Environment): Origins {
    const names = (node.arguments ?? []).map((parameter) => String(parameter.value))
    const environment = new Map([...outer, ...names.map((name, at) => [name, parameters[at] ?? []] as const)])
    this.#read(node.body, context, environment)
    return []
  }

  #transform(node: Node, context: Origins, environment: Environment): Origins {
    for (const child of childrenOf(node)) this.#read(child, context, environment)
    return []
  }

  #pairs(pairs: readonly Pair[], context: Origins, environment: Environment): Origins {
    for (const node of pairs.flat()) this.#read(node, context, environment)
    return []
  }
}

/** The path of a name below another path; an empty one is the record. A name that is no word is put in backticks. */
export function nameBelow(origin: string, name: string): string {
  const segment = /^[^\s.`$*]+$/.test(name) ? name : `\`${name}\``
  return origin === '' ? segment : `${origin}.${segment}`
}
