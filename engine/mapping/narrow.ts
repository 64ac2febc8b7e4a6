import type { ModelResource } from '../definition/catalog.ts'
import { Lru } from '../expression/lru.ts'
import { isObject } from './paths.ts'

/** What every record is given, mapped or not. */
const CONVENTIONAL = ['id', 'object', 'provider', 'integrated_account_id', 'tenant_id', 'livemode', 'is_deleted']

/** Resources that one remembers with fewer fields: it depends on filters and order, which differ little between calls. */
const KEPT = 100

const narrow = new WeakMap<ModelResource, Lru<string, ModelResource>>()

/**
 * A resource with no more properties than these fields (dotted ones whole) and the conventional ones. Its records serve
 * the engine itself, which compares a few fields of many records: they are smaller, and so is their validation.
 */
export function narrowed(resource: ModelResource, fields: readonly string[]): ModelResource {
  const kept = narrow.get(resource) ?? new Lru<string, ModelResource>(KEPT)
  narrow.set(resource, kept)
  const names = new Set([...CONVENTIONAL, ...fields.map((field) => field.split('.')[0] ?? field)])
  return kept.getOrMake([...names].sort().join(' '), () => withOnly(resource, names))
}

function withOnly(resource: ModelResource, names: ReadonlySet<string>): ModelResource {
  const { $id: _, properties, required, ...schema } = resource.schema
  const kept = Object.entries(isObject(properties) ? properties : {}).filter(([name]) => names.has(name))
  return {
    ...resource,
    schema: {
      ...schema,
      properties: Object.fromEntries(kept),
      ...(Array.isArray(required) ? { required: required.filter((name) => names.has(name)) } : {}),
    },
  }
}
