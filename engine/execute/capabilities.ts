import type {
  FilterOp,
  Integration,
  LeafSource,
  ModelFilter,
  ModelResource,
  ResourceMapping,
  Source,
} from '../definition/catalog.ts'
import { isObject, touches } from '../mapping/index.ts'
import { canGoBack, stability } from '../pagination/index.ts'
import { isComparable, nativeOp, ruleOf } from '../query/index.ts'
import { type EngineContext, integrationOf, operationOf } from './context.ts'
import type { Account, Capabilities, FilterMode, ResourceCapabilities } from './contract.ts'
import { mappingOf } from './overrides.ts'

/** What an account's integration can do, by model and resource; its overrides count. */
export function capabilitiesOf(context: EngineContext, account: Account): Capabilities {
  const integration = integrationOf(context, account)
  const models: Record<string, Record<string, ResourceCapabilities>> = {}
  for (const { model, resource } of integration.mappings.values()) {
    const known = context.catalog.models.get(model)?.resources.get(resource)
    if (known === undefined) continue
    const mapping = mappingOf(context.catalog, integration, account, known)
    models[model] = { ...models[model], [resource]: resourceCapabilities(integration, mapping, known) }
  }
  return { integration: integration.name, models }
}

/** What the mapping of one resource can do. */
export function resourceCapabilities(
  integration: Integration,
  mapping: ResourceMapping,
  resource: ModelResource,
): ResourceCapabilities {
  const { list, get, writes } = mapping
  const plain = list === undefined ? [] : leafSources(plainSource(list.source))
  const paging = plain.map(({ operation }) => operationOf(integration, operation).pagination)
  const hasWindow = list !== undefined && isWindowed(plainSource(list.source))
  return {
    methods: [...(list === undefined ? [] : ['list']), ...(get === undefined ? [] : ['get']), ...writes.keys()],
    filters: list === undefined ? {} : filterCapabilities(mapping, resource, list.source),
    sort: list === undefined ? [] : [`${list.order.descending ? '-' : ''}${list.order.field}`],
    expand: resource.expand.filter((name) => mapping.expand.has(name) || isMapped(mapping, name)),
    stability: paging.every((rules) => rules === undefined || stability(rules) === 'keyset') ? 'keyset' : 'best_effort',
    canGoBack: paging.length > 0 && !hasWindow && paging.every((rules) => rules !== undefined && canGoBack(rules)),
    fields: fieldCapabilities(mapping, resource),
  }
}

const isMapped = (mapping: ResourceMapping, field: string): boolean =>
  [mapping.fields, ...mapping.variants.map(({ fields }) => fields)].some((fields) =>
    [...fields.keys()].some((name) => touches(name, field)),
  )

/** Every leaf of a source; with `filter`, of routes only on the ways that are open when nothing else is asked for. */
function leafSources(source: Source, filter?: string): readonly LeafSource[] {
  if (source.kind === 'leaf') return [source]
  if (source.kind === 'union') return source.sources.flatMap((inner) => leafSources(inner, filter))
  if (source.kind !== 'route') return leafSources(source.source, filter)
  const isOpen = (on: readonly string[]): boolean => filter === undefined || on.length === 0 || on.includes(filter)
  const open = source.ways.filter(({ filtersPresent }) => isOpen(filtersPresent))
  return open.flatMap((way) => leafSources(way.source, filter))
}

/** The source of a list without filters: of a route the way that always fits, where there is one. */
function plainSource(source: Source): Source {
  if (source.kind !== 'route') return source
  const way = source.ways.find(({ filtersPresent }) => filtersPresent.length === 0)
  return way === undefined ? source : plainSource(way.source)
}

function isWindowed(source: Source): boolean {
  if (source.kind === 'leaf') return false
  if (source.kind === 'union') return source.sources.some(isWindowed)
  if (source.kind === 'route') return source.ways.some((way) => isWindowed(way.source))
  return source.kind === 'window' || isWindowed(source.source)
}

function filterCapabilities(mapping: ResourceMapping, resource: ModelResource, source: Source) {
  const all: Record<string, ResourceCapabilities['filters'][string]> = {}
  for (const [name, filter] of resource.filters) {
    const found = filterCapability(filter, mapping, leafSources(source, name))
    if (found !== undefined) all[name] = { ...found, ...(filter.values === undefined ? {} : { values: filter.values }) }
  }
  return all
}

/** How a filter is answered: by the first leaf that has a rule for it; by scan, when asked, where records hold the value. */
function filterCapability(
  filter: ModelFilter,
  mapping: ResourceMapping,
  leaves: readonly LeafSource[],
): { ops: readonly FilterOp[]; mode: FilterMode } | undefined {
  const rule = leaves.map((leaf) => ruleOf(filter.name, leaf, mapping)).find((found) => found !== undefined)
  const canScan = isComparable(filter, mapping)
  if (rule === undefined || rule.mode === 'scan') return canScan ? { ops: filter.ops, mode: 'scan' } : undefined
  const ops = filter.ops.filter((op) => canScan || nativeOp(op, rule.ops) !== undefined)
  return { ops, mode: rule.mode === 'ids' ? 'lookup' : rule.mode }
}

/** Fields that Onefold itself fills. */
const OURS = new Set([
  'object',
  'provider',
  'integrated_account_id',
  'tenant_id',
  'is_deleted',
  'livemode',
  'remote_data',
  '_meta',
])

function fieldCapabilities(mapping: ResourceMapping, resource: ModelResource): ResourceCapabilities['fields'] {
  const properties = Object.keys(isObject(resource.schema.properties) ? resource.schema.properties : {})
  return Object.fromEntries(
    properties.map((field) => {
      const readable =
        OURS.has(field) || isMapped(mapping, field) || isRawOfMapped(mapping, field) || mapping.expand.has(field)
      const reason = mapping.absent.get(field) ?? (readable ? undefined : 'not mapped')
      return [
        field,
        { readable, writable: writesOf(mapping, resource, field), ...(reason === undefined ? {} : { reason }) },
      ]
    }),
  )
}

const isRawOfMapped = (mapping: ResourceMapping, field: string): boolean =>
  field.startsWith('raw_') && isMapped(mapping, field.slice(4))

/** Writes that pass a field on: those whose values read it, or the id of what it refers to. */
function writesOf(mapping: ResourceMapping, resource: ModelResource, field: string): string[] {
  return [...mapping.writes].flatMap(([name, { ways }]) => {
    const allowed = resource.bodies.get(name)
    const known = Object.keys(isObject(allowed?.properties) ? allowed.properties : {})
    const slots = ways.flatMap(({ path, query, body }) => [path, query, body].flatMap((map) => [...map.values()]))
    const read = slots.flatMap((slot) =>
      slot.kind === 'const' ? [] : slot.kind === 'table' ? slot.from.paths : slot.expression.paths,
    )
    const names = [field, `${field}_id`].filter((one) => known.includes(one))
    return names.some((one) => read.some((path) => path === '*' || path === one || path.startsWith(`${one}.`)))
      ? [name]
      : []
  })
}
