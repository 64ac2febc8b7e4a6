import { createHash } from 'node:crypto'
import type { Catalog, Integration, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import { compileOverrides } from '../definition/index.ts'
import { EngineError } from '../errors.ts'
import { Lru } from '../expression/lru.ts'
import type { Account } from './contract.ts'

/** Overrides that are kept compiled, over all accounts; equal ones are compiled once. */
const KEPT = 500

type Mappings = ReadonlyMap<string, ResourceMapping>

const compiled = new WeakMap<Integration, Lru<string, Mappings>>()

/**
 * The mapping of a resource for an account, its overrides laid over. Throws EngineError unsupported_resource, or
 * definition_invalid where an override no longer fits the definition.
 */
export function mappingOf(
  catalog: Catalog,
  integration: Integration,
  account: Account,
  resource: ModelResource,
): ResourceMapping {
  const key = `${resource.model}/${resource.name}`
  const mapping = overriddenOf(catalog, integration, account).get(key) ?? integration.mappings.get(key)
  if (mapping !== undefined) return mapping
  const valid = [...integration.mappings.keys()]
  throw new EngineError('unsupported_resource', `${integration.label} has no ${key}`, { valid, where: 'resource' })
}

const NONE: Mappings = new Map()

function overriddenOf({ models }: Catalog, integration: Integration, { overrides }: Account): Mappings {
  if (overrides.environment === undefined && overrides.account === undefined) return NONE
  const text = JSON.stringify([overrides.environment ?? null, overrides.account ?? null])
  const hash = createHash('sha256').update(text).digest('base64url')
  const known = compiled.get(integration) ?? new Lru<string, Mappings>(KEPT)
  compiled.set(integration, known)
  return known.getOrMake(hash, () => {
    const { mappings, issues } = compileOverrides(integration, models, overrides)
    const error = issues.find(({ severity }) => severity === 'error')
    if (error === undefined) return mappings
    const where = `${error.file}:${error.line}:${error.column}`
    throw new EngineError('definition_invalid', error.message, { where, hint: error.hint })
  })
}
