import type { Filter, Lookup, Mapping, MappingFile, Write } from '../../schema/generated.ts'
import { absentOf } from '../absent.ts'
import type { LookupMapping, ModelResource, Operation, ResourceMapping, Slot } from '../catalog.ts'
import type { Located } from '../document.ts'
import { deepFreeze, FrozenMap } from '../frozen.ts'
import { type MappingLayer, mergedEntries, platformLayers, topmost } from '../layers.ts'
import type { Subject } from '../registry.ts'
import { expansionOf } from './expand.ts'
import { filtersOf } from './filters.ts'
import { layeredFields, layeredVariants } from './layered-fields.ts'
import { defaultExpression, expressionOf, maybeExpression, slotsOf, withId } from './slots.ts'
import { getOf, listOf } from './sources.ts'
import { writeOf } from './writes.ts'

/** What a mapping is compiled with. */
export interface MappingContext {
  readonly integration: string
  readonly resource: ModelResource
  readonly operations: ReadonlyMap<string, Operation>
}

/** All mappings of an integration by `model/resource`. */
export function mappingsOf(
  { integration, models }: Subject,
  operations: ReadonlyMap<string, Operation>,
): FrozenMap<string, ResourceMapping> {
  const mappings = [...integration.mappings].flatMap(([model, file]) =>
    (file.need('resources') as Located<MappingFile['resources']>).entries().map(([name, mapping]) => {
      const resource = models.get(model)?.resources.get(name)
      if (resource === undefined) throw new TypeError(`there is no resource ${model}/${name}`)
      const context = { integration: integration.name, resource, operations }
      return [`${model}/${name}`, mappingOf(platformLayers(integration, file, mapping), context)] as const
    }),
  )
  return new FrozenMap(mappings)
}

/** Compiles the layers of a mapping that have no faults: the platform's, then overrides. */
export function mappingOf(layers: readonly MappingLayer[], context: MappingContext): ResourceMapping {
  const { integration, resource, operations } = context
  const fields = layeredFields(layers)
  const list = topmost(layers, 'list')
  const get = topmost(layers, 'get')
  const parts = topmost(layers, 'id')?.at('parts')?.entries() as [string, Located<string>][] | undefined
  const filters = [...mergedEntries<Filter>(layers, 'filters')].filter(([, { node }]) => !isRemoval(node))
  const expand = mergedEntries<NonNullable<Mapping['expand']>[string]>(layers, 'expand')
  const lookups = mergedEntries<Lookup>(layers, 'lookups')
  const cannot = mergedEntries<string>(layers, 'cannot')
  const filterContext = { resource, fields }
  return deepFreeze<ResourceMapping>({
    model: resource.model,
    resource: resource.name,
    integration,
    idParts: parts?.map(([name, node]) => ({ name, expression: expressionOf(node) })),
    list: list === undefined ? undefined : listOf(list, filterContext),
    get: get === undefined ? undefined : getOf(get, operations),
    writes: writesOf(layers, resource, operations),
    filters: filtersOf(
      filters.map(([name, { node }]) => [name, node]),
      filterContext,
    ),
    expand: new FrozenMap([...expand].map(([name, { node }]) => [name, expansionOf(node)])),
    lookups: new FrozenMap([...lookups].map(([name, { node }]) => [name, lookupOf(name, node, operations)])),
    fields,
    variants: layeredVariants(layers),
    cannot: new FrozenMap([...cannot].map(([name, { node }]) => [name, node.value])),
    absent: new FrozenMap([...absentOf(layers, resource.schema)].map(([name, node]) => [name, node.value])),
    address: (layers.findLast(({ layer }) => layer === 'platform') ?? layers[0])?.mapping.address ?? NOWHERE,
  })
}

const NOWHERE = Object.freeze({ file: '', line: 1, column: 1 })

const isRemoval = (node: Located<unknown>): boolean =>
  typeof node.value === 'object' && node.value !== null && '$remove' in node.value

const STANDARD = ['create', 'update', 'delete'] as const

/** Writes that the model foresees: a mapping that uses another's may have fewer. */
function writesOf(
  layers: readonly MappingLayer[],
  resource: ModelResource,
  operations: ReadonlyMap<string, Operation>,
) {
  const writes = new Map<string, { node: Located<Write>; from: MappingLayer }>()
  for (const from of layers) {
    for (const name of STANDARD) {
      const node = from.mapping.at(name)
      if (node !== undefined) writes.set(name, { node: node as Located<Write>, from })
    }
  }
  const all = [
    ...[...writes].filter(([name]) => resource.writes.includes(name)),
    ...[...mergedEntries<Write>(layers, 'methods')].filter(([name]) => resource.methods.has(name)),
  ]
  return new FrozenMap(all.map(([name, write]) => [name, writeOf(name, write, { operations, resource })]))
}

function lookupOf(name: string, node: Located<Lookup>, operations: ReadonlyMap<string, Operation>): LookupMapping {
  const { from, by, param, many = false, batch = 50, max_requests = 100, on_missing = 'null' } = node.value
  const path = slotsOf(node.at('path'))
  const wanted = by === 'get' ? (operations.get(from)?.pathParameters ?? []) : []
  const id = (): Slot => ({ kind: 'expression', expression: defaultExpression('$ids', ['ids']) })
  return {
    name,
    operation: from,
    by,
    ids: maybeExpression(node.at('ids')),
    param,
    key: maybeExpression(node.at('key')) ?? defaultExpression('id', []),
    many,
    batch,
    when: maybeExpression(node.at('when')),
    path: withId(path, wanted, id),
    query: slotsOf(node.at('query')),
    maxRequests: max_requests,
    onMissing: on_missing,
  }
}
