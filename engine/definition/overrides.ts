import type { FieldMap, Mapping, MappingFile } from '../schema/generated.ts'
import type { Integration, Layer, Model, ResourceMapping } from './catalog.ts'
import { checkFields } from './check/fields.ts'
import { checkFilters } from './check/filters.ts'
import { mappingOf } from './compile/mapping.ts'
import { Located } from './document.ts'
import { FrozenMap } from './frozen.ts'
import { type Issue, sortIssues } from './issue.ts'
import { type MappingLayer, platformLayers, shapesOf } from './layers.ts'
import type { RawIntegration } from './registry.ts'
import { validate } from './validate.ts'
import { unknownName } from './words.ts'
import { readYaml } from './yaml.ts'

/** One layer: data by unified model (`Overrides` of the language), or a text of it, YAML or JSON. */
type OverrideSource = Readonly<Record<string, unknown>> | string

/** Changes of the mappings by layer; the account's win. */
export interface OverrideLayers {
  readonly environment?: OverrideSource | undefined
  readonly account?: OverrideSource | undefined
}

/** Overrides laid over an integration. */
export interface LaidOverrides {
  /** Only those that an override speaks of. */
  readonly mappings: ReadonlyMap<string, ResourceMapping>
  readonly issues: Issue[]
  /** The layers as data, also where they came as text; undefined for a layer that cannot be read. */
  readonly data: { readonly [layer in Layer]?: unknown }
}

type ResourceOverride = Pick<Mapping, 'fields' | 'filters' | 'absent'>
type Overrides = Record<string, { resources: Record<string, ResourceOverride> }>

/** One layer as read. */
interface ReadLayer {
  readonly layer: Layer
  readonly data: unknown
  readonly statements: readonly Statement[]
}

/** One statement of an override about a mapping, `model/resource`. */
interface Statement {
  readonly key: string
  readonly layer: Layer
  readonly mapping: Located<Mapping>
}

/**
 * Lays overrides over the mappings of an integration, field by field. Issues stand at lines of the text given, or of the
 * data written as JSON; with an error among them there are no mappings.
 */
export function compileOverrides(
  integration: Integration,
  models: ReadonlyMap<string, Model>,
  overrides: OverrideLayers,
): LaidOverrides {
  const issues: Issue[] = []
  const raw = rawOf(integration)
  const read = (['environment', 'account'] as const).flatMap((layer) => {
    const source = overrides[layer]
    return source === undefined ? [] : [readLayer(layer, source, integration, issues)]
  })
  const data = Object.fromEntries(read.map((each) => [each.layer, each.data]))
  const stacks = new Map<string, { layers: MappingLayer[]; model: string; name: string }>()
  for (const { key, layer, mapping } of read.flatMap(({ statements }) => statements)) {
    const [model = '', name = ''] = key.split('/')
    const file = raw.mappings.get(model)
    const own = file?.at('resources')?.at(name) as Located<Mapping> | undefined
    const resource = models.get(model)?.resources.get(name)
    if (file === undefined || own === undefined || resource === undefined) {
      const known = [...integration.mappings.keys()]
      issues.push(unknownName(mapping, 'key', 'unknown_unified_resource', 'mapped resource', key, known))
      continue
    }
    const stack = stacks.get(key) ?? { layers: platformLayers(raw, file, own), model, name }
    stack.layers.push({ layer, mapping, shapes: shapesOf(file) })
    stacks.set(key, stack)
    const view = {
      subject: { integration: raw, models },
      file,
      mapping,
      layers: stack.layers,
      resource,
      isOverride: true,
    }
    issues.push(...checkFields(view), ...checkFilters(view))
  }
  const sorted = sortIssues(issues)
  if (sorted.some(({ severity }) => severity === 'error')) return { mappings: new FrozenMap([]), issues: sorted, data }
  const compiled = [...stacks].flatMap(([key, { layers, model, name }]) => {
    const resource = models.get(model)?.resources.get(name)
    const context = { integration: integration.name, operations: integration.operations }
    return resource === undefined ? [] : [[key, mappingOf(layers, { ...context, resource })] as const]
  })
  return { mappings: new FrozenMap(compiled), issues: sorted, data }
}

const raws = new WeakMap<Integration, RawIntegration>()

/** The mapping files of a compiled integration, read again for laying something over them. */
function rawOf(integration: Integration): RawIntegration {
  const known = raws.get(integration)
  if (known !== undefined) return known
  const mappings = new Map<string, Located<MappingFile>>()
  for (const [model, { file, text }] of integration.mappingSources) {
    const { document } = readYaml({ path: file, text }, 'mapping', integration.isExtra)
    validate(document)
    mappings.set(model, new Located(document, '', document.data as MappingFile))
  }
  const none = { resources: new Map(), operations: new Map(), cases: [], sandbox: [], references: [], documents: [] }
  const { name, root } = integration
  const raw = { name, root, definition: undefined, webhooks: undefined, mappings, isBroken: false, ...none }
  raws.set(integration, raw)
  return raw
}

function readLayer(layer: Layer, source: OverrideSource, integration: Integration, issues: Issue[]): ReadLayer {
  const file =
    typeof source === 'string'
      ? { path: `overrides/${layer}.yaml`, text: source }
      : { path: `overrides/${layer}.json`, text: JSON.stringify(source, null, 2) }
  const { document, issues: unreadable } = readYaml(file, 'mapping', true)
  issues.push(...unreadable)
  if (document.data === undefined) return { layer, data: undefined, statements: [] }
  const empty = emptyIssues(new Located(document, '', document.data as Overrides))
  const { issues: found, references } = validate(document, 'Overrides')
  const told = new Set(empty.map(({ pointer }) => pointer))
  issues.push(...empty, ...found.filter(({ pointer }) => !told.has(pointer)).map(asNotAllowed))
  for (const { kind, node } of references) {
    if (kind !== 'operation' || integration.operations.has(node.value)) continue
    issues.push(unknownName(node, 'value', 'unknown_operation', 'operation', node.value, integration.operations.keys()))
  }
  const root = new Located(document, '', (document.data ?? {}) as Overrides)
  const statements = root.entries().flatMap(([model, each]) =>
    (each.at('resources')?.entries() ?? []).map(([name, mapping]) => ({
      key: `${model}/${name}`,
      layer,
      mapping: mapping as Located<Mapping>,
    })),
  )
  return { layer, data: document.data, statements }
}

const asNotAllowed = (issue: Issue): Issue =>
  issue.code !== 'unknown_key'
    ? issue
    : Object.freeze({
        ...issue,
        code: 'override_not_allowed',
        message: issue.message.replace('unknown key', 'an override does not reach'),
      })

/** An empty value says neither what a field is nor that it goes. */
function emptyIssues(root: Located<Overrides>): Issue[] {
  const resources = root.entries().flatMap(([, model]) => model.at?.('resources')?.entries() ?? [])
  const fields = resources.flatMap(([, each]) => (each.at('fields') as Located<FieldMap> | undefined)?.entries() ?? [])
  return fields.flatMap(([name, field]) => {
    const value = field.value as unknown
    const isEmpty = value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
    if (!isEmpty) return []
    const hint = `Write \`{ "$remove": true }\` to take \`${name}\` away, or leave it out to keep it.`
    return [field.issue('value', 'override_empty', { message: `the override of \`${name}\` is empty`, hint })]
  })
}
