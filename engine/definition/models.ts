import type { UnifiedModel, UnifiedResource, UnifiedSchema } from '../schema/generated.ts'
import type { JsonSchema, Model, ModelFilter, ModelMethod, ModelResource } from './catalog.ts'
import { Located } from './document.ts'
import { deepFreeze, FrozenMap } from './frozen.ts'
import type { Issue } from './issue.ts'
import { enumOf, schemaAt } from './model-fields.ts'
import { type Commons, nullableIssues, resolveSchema } from './model-schema.ts'
import { type ModelDocument, sameName } from './registry.ts'
import { unknownName } from './words.ts'

/** A resource as written, over the one that it uses. */
interface Layers {
  readonly model: string
  readonly own: Located<UnifiedResource>
  readonly base: Located<UnifiedResource> | undefined
}

interface Context {
  readonly commons: Commons
  readonly resources: ReadonlyMap<string, Located<UnifiedResource>>
  readonly issues: Issue[]
}

/** Compiles the unified models. Faulty parts are reported and left out; the rest is there for further checks. */
export function compileModels(documents: readonly ModelDocument[]): {
  models: ReadonlyMap<string, Model>
  issues: Issue[]
} {
  const whole = documents.filter(({ document }) => document.data !== undefined)
  const issues: Issue[] = []
  const commons = new Map<string, Located<UnifiedSchema>>()
  const resources = new Map<string, Located<UnifiedResource>>()
  for (const { place, document } of whole) {
    const root = new Located<unknown>(document, '', document.data)
    if (place.kind === 'unified-common') {
      const schema = (root as Located<{ schema: UnifiedSchema }>).at('schema')
      if (schema !== undefined) commons.set(place.stem, schema)
    } else if (place.kind === 'unified-resource') {
      const resource = root as Located<UnifiedResource>
      resources.set(`${place.owner}/${place.stem}`, resource)
      issues.push(...sameName(resource.at('name'), place.stem, 'file'))
    }
  }
  for (const schema of commons.values()) resolveSchema(schema, commons, issues)
  const context: Context = { commons, resources, issues }
  const titles = modelTitles(whole, issues)
  const names = new Set([...titles.keys(), ...[...resources.keys()].map((key) => key.split('/')[0] ?? '')])
  const models = [...names].sort().map((name): [string, Model] => [name, modelOf(context, name, titles.get(name))])
  return { models: new FrozenMap(models), issues }
}

function modelTitles(documents: readonly ModelDocument[], issues: Issue[]): Map<string, UnifiedModel> {
  const titles = new Map<string, UnifiedModel>()
  for (const { place, document } of documents) {
    if (place.kind !== 'unified-model') continue
    const root = new Located(document, '', document.data as UnifiedModel)
    issues.push(...sameName(root.at('name'), place.stem, 'file'))
    titles.set(place.stem, root.value)
  }
  return titles
}

function modelOf(context: Context, name: string, title: UnifiedModel | undefined): Model {
  const own = [...context.resources].filter(([key]) => key.startsWith(`${name}/`))
  const resources = own.map(([key, node]): [string, ModelResource] => {
    const resource = key.slice(name.length + 1)
    return [resource, resourceOf(context, { model: name, own: node, base: baseOf(context, node) }, resource)]
  })
  const { title: words = name, description = '' } = title ?? {}
  return deepFreeze({ name, title: words, description, resources: new FrozenMap(resources) })
}

function baseOf(context: Context, node: Located<UnifiedResource>): Located<UnifiedResource> | undefined {
  const use = node.at('use')
  if (use === undefined) return undefined
  const base = context.resources.get(use.value)
  if (base === undefined) {
    const known = context.resources.keys()
    context.issues.push(unknownName(use, 'value', 'unknown_unified_resource', 'resource of a model', use.value, known))
  } else if (base.at('use') !== undefined) {
    const message = `\`${use.value}\` uses another resource itself`
    context.issues.push(use.issue('value', 'nested_use', { message, hint: 'Use the resource that is written out.' }))
  }
  return base
}

function resourceOf(context: Context, layers: Layers, name: string): ModelResource {
  const { own, base, model } = layers
  const schema = recordSchema(context, layers)
  const methods = mergedEntries<NonNullable<UnifiedResource['methods']>[string]>(layers, 'methods')
  const writes = own.at('writes')?.value ?? base?.at('writes')?.value ?? []
  const filters = mergedEntries<NonNullable<UnifiedResource['filters']>[string]>(layers, 'filters')
  return deepFreeze({
    model,
    name,
    object: own.at('object')?.value ?? base?.at('object')?.value ?? name.replace(/s$/, ''),
    description: own.at('description')?.value ?? '',
    schema,
    writes,
    bodies: new FrozenMap(bodiesOf(context, layers, writes, schema)),
    methods: new FrozenMap([...methods].map(([key, node]) => [key, methodOf(context, model, key, node)])),
    filters: new FrozenMap([...filters].map(([key, node]) => [key, filterOf(context, schema, key, node)])),
    expand: expandOf(context, layers, schema),
    touches: new FrozenMap(touchesOf(context, layers, schema)),
  })
}

/** Entries of a mapping of both layers, own ones over those used; an own empty mapping takes nothing over. */
function mergedEntries<T>({ own, base }: Layers, key: 'methods' | 'filters' | 'bodies'): Map<string, Located<T>> {
  const mine = own.at(key)?.entries() as [string, Located<T>][] | undefined
  if (mine?.length === 0) return new Map()
  return new Map([...((base?.at(key)?.entries() ?? []) as [string, Located<T>][]), ...(mine ?? [])])
}

