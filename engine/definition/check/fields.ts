import type { Field, FieldMap } from '../../schema/generated.ts'
import { absentIn, absentNames } from '../absent.ts'
import type { JsonSchema } from '../catalog.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { mergedEntries, shapesOf, topmost } from '../layers.ts'
import { elementOf, enumOf, fieldNames, schemaAt } from '../model-fields.ts'
import { unknownName } from '../words.ts'
import { constIssues, rulesIssues, type TableUse, tableIssues, unreachableIssues } from './enums.ts'
import { join, plainPath } from './reads.ts'
import { nativeResources, type View } from './view.ts'

/** Where a map of fields stands: the schema of the object it makes, and the native path of the record that it reads. */
interface Place {
  readonly view: View
  readonly schema: JsonSchema
  /** Dotted native path, empty for the record itself; undefined when it is computed. */
  readonly native: string | undefined
  /** True in a shape, which does not use other shapes. */
  readonly isShape?: boolean
}

/** Fields against the model: names, kinds, enums, and that the id is made. */
export function checkFields(view: View): Issue[] {
  const { mapping, resource } = view
  const place: Place = { view, schema: resource.schema, native: '' }
  const own = mapping.at('fields')
  const variants = mapping.at('variants')?.items() ?? []
  return [
    ...mapIssues(own, place),
    ...variants.flatMap((variant) => mapIssues((variant as Located<{ fields: FieldMap }>).at('fields'), place)),
    ...variantNames(view),
    ...idIssues(view),
    ...conflictIssues(view),
    ...absentIssues(view),
    ...unreachableIssues(view),
  ]
}

function mapIssues(map: Located<FieldMap> | undefined, place: Place): Issue[] {
  return ((map?.entries() ?? []) as [string, Located<Field>][]).flatMap(([name, node]) => {
    const schema = schemaAt(place.schema, name)
    if (schema !== undefined) return fieldIssues(node, { ...place, schema })
    return [unknownName(node, 'key', 'unknown_field', 'field', name, fieldNames(place.schema))]
  })
}

type Nested = { use?: string; from?: string; each?: string; fields?: FieldMap }

function fieldIssues(node: Located<Field>, place: Place): Issue[] {
  const { value } = node
  if (typeof value === 'string' || 'value' in value) return []
  if ('$remove' in value) {
    if (place.view.isOverride === true) return []
    const hint = 'Leave the field out; `$remove` is for overrides, which take away what a layer below states.'
    return [node.issue('key', 'remove_outside_override', { message: '`$remove` removes nothing here', hint })]
  }
  const values = enumOf(place.schema)
  if ('const' in value) return values === undefined ? [] : constIssues(node as Located<unknown>, values)
  const use: TableUse = { values, natives: (path) => nativeEnums(place, path) }
  if ('map' in value) return tableIssues(node as Located<unknown>, use)
  if ('when' in value) return rulesIssues(node as Located<unknown>, use)
  return nestedIssues(node as Located<unknown> as Located<Nested>, place)
}

function nestedIssues(node: Located<Nested>, place: Place): Issue[] {
  if (place.isShape === true && node.at('use') !== undefined) return []
  const isList = node.at('each') !== undefined
  const types = [place.schema.type ?? []].flat()
  const wanted = isList ? 'array' : 'object'
  if (types.length > 0 && !types.includes(wanted)) {
    const message = isList ? '`each` makes a list and the field is none' : '`use` makes an object and the field is none'
    return [node.issue('key', 'field_conflict', { message, hint: `The field is ${types.join(' or ')}.` })]
  }
  const from = node.at('each') ?? node.at('from')
  const path = from === undefined ? '' : plainPath(from)
  const native = place.native === undefined || path === undefined ? undefined : join(place.native, path)
  const inner: Place = { ...place, schema: elementOf(place.schema), native }
  const use = node.at('use')
  const shapes = shapesOf(place.view.file)
  const shape = use === undefined ? undefined : shapes.get(use.value.replace('shapes.', ''))
  const known = [...shapes.keys()].map((name) => `shapes.${name}`)
  return [
    ...(use !== undefined && shape === undefined
      ? [unknownName(use, 'value', 'unknown_shape', 'shape', use.value, known)]
      : []),
    ...mapIssues(shape, { ...inner, isShape: true }),
    ...mapIssues(node.at('fields'), inner),
  ]
}

