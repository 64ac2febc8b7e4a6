import type { FieldMap, Mapping, MappingFile } from '../schema/generated.ts'
import type { Layer } from './catalog.ts'
import type { Located } from './document.ts'
import type { RawIntegration } from './registry.ts'

/** One statement about a unified resource: the mapping it uses, its own, or an override. Later layers win by field. */
export interface MappingLayer {
  readonly layer: Layer
  readonly mapping: Located<Mapping>
  /** Shapes that its fields may use. */
  readonly shapes: ReadonlyMap<string, Located<FieldMap>>
}

/** The shapes of a mapping file by name. */
export const shapesOf = (file: Located<MappingFile> | undefined): ReadonlyMap<string, Located<FieldMap>> =>
  new Map((file?.at('shapes')?.entries() ?? []) as [string, Located<FieldMap>][])

/** The mapping of a unified resource in an integration, `model/resource`. */
export function findMapping(
  integration: RawIntegration,
  name: string,
): { mapping: Located<Mapping>; file: Located<MappingFile> } | undefined {
  const [model = '', resource = ''] = name.split('/')
  const file = integration.mappings.get(model)
  const mapping = file?.at('resources')?.at(resource) as Located<Mapping> | undefined
  return file === undefined || mapping === undefined ? undefined : { mapping, file }
}

/** The platform's layers of a mapping: the one that it uses, if any, below its own. */
export function platformLayers(
  integration: RawIntegration,
  file: Located<MappingFile>,
  mapping: Located<Mapping>,
): MappingLayer[] {
  const own: MappingLayer = { layer: 'platform', mapping, shapes: shapesOf(file) }
  const use = mapping.at('use')
  const base = use === undefined ? undefined : findMapping(integration, use.value)
  if (base === undefined) return [own]
  return [{ layer: 'platform', mapping: base.mapping, shapes: shapesOf(base.file) }, own]
}

type Key = keyof Mapping & string

/** The topmost statement of a key. */
export function topmost<K extends Key>(
  layers: readonly MappingLayer[],
  key: K,
): Located<NonNullable<Mapping[K]>> | undefined {
  return layers.map(({ mapping }) => mapping.at(key)).findLast((node) => node !== undefined) as
    | Located<NonNullable<Mapping[K]>>
    | undefined
}

/** The entries of a key in all layers by name; a name stated higher up wins. */
export function mergedEntries<T>(
  layers: readonly MappingLayer[],
  key: Key,
): Map<string, { readonly node: Located<T>; readonly from: MappingLayer }> {
  const merged = new Map<string, { node: Located<T>; from: MappingLayer }>()
  for (const from of layers) {
    for (const [name, node] of (from.mapping.at(key)?.entries() ?? []) as [string, Located<T>][]) {
      merged.set(name, { node, from })
    }
  }
  return merged
}
