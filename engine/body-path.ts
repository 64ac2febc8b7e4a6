type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy of a body with a dotted path set, or removed when the value is undefined; what is no object on the way is replaced. */
export function withBodyPath(body: unknown, path: string, value: unknown): Tree {
  const [name = '', ...rest] = path.split('.')
  const tree = isTree(body) ? body : {}
  const inner = rest.length === 0 ? value : withBodyPath(tree[name], rest.join('.'), value)
  if (inner !== undefined) return { ...tree, [name]: inner }
  const { [name]: _removed, ...others } = tree
  return others
}

/** The value at a dotted path of a body; undefined when there is none. */
export function readBodyPath(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isTree(value) && Object.hasOwn(value, name) ? value[name] : undefined), body)
}
