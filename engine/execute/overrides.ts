import type { Catalog, Integration, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Account } from './contract.ts'

/** The mapping of a resource for an account, its overrides laid over. Throws EngineError unsupported_resource. */
export function mappingOf(
  catalog: Catalog,
  integration: Integration,
  account: Account,
  resource: ModelResource,
): ResourceMapping {
  const key = `${resource.model}/${resource.name}`
  const mapping = integration.mappings.get(key)
  if (mapping !== undefined) return mapping
  const valid = [...integration.mappings.keys()]
  throw new EngineError('unsupported_resource', `${integration.label} has no ${key}`, { valid, where: 'resource' })
}
