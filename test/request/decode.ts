/** Reads bracketed pairs back into nested values: `a[]` appends, `a[0]` places, `a[b]` nests. Written for tests, apart from the encoder. */
export function decodeBrackets(pairs: readonly (readonly [string, string])[]): Record<string, unknown> {
  const root = new Map<string, unknown>()
  for (const [name, value] of pairs) {
    const [, first = '', rest = ''] = /^([^[]*)((?:\[[^\]]*\])*)$/.exec(name) ?? []
    const keys = [first, ...[...rest.matchAll(/\[([^\]]*)\]/g)].map((found) => found[1] ?? '')]
    place(root, keys, value)
  }
  return plain(root) as Record<string, unknown>
}

function place(at: Map<string, unknown>, [key = '', ...rest]: readonly string[], value: string): void {
  const name = key === '' ? String(at.size) : key
  if (rest.length === 0) {
    if (at.has(name)) throw new Error(`twice: ${name}`)
    at.set(name, value)
    return
  }
  const inner = at.get(name) ?? new Map<string, unknown>()
  if (!(inner instanceof Map)) throw new Error(`both text and fields: ${name}`)
  at.set(name, inner)
  place(inner, rest, value)
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value
  const keys = [...value.keys()]
  if (keys.every((key, index) => key === String(index))) return keys.map((key) => plain(value.get(key)))
  return Object.fromEntries(keys.map((key) => [key, plain(value.get(key))]))
}

/** Pairs of a form body or a query as they stand on the wire. */
export const wirePairs = (text: string): [string, string][] =>
  text === ''
    ? []
    : text.split('&').map((pair) => {
        const [name = '', value = ''] = pair.split('=')
        return [decodeURIComponent(name), decodeURIComponent(value)]
      })
