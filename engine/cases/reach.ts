import type { FieldSpec, Integration, ResourceMapping } from '../definition/catalog.ts'
import type { Case, DeliveryCase } from '../schema/generated.ts'
import { isObject } from './compare.ts'

/** The values that an enum of a mapping can have, by whether a case shows them. */
export interface EnumReach {
  /** Dotted path of the field. */
  readonly field: string
  readonly reached: readonly string[]
  readonly unreached: readonly string[]
}

/** What the cases of a mapped resource show. */
export interface ResourceReach {
  /** Cases that expect records of it. */
  readonly cases: number
  /** Dotted paths that have a value in some record that a case expects; lists are transparent. */
  readonly fields: ReadonlySet<string>
  readonly enums: readonly EnumReach[]
}

/**
 * What the cases of an integration show, by `model/resource`. Tables of a field of one name with the same values count
 * together, in whatever resource they stand.
 */
export function reachOf(
  integration: Integration,
  cases: readonly Case[],
  deliveries: readonly DeliveryCase[],
): ReadonlyMap<string, ResourceReach> {
  const shown = [...integration.mappings].map(([key, mapping]) => {
    const records = recordsOf(integration, mapping, { cases, deliveries })
    const enums = enumsIn(mapping).map(([field, values]) => {
      const seen = records.flatMap((record) => valuesAt(record, field)).map(String)
      return { field, values, group: `${field.split('.').at(-1)}: ${[...values].sort().join(' ')}`, seen }
    })
    return { key, records, enums }
  })
  const seen = new Map<string, Set<string>>()
  for (const { group, seen: own } of shown.flatMap(({ enums }) => enums)) {
    seen.set(group, new Set([...(seen.get(group) ?? []), ...own]))
  }
  return new Map(
    shown.map(({ key, records, enums }) => {
      const told = enums.map(({ field, values, group }): EnumReach => {
        const isReached = (value: string): boolean => seen.get(group)?.has(value) === true
        return { field, reached: values.filter(isReached), unreached: values.filter((value) => !isReached(value)) }
      })
      return [key, { cases: records.length, fields: new Set(records.flatMap((each) => pathsIn(each))), enums: told }]
    }),
  )
}

interface Shown {
  readonly cases: readonly Case[]
  readonly deliveries: readonly DeliveryCase[]
}

/** What cases show of a resource: results of calls, records that deliveries tell of, and events where it is those. */
function recordsOf(
  { webhooks }: Integration,
  { model, resource }: ResourceMapping,
  { cases, deliveries }: Shown,
): unknown[] {
  const key = `${model}/${resource}`
  const own = cases.filter(
    ({ call, expect }) => call?.model === model && call.resource === resource && 'result' in expect,
  )
  const events = deliveries.flatMap(({ expect }) => expect.events ?? [])
  const told = events.filter((event) => event.resource === key && isObject(event.record))
  const isOfEvents = webhooks !== undefined && `${webhooks.as.model}/${webhooks.as.resource}` === key
  return [...own.map(({ expect }) => expect.result), ...told.map(({ record }) => record), ...(isOfEvents ? events : [])]
}

/** Enum fields with the values they can have, each field once. */
function enumsIn({ fields, variants }: ResourceMapping): [string, string[]][] {
  const found = new Map<string, Set<string>>()
  const all = [fields, ...variants.map((variant) => variant.fields)].flatMap((each) => [...each])
  for (const [field, values] of all.flatMap(([name, spec]) => enumsOf(name, spec))) {
    found.set(field, new Set([...(found.get(field) ?? []), ...values]))
  }
  return [...found].map(([field, values]) => [field, [...values]])
}

/** The values that a field can have, where it is an enum, and those of the fields below it. */
function enumsOf(path: string, spec: FieldSpec): [string, string[]][] {
  if (spec.kind === 'each' || spec.kind === 'object') {
    return [...spec.fields].flatMap(([name, inner]) => enumsOf(`${path}.${name}`, inner))
  }
  const texts = (values: readonly unknown[]): string[] =>
    values.filter((value) => value !== null && value !== undefined).map(String)
  if (spec.kind === 'table') return [[path, texts([...spec.map.values()])]]
  if (spec.kind !== 'rules') return []
  const { rules, otherwise } = spec
  const rest = otherwise.kind === 'table' ? [...otherwise.map.values()] : [otherwise.value]
  return [[path, texts([...rules.map(({ then }) => then), ...rest])]]
}

function valuesAt(value: unknown, path: string): unknown[] {
  const start = [value].flat().filter(isObject) as unknown[]
  return path.split('.').reduce((here, name) => {
    const next = here.flatMap((one) => [(one as Record<string, unknown> | null)?.[name]].flat())
    return next.filter((one) => one !== null && one !== undefined)
  }, start)
}

/** Dotted paths of everything in a record that has a value. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsIn(each, path))
  const own = path === '' || value === null || value === undefined ? [] : [path]
  if (!isObject(value)) return own
  const inner = Object.entries(value).flatMap(([name, each]) => pathsIn(each, path === '' ? name : `${path}.${name}`))
  return [...own, ...inner]
}
