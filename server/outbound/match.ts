import type { Catalog } from '../../engine/index.ts'
import type { NewEvent } from '../stores/index.ts'
import type { WebhookFilters } from '../stores/webhook-types.ts'

/** Names of models and resources that records of a kind (`payment`) belong to. */
export type NamesOf = (object: string) => ReadonlySet<string>

/** Whether a destination wants an event. */
export function wants(filters: WebhookFilters, event: NewEvent, namesOf: NamesOf): boolean {
  return (
    filters.eventTypes.some((type) => isType(type, event.type)) &&
    fits(filters.tenantId, event.tenantId) &&
    fits(filters.integratedAccountId, event.integratedAccountId) &&
    fits(filters.integration, event.integration) &&
    isOfModels(filters.models, event, namesOf)
  )
}

const isType = (wanted: string, type: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted

const fits = (wanted: string | null, found: string | null): boolean => wanted === null || wanted === found

function isOfModels(models: readonly string[] | null, { data }: NewEvent, namesOf: NamesOf): boolean {
  if (models === null) return true
  const names = typeof data.object === 'string' ? namesOf(data.object) : null
  return names !== null && models.some((model) => names.has(model))
}

/** Names by the catalog in use; read once for each catalog. */
export function createNamesOf(catalog: () => Catalog): NamesOf {
  const known = new WeakMap<Catalog, ReadonlyMap<string, ReadonlySet<string>>>()
  return (object) => {
    const current = catalog()
    const names = known.get(current) ?? namesByObject(current)
    known.set(current, names)
    return names.get(object) ?? NONE
  }
}

const NONE: ReadonlySet<string> = new Set()

function namesByObject({ models }: Catalog): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const model of models.values()) {
    for (const resource of model.resources.values()) {
      const of = names.get(resource.object) ?? new Set()
      names.set(resource.object, of.add(model.name).add(`${model.name}/${resource.name}`))
    }
  }
  return names
}
