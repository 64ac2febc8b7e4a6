import { isObject, type Json, readPath, writePath } from '../mapping/index.ts'
import type { Found } from './session.ts'

/** An answer with values put in, by dotted path, where it has none; what it does tell stays. */
export function filled(found: Found, values: Json): Found {
  const lacking = Object.entries(values).filter(([path, value]) => value !== null && !has(found.native, path))
  if (lacking.length === 0) return found
  const native: Json = isObject(found.native) ? structuredClone(found.native) : {}
  for (const [path, value] of lacking) writePath(native, path, value)
  return { ...found, native }
}

const has = (native: unknown, path: string): boolean => (readPath(native, path) ?? null) !== null
