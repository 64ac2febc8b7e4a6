import { isObject, type Json } from './paths.ts'

/** An id as the key that records are kept under. */
export const idText = (id: unknown): string | undefined =>
  typeof id === 'number' ? String(id) : typeof id === 'string' ? id : undefined

/** Named keys are set, those with an empty value removed; no object at all empties it. */
export function merged(before: unknown, given: unknown): Json {
  if (!isObject(given)) return {}
  const all = { ...(isObject(before) ? before : {}), ...given }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== ''))
}

/** What the fields that differ held before. */
export function changed(before: Json, after: Json): Json {
  return Object.fromEntries(
    Object.entries(before).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(after[key])),
  )
}
