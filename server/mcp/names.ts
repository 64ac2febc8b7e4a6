import { createHash } from 'node:crypto'
import type { Catalog, Operation } from '../../engine/index.ts'

const MOST_LETTERS = 64
const HASH_LETTERS = 8

const PATTERNS: Readonly<Record<string, (of: string) => string>> = {
  list: (of) => `list_all_${of}`,
  get: (of) => `get_single_${of}_by_id`,
  create: (of) => `create_a_${of}`,
  update: (of) => `update_a_${of}_by_id`,
  delete: (of) => `delete_a_${of}_by_id`,
}

/** A native operation under the name of its tool. */
export interface NamedOperation {
  readonly name: string
  readonly integration: string
  readonly operation: Operation
}

const known = new WeakMap<Catalog, ReadonlyMap<string, NamedOperation>>()

/** The tools of all native operations by name: at most 64 of a-z, 0-9 and _, and never two alike. Made once per catalog. */
export function namedOperations(catalog: Catalog): ReadonlyMap<string, NamedOperation> {
  const made = known.get(catalog) ?? nameAll(catalog)
  known.set(catalog, made)
  return made
}

function nameAll(catalog: Catalog): ReadonlyMap<string, NamedOperation> {
  const all = [...catalog.integrations.values()].flatMap(({ name, operations }) =>
    [...operations.values()].map((operation) => ({ name: plainName(name, operation), integration: name, operation })),
  )
  const counts = new Map<string, number>()
  for (const { name } of all) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map(
    all.map((one) => {
      const isFree = one.name.length <= MOST_LETTERS && counts.get(one.name) === 1
      const name = isFree ? one.name : hashedName(one)
      return [name, { ...one, name }]
    }),
  )
}

function plainName(integration: string, { resource, name }: Operation): string {
  const of = `${integration}_${resource}`
  const full = (Object.hasOwn(PATTERNS, name) ? PATTERNS[name]?.(of) : undefined) ?? `${of}_${name}`
  return full.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')
}

/** What identifies the operation stands in the hash, so the name stays the same whatever else there is. */
function hashedName({ name, integration, operation }: NamedOperation): string {
  const hash = createHash('sha256').update(`${integration}/${operation.id}`).digest('hex').slice(0, HASH_LETTERS)
  return `${name.slice(0, MOST_LETTERS - HASH_LETTERS - 1)}_${hash}`
}
