import type { Catalog, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import { createMapper, type Mapper, narrowed } from '../mapping/index.ts'
import type { CancelSignal, Ports } from '../ports.ts'
import { worked } from './apart.ts'
import { expandOnly } from './map-found.ts'

/**
 * Compiles what the lists of an integration are mapped with, before anybody asks for it: a page that does so itself holds the
 * process up. Goes piece by piece, with pauses for others, and stops when the signal says so.
 */
export async function compileAhead(
  catalog: Catalog,
  integration: string,
  { pause, signal }: Pick<Ports, 'pause'> & { readonly signal: Pick<CancelSignal, 'aborted'> },
): Promise<void> {
  for (const mapping of catalog.integrations.get(integration)?.mappings.values() ?? []) {
    const resource = catalog.models.get(mapping.model)?.resources.get(mapping.resource)
    for (const mapper of resource === undefined ? [] : mappersOf(mapping, resource)) {
      if (signal.aborted) return
      await worked(mapper.prepare(), integration, { pause })
    }
  }
}

/** Those of a list that asks for nothing in particular: of its answer, and of the drafts by which sources are merged. */
function mappersOf(mapping: ResourceMapping, resource: ModelResource): readonly Mapper[] {
  if (mapping.list === undefined) return []
  const { order, key, source } = mapping.list
  const exclude = expandOnly(resource)
  const answer = createMapper(mapping, resource, { fields: undefined, exclude })
  if (source.kind === 'leaf') return [answer]
  const fields = [...new Set([order.field, key])]
  return [createMapper(mapping, narrowed(resource, fields), { fields, exclude }), answer]
}
