import { isDeepStrictEqual } from 'node:util'
import type { JsonRecord } from '../../engine/index.ts'
import type { JsonObject } from '../stores/index.ts'

/** A statement that differs between two versions; sources as text, null where nothing is stated. */
export interface StatementChange {
  readonly model: string
  readonly resource: string
  /** fields, filters or absent. */
  readonly part: string
  /** Name of the unified field or filter. */
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

/** A value that differs between two records, by its dotted path. */
export interface FieldChange {
  readonly field: string
  readonly current: unknown
  readonly proposed: unknown
}

const PARTS = ['fields', 'filters', 'absent']

/** What differs between two versions of overrides, in the order of their names. */
export function statementChanges(from: JsonObject, to: JsonObject): StatementChange[] {
  const changes: StatementChange[] = []
  for (const model of namesOf(from, to)) {
    const [fromModel, toModel] = [under(under(from, model), 'resources'), under(under(to, model), 'resources')]
    for (const resource of namesOf(fromModel, toModel)) {
      for (const part of PARTS) {
        const before = under(under(fromModel, resource), part)
        const after = under(under(toModel, resource), part)
        for (const name of namesOf(before, after)) {
          const [one, other] = [own(before, name), own(after, name)]
          if (isDeepStrictEqual(one, other)) continue
          changes.push({ model, resource, part, name, from: sourceText(one), to: sourceText(other) })
        }
      }
    }
  }
  return changes
}

/** What differs between two unified records: objects field by field, lists as a whole. */
export function fieldChanges(current: JsonRecord, proposed: JsonRecord, path = ''): FieldChange[] {
  return namesOf(current, proposed).flatMap((name): FieldChange[] => {
    const field = path === '' ? name : `${path}.${name}`
    const [one, other] = [own(current, name) ?? null, own(proposed, name) ?? null]
    if (field === '_meta.observed_at' || isDeepStrictEqual(one, other)) return []
    if (isObject(one) && isObject(other)) return fieldChanges(one, other, field)
    return [{ field, current: one, proposed: other }]
  })
}

const isObject = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (object: JsonObject, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined)

const under = (object: JsonObject, name: string): JsonObject => {
  const value = own(object, name)
  return isObject(value) ? value : {}
}

const namesOf = (...objects: readonly JsonObject[]): string[] => [...new Set(objects.flatMap(Object.keys))].sort()

/** An expression as it stands, everything else as JSON. */
const sourceText = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value)
