import type { Integration } from '../definition/catalog.ts'
import { isSecretField, type SecretNames } from '../secret.ts'

const known = new WeakMap<Integration, SecretNames>()

/** Names of the native fields that are marked x-secret in any resource of an integration. */
export function secretNames(integration: Integration): SecretNames {
  const found = known.get(integration)
  if (found !== undefined) return found
  const names = new Map<string, boolean>()
  for (const { secretPaths, fields } of integration.resources.values()) {
    for (const path of secretPaths) {
      const name = path.split('.').at(-1) ?? path
      const { type = 'any' } = fields[path] ?? {}
      names.set(name, names.get(name) === true || ['object', 'array', 'any'].includes(type))
    }
  }
  known.set(integration, names)
  return names
}

/**
 * A value without fields of these names, at any depth: a secret of one resource also comes nested in others. Parts that
 * hold none are shared with the input.
 */
export function withoutSecrets(value: unknown, names: SecretNames): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Array.isArray(value) ? listWithout(value, names) : objectWithout(value as Record<string, unknown>, names)
}

function listWithout(list: readonly unknown[], names: SecretNames): unknown {
  let copy: unknown[] | undefined
  for (let at = 0; at < list.length; at++) {
    const item = list[at]
    const left = withoutSecrets(item, names)
    if (left === item) continue
    copy ??= [...list]
    copy[at] = left
  }
  return copy ?? list
}

/** One pass, whatever is found: a copy is begun at the first difference, and what stands before it is as it was. */
function objectWithout(object: Readonly<Record<string, unknown>>, names: SecretNames): unknown {
  const keys = Object.keys(object)
  let copy: Record<string, unknown> | undefined
  for (let at = 0; at < keys.length; at++) {
    const name = keys[at] as string
    const item = object[name]
    const isSecret = isSecretField(names, name, item)
    const left = isSecret ? undefined : withoutSecrets(item, names)
    if (copy === undefined) {
      if (left === item && !isSecret) continue
      copy = {}
      for (let before = 0; before < at; before++) define(copy, keys[before] as string, object[keys[before] as string])
    }
    if (!isSecret) define(copy, name, left)
  }
  return copy ?? object
}

/** Sets an own property, `__proto__` too. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
