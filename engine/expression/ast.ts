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

const LISTS = ['steps', 'arguments', 'expressions', 'stages', 'predicate'] as const
const SINGLES = [
  'rhs',
  'expression',
  'body',
  'expr',
  'condition',
  'then',
  'else',
  'pattern',
  'update',
  'delete',
] as const

/** All direct parts of a node, roughly in the order in which they are written. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  if (node.procedure !== undefined) children.push(node.procedure)
  for (const list of LISTS) if (node[list] !== undefined) children.push(...node[list])
  const left = leftOf(node)
  if (left !== undefined) children.push(left)
  for (const single of SINGLES) if (node[single] !== undefined) children.push(node[single])
  for (const pair of pairsOf(node.lhs)) children.push(...pair)
  for (const pair of node.group?.lhs ?? []) children.push(...pair)
  for (const term of node.terms ?? []) children.push(term.expression)
  return children
}

/** Every node of a tree, parents first. */
export function nodesOf(node: Node, found: Node[] = []): Node[] {
  found.push(node)
  for (const child of childrenOf(node)) nodesOf(child, found)
  return found
}

/** The name of a variable node without `$`; undefined for anything else. `` is the context, `$` the whole record. */
export const variableName = (node: Node | undefined): string | undefined =>
  node?.type === 'variable' ? String(node.value) : undefined