/** The documented values of a native field in each resource that the records come from. */
function nativeEnums({ view, native }: Place, from: Located<string>): readonly (readonly unknown[])[] {
  const path = plainPath(from)
  if (native === undefined || path === undefined) return []
  const { resources } = view.subject.integration
  return nativeResources(view).flatMap((name) => {
    const values = resources.get(name)?.value.fields?.[join(native, path)]?.enum
    return values === undefined ? [] : [values]
  })
}

function variantNames({ mapping }: View): Issue[] {
  const seen = new Set<string>()
  return (mapping.at('variants')?.items() ?? []).flatMap((variant) => {
    const name = (variant as Located<{ name: string }>).at('name')
    if (name === undefined || !seen.has(name.value)) {
      seen.add(name?.value ?? '')
      return []
    }
    const facts = { message: `there is a variant \`${name.value}\` already`, hint: 'Give each variant its own name.' }
    return [name.issue('value', 'duplicate_name', facts)]
  })
}

function idIssues({ layers, mapping }: View): Issue[] {
  const hasParts = topmost(layers, 'id') !== undefined
  const variants = layers.flatMap((layer) => layer.mapping.value.variants ?? [])
  const inVariants = variants.some(({ fields = {} }) => 'id' in fields)
  const isNone = mergedEntries(layers, 'fields').size === 0 && mergedEntries(layers, 'cannot').size > 0
  if (hasParts || inVariants || isNone || mergedEntries(layers, 'fields').has('id')) return []
  const facts = {
    message: 'the mapping does not make the `id`',
    hint: 'Add `id: id` to its fields, or `id: { parts: ... }`.',
  }
  return [mapping.issue('key', 'missing_id', facts)]
}

/** A field below another one, where the outer one is not an object that is put together. */
function conflictIssues({ mapping }: View): Issue[] {
  const fields = (mapping.at('fields')?.entries() ?? []) as [string, Located<Field>][]
  const byName = new Map(fields)
  return fields.flatMap(([name, node]) => {
    const parts = name.split('.')
    const outer = parts.slice(1).map((_, length) => parts.slice(0, length + 1).join('.'))
    const whole = outer.find((each) => {
      const value = byName.get(each)?.value
      return value !== undefined && !(typeof value === 'object' && 'use' in value && !('each' in value))
    })
    if (whole === undefined) return []
    const message = `\`${whole}\` makes the whole object, and \`${name}\` a part of it`
    return [
      node.issue('key', 'field_conflict', { message, hint: 'Keep one of them, or make the object with a shape.' }),
    ]
  })
}

/** What is said to be absent must be a field, or a value of an enum (`status.paused`), that nothing makes. */
function absentIssues({ mapping, resource, layers }: View): Issue[] {
  const made = mergedEntries<Field>(layers, 'fields')
  const known = absentNames(resource.schema)
  const seen = new Set<string>()
  return absentIn(mapping.at('absent'), resource.schema).flatMap(([name, node]) => {
    if (seen.has(name)) {
      const facts = { message: `\`${name}\` is said to be absent twice`, hint: 'Give one reason for it.' }
      return [node.issue('key', 'duplicate_name', facts)]
    }
    seen.add(name)
    if (!known.includes(name) && schemaAt(resource.schema, name) === undefined) {
      return [unknownName(node, 'key', 'unknown_field', 'field or value of an enum', name, known)]
    }
    const maker = made.get(name)?.node.value
    if (maker === undefined || (typeof maker === 'object' && '$remove' in maker)) return []
    const facts = { message: `\`${name}\` is said to be absent and is made`, hint: 'Remove one of the two.' }
    return [node.issue('key', 'field_conflict', facts)]
  })
}
