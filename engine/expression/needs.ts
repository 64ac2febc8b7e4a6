import { type Node, nodesOf, variableName } from './ast.ts'
import { BUILTINS } from './builtins.ts'

/** First-level keys that are enough for an evaluation, or `all`. */
export type Keys = ReadonlySet<string> | 'all'

/** How much of its input an expression can touch, and whether it can run long without JSONata's own limits noticing. */
export interface Needs {
  readonly record: Keys
  readonly variables: ReadonlyMap<string, Keys>
  readonly mayRunLong: boolean
}

/** Nodes after which JSONata may loop more often than the input is large, or loops in native code (regular expressions). */
const LONG = new Set(['regex', 'lambda', 'bind', 'descendant', 'partial', 'transform', 'sort', 'parent'])
const WHOLE = new Set(['wildcard', 'descendant', 'parent'])
const LONG_FUNCTIONS = new Set(['distinct', 'pad', 'power', 'sort', 'zip', 'formatNumber', 'replace', 'formatInteger'])

/** Finds what an evaluation must be given: a superset of what it reads, as only that is copied. */
export function findNeeds(tree: Node, variables: ReadonlySet<string>): Needs {
  const nodes = nodesOf(tree)
  const names = new Set(nodes.filter((node) => node.type === 'name').map((node) => String(node.value)))
  const seesParents = nodes.some((node) => node.type === 'parent' || node.seekingParent !== undefined)
  const record: Keys = seesParents || nodes.some(seesContext) ? 'all' : names
  const needs = [...variables].map((name) => [name, seesParents ? 'all' : keysBelow(name, nodes)] as const)
  return { record, variables: new Map(needs), mayRunLong: nodes.some(mayRunLong) }
}

function seesContext(node: Node): boolean {
  const name = variableName(node)
  if (WHOLE.has(node.type) || name === '' || name === '$') return true
  if (node.type !== 'function' && node.type !== 'partial') return false
  return (node.arguments?.length ?? 0) < (BUILTINS.get(variableName(node.procedure) ?? '') ?? 0)
}

function mayRunLong(node: Node): boolean {
  if (LONG.has(node.type) || (node.type === 'binary' && node.value === '..')) return true
  return LONG_FUNCTIONS.has(variableName(node) ?? '') || LONG_FUNCTIONS.has(variableName(node.procedure) ?? '')
}

/** The keys read when every use of a variable is the start of a path with a name after it; else `all`. */
function keysBelow(variable: string, nodes: readonly Node[]): Keys {
  const keys = new Set<string>()
  const heads = new Set<Node>()
  for (const { steps } of nodes) {
    const [head, next] = steps ?? []
    if (variableName(head) !== variable || head === undefined || !isPlain(head) || next?.type !== 'name') continue
    heads.add(head)
    keys.add(String(next.value))
  }
  return nodes.some((node) => variableName(node) === variable && !heads.has(node)) ? 'all' : keys
}

const isPlain = (node: Node): boolean =>
  [node.predicate, node.stages, node.group, node.focus, node.index].every((part) => part === undefined)
