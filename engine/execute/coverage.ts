import type {
  Catalog,
  FieldSpec,
  Integration,
  ModelResource,
  NativeResource,
  ResourceMapping,
} from '../definition/catalog.ts'
import { wholeBody } from '../definition/unread.ts'
import { isObject } from '../mapping/index.ts'
import type { Effect } from '../schema/generated.ts'
import { resourceCapabilities } from './capabilities.ts'
import type { ResourceCapabilities } from './contract.ts'
import { unsentFields } from './unsent.ts'

/** What one integration covers of the unified models and of its provider. */
export interface Coverage {
  readonly name: string
  readonly label: string
  readonly version: string | undefined
  /** One for every resource of the models that it is mapped into, those it lacks as well. */
  readonly resources: readonly ResourceCoverage[]
  readonly native: readonly NativeCoverage[]
}

/** A unified resource; `mapped` is undefined where the integration has none. */
export interface ResourceCoverage {
  readonly model: string
  readonly resource: string
  readonly mapped:
    | {
        readonly capabilities: ResourceCapabilities
        /** Dotted fields of the record in the order of the schema; parts of objects and lists follow an owner that is filled. */
        readonly fields: readonly FieldCoverage[]
        readonly writes: readonly WriteCoverage[]
        /** Writes and methods of the model that it has no mapping for. */
        readonly missing: readonly string[]
        /** Filters of the model that nothing answers. */
        readonly unanswered: readonly string[]
      }
    | undefined
}

/** One field of a record: whether it is filled, and if not why. */
export interface FieldCoverage {
  readonly path: string
  readonly readable: boolean
  readonly reason: string | undefined
}

/** One write: the body fields that some way of it passes on, and those that no way has a place for. */
export interface WriteCoverage {
  readonly method: string
  readonly effect: Effect
  readonly operations: readonly string[]
  readonly sent: readonly string[]
  readonly unsent: readonly string[]
}

/** A native resource with the numbers of its operations and parameters, and of those without a description. */
export interface NativeCoverage {
  readonly name: string
  readonly isDocumented: boolean
  readonly effects: Readonly<Record<Effect, number>>
  readonly deprecated: number
  readonly parameters: number
  readonly undocumented: { readonly operations: number; readonly parameters: number }
}

/** What every integration of a catalog covers, overrides left out, in the order of the catalog. */
export function coverageOf(catalog: Catalog): Coverage[] {
  return [...catalog.integrations.values()].map((integration) => ({
    name: integration.name,
    label: integration.label,
    version: integration.apiVersion?.value,
    resources: [...catalog.models.values()]
      .filter(({ name }) => integration.mappingSources.has(name))
      .flatMap(({ resources }) => [...resources.values()].map((resource) => resourceCoverage(integration, resource))),
    native: [...integration.resources.values()].map(nativeCoverage),
  }))
}

function resourceCoverage(integration: Integration, resource: ModelResource): ResourceCoverage {
  const { model, name, filters } = resource
  const mapping = integration.mappings.get(`${model}/${name}`)
  if (mapping === undefined) return { model, resource: name, mapped: undefined }
  const capabilities = resourceCapabilities(integration, mapping, resource)
  const known = ['list', 'get', ...resource.writes, ...resource.methods.keys()]
  const mapped = {
    capabilities,
    fields: fieldsOf(mapping, resource, capabilities),
    writes: writesOf(mapping, resource),
    missing: known.filter((method) => !capabilities.methods.includes(method)),
    unanswered: [...filters.keys()].filter((filter) => capabilities.filters[filter] === undefined),
  }
  return { model, resource: name, mapped }
}

function fieldsOf(
  mapping: ResourceMapping,
  { schema }: ModelResource,
  { fields }: ResourceCapabilities,
): FieldCoverage[] {
  const maps = [mapping.fields, ...mapping.variants.map((variant) => variant.fields)]
  return Object.entries(propertiesOf(schema)).flatMap(([field, node]): FieldCoverage[] => {
    const { readable = false, reason } = fields[field] ?? {}
    const own = { path: field, readable, reason }
    if (!readable || !maps.some((map) => isFilled(map, field))) return [own]
    const parts = partsOf(node, field).map((path): FieldCoverage => {
      const why = mapping.absent.get(path)
      const isRead = maps.some((map) => isFilled(map, path))
      return { path, readable: isRead, reason: why ?? (isRead ? undefined : 'not mapped') }
    })
    const empty = parts.flatMap(({ path, readable: isRead }) => (isRead ? [] : [`${path}.`]))
    const inner = parts.filter(({ path }) => !empty.some((owner) => path.startsWith(owner)))
    return [own, ...inner]
  })
}

const propertiesOf = (node: unknown): Readonly<Record<string, unknown>> =>
  isObject(node) && isObject(node.properties) ? node.properties : {}

/** Dotted paths of everything below a field; lists are transparent. */
function partsOf(node: unknown, path: string): string[] {
  const items = isObject(node) ? node.items : undefined
  const inner = Object.entries({ ...propertiesOf(node), ...propertiesOf(items) })
  return inner.flatMap(([name, part]) => [`${path}.${name}`, ...partsOf(part, `${path}.${name}`)])
}

/** Whether a field map says something about a dotted path, what holds it, lies below it, or is raw in it. */
function isFilled(fields: ReadonlyMap<string, FieldSpec>, path: string): boolean {
  const cooked = path.replace(/(^|\.)raw_([^.]*)$/, '$1$2')
  if (cooked !== path && isFilled(fields, cooked)) return true
  return [...fields].some(([name, spec]) => {
    if (name === path || name.startsWith(`${path}.`)) return true
    if (!path.startsWith(`${name}.`)) return false
    const isOpen = spec.kind === 'object' || spec.kind === 'each'
    return isOpen ? isFilled(spec.fields, path.slice(name.length + 1)) : true
  })
}

function writesOf(mapping: ResourceMapping, { bodies }: ModelResource): WriteCoverage[] {
  return [...mapping.writes.values()].map((write) => {
    const body = wholeBody(bodies.get(write.name))
    const unsent = unsentFields(write, [...write.ways, ...write.followUps], body)
    return {
      method: write.name,
      effect: write.effect,
      operations: [...new Set([...write.ways, ...write.followUps].map(({ operation }) => operation))],
      sent: Object.keys(body).filter((field) => !unsent.includes(field)),
      unsent,
    }
  })
}

function nativeCoverage({ name, description, operations }: NativeResource): NativeCoverage {
  const all = [...operations.values()]
  const parameters = all.flatMap((operation) => [...operation.parameters.values()])
  const withEffect = (effect: Effect): number => all.filter((operation) => operation.effect === effect).length
  const bare = (list: readonly { readonly description?: string | undefined }[]): number =>
    list.filter((one) => one.description === undefined).length
  return {
    name,
    isDocumented: description !== undefined,
    effects: {
      read: withEffect('read'),
      write: withEffect('write'),
      money: withEffect('money'),
      credential: withEffect('credential'),
    },
    deprecated: all.filter(({ deprecated }) => deprecated).length,
    parameters: parameters.length,
    undocumented: { operations: bare(all), parameters: bare(parameters) },
  }
}
