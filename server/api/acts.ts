import type { Integration, ModelResource, Operation, ResourceMapping, Source } from '../../engine/index.ts'
import type { TokenEffect } from '../stores/index.ts'
import type { Act } from './reach.ts'

/** A call of a native operation, with its own fields or as raw bytes. */
export function nativeAct(integration: Integration | undefined, operation: Operation, shape: 'native' | 'raw'): Act {
  const { effect, name, resource, amount, currency } = operation
  return {
    ...{ effect, method: name, shape },
    resources: [resource, `proxy/${resource}`],
    tags: [tagsOf(integration, operation)],
    namesMoney: [amount, currency].every((expression) => (expression?.variables.length ?? 0) > 0),
  }
}

/** Synced records as changes or a file: no operation answers them, so tags do not reach them, nor who leaves personal data out. */
export const syncedAct = (model: string, name: string): Act => ({
  ...{ effect: 'read', method: 'list', shape: 'raw', tags: [[]] },
  resources: [name, `${model}/${name}`],
})

/** An operation that no definition declares. */
export const UNDECLARED: Act = Object.freeze({
  effect: 'credential',
  method: '',
  resources: [],
  tags: [[]],
  shape: 'raw',
})

/** A call of a unified resource at a provider. */
export function unifiedAct(
  integration: Integration,
  { model, name }: ModelResource,
  { method, effect }: { readonly method: string; readonly effect: TokenEffect },
): Act {
  const mapping = integration.mappings.get(`${model}/${name}`)
  const operations = mapping === undefined ? [] : operationsOf(mapping, method)
  const tags = operations.map((id) => {
    const operation = integration.operations.get(id)
    return operation === undefined ? [] : tagsOf(integration, operation)
  })
  return { effect, method, resources: [name, `${model}/${name}`], tags }
}

const tagsOf = (integration: Integration | undefined, { resource, tags }: Operation): readonly string[] => [
  ...tags,
  ...(integration?.resources.get(resource)?.tags ?? []),
]

/** The operations that a method of a mapping is answered by, what it looks up on the way left out. */
function operationsOf({ list, get, writes }: ResourceMapping, method: string): readonly string[] {
  if (method === 'list') return list === undefined ? [] : leavesOf(list.source)
  if (method === 'get') return (get ?? []).map(({ operation }) => operation)
  const write = writes.get(method)
  return write === undefined ? [] : [...write.ways, ...write.followUps].map(({ operation }) => operation)
}

function leavesOf(source: Source): readonly string[] {
  switch (source.kind) {
    case 'leaf':
      return [source.operation]
    case 'union':
      return source.sources.flatMap(leavesOf)
    case 'route':
      return source.ways.flatMap((way) => leavesOf(way.source))
    case 'partition':
    case 'window':
      return leavesOf(source.source)
  }
}