function recordSchema(context: Context, { own, base }: Layers): JsonSchema {
  const record = context.commons.get('record')
  const layers = [record, base?.at('schema'), own.at('schema')].filter((layer) => layer !== undefined)
  const resolved = layers.map((layer) => resolveSchema(layer, context.commons, layer === record ? [] : context.issues))
  const schema = {
    type: 'object',
    required: ['id'],
    additionalProperties: false,
    properties: Object.assign({}, ...resolved.map(({ properties }) => properties)) as Record<string, JsonSchema>,
  }
  const mine = own.at('schema')?.at('properties')
  if (mine !== undefined) context.issues.push(...nullableIssues(mine, schema))
  return schema
}

function bodiesOf(
  context: Context,
  layers: Layers,
  writes: readonly string[],
  schema: JsonSchema,
): [string, JsonSchema][] {
  const given = mergedEntries<UnifiedSchema>(layers, 'bodies')
  for (const [method, node] of mergedEntries<{ body?: UnifiedSchema }>(layers, 'methods')) {
    const body = node.at('body')
    if (body !== undefined) given.set(method, body as Located<UnifiedSchema>)
  }
  const explicit = [...given].map(([name, node]): [string, JsonSchema] => [
    name,
    { type: 'object', additionalProperties: false, ...resolveSchema(node, context.commons, context.issues) },
  ])
  const derived = writes.filter((write) => write !== 'delete' && !given.has(write))
  return [...explicit, ...derived.map((write): [string, JsonSchema] => [write, derivedBody(schema, write)])]
}

/** The body of a write from the fields marked `x-write`; in an update none is required and each may be null. */
function derivedBody(schema: JsonSchema, write: string): JsonSchema {
  const marked = (node: JsonSchema, mark: string): boolean => ((node[mark] ?? []) as string[]).includes(write)
  const entries = Object.entries(schema.properties as Record<string, JsonSchema>).filter(([, node]) =>
    marked(node, 'x-write'),
  )
  return {
    type: 'object',
    additionalProperties: false,
    required: entries.filter(([, node]) => marked(node, 'x-required-on')).map(([name]) => name),
    properties: Object.fromEntries(entries.map(([name, node]) => [name, withoutUnknown(node)])),
  }
}

/** `unknown` is what a record can say, never what a caller can ask for. */
const withoutUnknown = (node: JsonSchema): JsonSchema =>
  node.enum === undefined ? node : { ...node, enum: (node.enum as unknown[]).filter((value) => value !== 'unknown') }

function methodOf(
  context: Context,
  model: string,
  name: string,
  node: Located<NonNullable<UnifiedResource['methods']>[string]>,
): ModelMethod {
  const { on = 'record', effect = 'money', description = '' } = node.value
  const returns = node.at('returns')
  const isName = typeof returns?.value === 'string'
  const returned = isName ? (returns.value as string) : undefined
  const known = [...context.resources.keys()].filter((key) => key.startsWith(`${model}/`))
  if (returns !== undefined && returned !== undefined && !known.includes(`${model}/${returned}`)) {
    const valid = known.map((key) => key.slice(model.length + 1))
    const code = 'unknown_unified_resource'
    context.issues.push(unknownName(returns, 'value', code, 'resource of this model', returned, valid))
  }
  const schema = isName ? undefined : (returns as Located<UnifiedSchema> | undefined)
  const answer = schema === undefined ? undefined : resolveSchema(schema, context.commons, context.issues)
  return { name, on, effect, description, returns: returned, answer }
}

function filterOf(
  context: Context,
  schema: JsonSchema,
  name: string,
  node: Located<NonNullable<UnifiedResource['filters']>[string]>,
): ModelFilter {
  const { ops = [], type = 'string', description = '', fold_case = false, keyed = false } = node.value
  const enumField = node.at('enum_of')
  const given = node.at('fields')?.items() ?? [node.at('field')].filter((field) => field !== undefined)
  const places = given.length > 0 ? given : [enumField ?? new Located<string>(node.document, node.pointer, name)]
  for (const place of places) {
    if (schemaAt(schema, place.value) !== undefined) continue
    const valid = Object.keys(schema.properties as object)
    context.issues.push(unknownName(place, 'value', 'unknown_field', 'field', place.value, valid))
  }
  const values = enumField === undefined ? undefined : enumOf(schemaAt(schema, enumField.value))?.map(String)
  const fields = places.map(({ value }) => value)
  return { name, type, ops, values, fields, foldCase: fold_case, isKeyed: keyed, description }
}

function expandOf(context: Context, { own, base }: Layers, schema: JsonSchema): readonly string[] {
  const list = own.at('expand') ?? base?.at('expand')
  const known = Object.keys(schema.properties as object)
  for (const item of list?.items() ?? []) {
    if (known.includes(item.value)) continue
    context.issues.push(unknownName(item, 'value', 'unknown_field', 'field to expand', item.value, known))
  }
  return list?.value ?? []
}

function touchesOf(context: Context, { own, base, model }: Layers, schema: JsonSchema): [string, string][] {
  const entries = (own.at('touches') ?? base?.at('touches'))?.entries() ?? []
  const known = [...context.resources.keys()].filter((key) => key.startsWith(`${model}/`))
  const valid = known.map((key) => key.slice(model.length + 1))
  for (const [name, field] of entries) {
    if (!valid.includes(name)) {
      const code = 'unknown_unified_resource'
      context.issues.push(unknownName(field, 'key', code, 'resource of this model', name, valid))
    }
    if (schemaAt(schema, field.value) === undefined) {
      const fields = Object.keys(schema.properties as object)
      context.issues.push(unknownName(field, 'value', 'unknown_field', 'field', field.value, fields))
    }
  }
  return entries.map(([name, field]) => [name, field.value])
}
