/** A node of JSONata's syntax tree, with the members that this room reads. `position` is the end of the node's token. */
export interface Node {
  readonly type: string
  readonly value?: unknown
  readonly position?: number
  readonly steps?: readonly Node[]
  readonly stages?: readonly Node[]
  readonly predicate?: readonly Node[]
  readonly expr?: Node
  readonly group?: { readonly lhs: readonly Pair[] }
  readonly expressions?: readonly Node[]
  readonly lhs?: Node | readonly Pair[]
  readonly rhs?: Node
  readonly expression?: Node
  readonly procedure?: Node
  readonly arguments?: readonly Node[]
  readonly body?: Node
  readonly condition?: Node
  readonly then?: Node
  readonly else?: Node
  readonly pattern?: Node
  readonly update?: Node
  readonly delete?: Node
  readonly terms?: readonly { readonly expression: Node }[]
  readonly focus?: string
  readonly index?: string
  readonly ancestor?: unknown
  readonly tuple?: boolean
  readonly keepArray?: boolean
  readonly keepSingletonArray?: boolean
  readonly seekingParent?: unknown
}

/** A key and a value expression of an object constructor. */
export type Pair = readonly [Node, Node]

/** The key and value expressions of an object constructor or a grouping, in order. */
export const pairsOf = (lhs: Node['lhs']): readonly Pair[] => (Array.isArray(lhs) ? lhs : [])

/** The single left side of an operator; undefined for an object constructor. */
export const leftOf = (node: Node): Node | undefined => (Array.isArray(node.lhs) ? undefined : (node.lhs as Node))

/** All direct parts of a node, in the order in which they are written. */
export function childrenOf(node: Node): Node[] {
  const one = [node.procedure, leftOf(node), node.rhs, node.expression, node.body, node.expr]
  const branches = [node.condition, node.then, node.else, node.pattern, node.update, node.delete]
  const many = [node.steps, node.arguments, node.expressions, node.stages, node.predicate]
  const pairs = [...pairsOf(node.lhs), ...(node.group?.lhs ?? [])]
  return [
    ...one.slice(0, 1),
    ...many.flatMap((nodes) => nodes ?? []),
    ...one.slice(1),
    ...branches,
    ...pairs.flat(),
    ...(node.terms ?? []).map((term) => term.expression),
  ].filter((child) => child !== undefined)
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* nodesOf(child)
}

/** The name of a variable node without `$`; undefined for anything else. `` is the context, `$` the whole record. */
export const variableName = (node: Node | undefined): string | undefined =>
  node?.type === 'variable' ? String(node.value) : undefined
