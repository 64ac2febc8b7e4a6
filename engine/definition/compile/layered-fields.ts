import type { Field, FieldMap, Mapping } from '../../schema/generated.ts'
import type { FieldSpec, ResourceMapping } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap } from '../frozen.ts'
import type { MappingLayer } from '../layers.ts'
import { fieldOf } from './fields.ts'
import { expressionOf } from './slots.ts'

/** The fields of all layers: a field stated higher up wins, `$remove` takes it away, also out of a shape. */
export function layeredFields(layers: readonly MappingLayer[]): FrozenMap<string, FieldSpec> {
  const fields = new Map<string, FieldSpec>()
  for (const layer of layers) lay(fields, layer.mapping.at('fields'), layer)
  return new FrozenMap(fields)
}

function lay(fields: Map<string, FieldSpec>, map: Located<FieldMap> | undefined, context: MappingLayer): void {
  for (const [name, node] of (map?.entries() ?? []) as [string, Located<Field>][]) {
    takeFromShape(fields, name)
    for (const known of [...fields.keys()]) if (known.startsWith(`${name}.`)) fields.delete(known)
    const isRemoval = typeof node.value === 'object' && '$remove' in node.value
    if (isRemoval) fields.delete(name)
    else fields.set(name, fieldOf(node, context))
  }
}

/** A field inside of an object that a shape makes is no longer made there. */
function takeFromShape(fields: Map<string, FieldSpec>, name: string): void {
  const parts = name.split('.')
  for (let length = 1; length < parts.length; length++) {
    const outer = parts.slice(0, length).join('.')
    const inner = parts.slice(length).join('.')
    const spec = fields.get(outer)
    if (spec?.kind !== 'object' || !spec.fields.has(inner)) continue
    const left = [...spec.fields].filter(([key]) => key !== inner)
    fields.set(outer, { ...spec, fields: new FrozenMap(left) })
  }
}

type VariantFile = NonNullable<Mapping['variants']>[number]

/** The variants of all layers by name, in the order in which they first appear. */
export function layeredVariants(layers: readonly MappingLayer[]): ResourceMapping['variants'] {
  const variants = new Map<string, ResourceMapping['variants'][number]>()
  for (const layer of layers) {
    for (const node of (layer.mapping.at('variants')?.items() ?? []) as Located<VariantFile>[]) {
      const fields = new Map<string, FieldSpec>()
      lay(fields, node.at('fields'), layer)
      const { name } = node.value
      variants.set(name, { name, when: expressionOf(node.need('when')), fields: new FrozenMap(fields) })
    }
  }
  return [...variants.values()]
}
