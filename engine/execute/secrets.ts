import type { Integration } from '../definition/catalog.ts'

const known = new WeakMap<Integration, ReadonlySet<string>>()

/** Names of the native fields that are marked x-secret in any resource of an integration. */
export function secretNames(integration: Integration): ReadonlySet<string> {
  const found = known.get(integration)
  if (found !== undefined) return found
  const paths = [...integration.resources.values()].flatMap(({ secretPaths }) => secretPaths)
  const names = new Set(paths.map((path) => path.split('.').at(-1) ?? path))
  known.set(integration, names)
  return names
}

/**
 * A value without fields of these names, at any depth: a secret of one resource also comes nested in others. Parts that
 * hold none are shared with the input.
 */
export function withoutSecrets(value: unknown, names: ReadonlySet<string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutSecrets(item, names))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const entries = Object.entries(value)
  const kept = entries.flatMap(([name, item]): [string, unknown][] =>
    names.has(name) ? [] : [[name, withoutSecrets(item, names)]],
  )
  const isSame = kept.length === entries.length && kept.every(([, item], index) => item === entries[index]?.[1])
  return isSame ? value : Object.fromEntries(kept)
}
