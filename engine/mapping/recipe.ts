import type { FieldSpec, TableField } from '../definition/catalog.ts'
import type { Compiled, ObjectRecipe, Recipe, TableRecipe } from '../expression/index.ts'
import { conform, type Shape } from './shape.ts'

type Specs = ReadonlyMap<string, FieldSpec>
type Member = ObjectRecipe['members'][number]

/** Thrown for fields that only the way by single expressions can put together. */
class Unfit extends Error {}

/**
 * The recipe of a record: every property of its schema, in the schema's order, in the form that the schema asks for. The
 * reason instead, where fields overlap or stand outside of the schema in a way that no recipe has.
 */
export function recipeOf(specs: Specs, shape: Shape): ObjectRecipe | { readonly reason: string } {
  try {
    return objectRecipe([{ specs, isInner: false }], undefined, shape, '', true)
  } catch (thrown) {
    if (thrown instanceof Unfit) return { reason: thrown.message }
    throw thrown
  }
}

/** Fields of one object by their names there. Those of an earlier layer are laid over those of later ones. */
interface FieldLayer {
  readonly specs: Specs
  /** Whether they are made over the object's own record. */
  readonly isInner: boolean
}

/** `path` is where the object stands in the record, with `[]` for items of lists. */
function objectRecipe(
  layers: readonly FieldLayer[],
  from: Compiled | undefined,
  shape: Shape | undefined,
  path: string,
  inList = false,
): ObjectRecipe {
  const members = namesOf(layers, shape).map((name) => memberOf(name, layers, shape, path) ?? nothing(name))
  const isOpen = shape !== undefined && shape.properties.size === 0
  return {
    kind: 'object',
    from,
    members,
    isNullable: !isOpen && shape?.nullable === true && !inList,
    conform: isOpen && shape.isTextMap ? (value) => conform(value, shape) : undefined,
  }
}

const nothing = (name: string): Member => ({ name, isInner: false, recipe: { kind: 'const', value: null } })

/** The properties of the schema; where it has none, the names of the fields. */
function namesOf(layers: readonly FieldLayer[], shape: Shape | undefined): string[] {
  const given = new Set(layers.flatMap(({ specs }) => [...specs.keys()].map(headOf)))
  if (shape === undefined || shape.properties.size === 0) {
    if (given.has('__proto__')) throw new Unfit('`__proto__` is no name for a field')
    return [...given]
  }
  for (const name of given) if (!shape.properties.has(name)) throw new Unfit(`\`${name}\` is not in the schema`)
  return [...shape.properties.keys()]
}

const headOf = (name: string): string => name.split('.', 1)[0] ?? ''

/** How the property of a name is made; undefined when no layer makes it. */
function memberOf(
  name: string,
  layers: readonly FieldLayer[],
  around: Shape | undefined,
  path: string,
): Member | undefined {
  const shape = around?.properties.get(name)
  const field = path === '' ? name : `${path}.${name}`
  for (const [at, { specs, isInner }] of layers.entries()) {
    const exact = specs.get(name)
    if (exact !== undefined) {
      const recipe = overlaid(exact, name, layers.slice(0, at + 1), shape, field)
      const mayDrift = around?.properties.has(`raw_${name}`) !== true || tellsRaw(exact)
      return { name, isInner, recipe: mayDrift ? telling(recipe, field, shape) : recipe }
    }
    const raw = rawOf(name, specs, shape)
    if (raw === undefined) continue
    const hasMore = layers.some((layer, of) => below(name, layer).size > 0 || (of > at && layer.specs.has(name)))
    if (hasMore) throw new Unfit(`\`${name}\` is made in two ways`)
    return { name, isInner, recipe: raw }
  }
  const parts = partsBelow(name, layers)
  const [first, ...others] = parts
  if (first === undefined) return undefined
  if (shape?.isArray === true) throw new Unfit(`\`${name}\` is a list with fields below it`)
  if (others.length > 0) return { name, isInner: false, recipe: objectRecipe(parts, undefined, shape, field) }
  return { name, isInner: first.isInner, recipe: objectRecipe([{ ...first, isInner: false }], undefined, shape, field) }
}

/** A field with those below it, which the same layer or one over it may have. */
function overlaid(
  exact: FieldSpec,
  name: string,
  layers: readonly FieldLayer[],
  shape: Shape | undefined,
  field: string,
): Recipe {
  const parts = partsBelow(name, layers)
  if (parts.length === 0) return recipeAt(exact, shape, field)
  const isOneRecord = parts.every(({ isInner }) => isInner === layers.at(-1)?.isInner)
  if (exact.kind !== 'object' || !isOneRecord) throw new Unfit(`\`${name}\` has a value and fields below it`)
  if (shape?.isArray === true) throw new Unfit(`\`${name}\` is a list with fields below it`)
  const over = parts.map(({ specs }) => ({ specs, isInner: false }))
  return objectRecipe([...over, ownLayer(exact)], exact.from, shape, field)
}

type ObjectSpec = Extract<FieldSpec, { kind: 'object' }>

const ownLayer = ({ from, fields }: ObjectSpec): FieldLayer => ({ specs: fields, isInner: from !== undefined })

/** The layers that have fields below a name, with those fields. */
const partsBelow = (name: string, layers: readonly FieldLayer[]): FieldLayer[] =>
  layers.map((layer) => ({ ...layer, specs: below(name, layer) })).filter(({ specs }) => specs.size > 0)

const below = (name: string, { specs }: FieldLayer): Specs =>
  new Map([...specs].flatMap(([key, spec]) => (key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), spec]] : [])))

/** `raw_<field>` beside an enum: its native value, unless the mapping makes it. */
function rawOf(name: string, specs: Specs, shape: Shape | undefined): Recipe | undefined {
  const of = name.startsWith('raw_') ? specs.get(name.slice('raw_'.length)) : undefined
  if (of === undefined || shape === undefined) return undefined
  const from = nativeOf(of)
  if (from === undefined) return undefined
  if (shape.isArray) return { kind: 'value', from, conform: (value) => conform(value, shape) }
  const written = (value: unknown) =>
    conform(shape.isText && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value, shape)
  const asText = (value: unknown) => (typeof value === 'string' ? value : written(value))
  return { kind: 'value', from, conform: asText }
}

/** Whether what `raw_<field>` gets is the very value that the table of the field did not list. */
function tellsRaw(spec: FieldSpec): boolean {
  if (spec.kind === 'table') return spec.raw
  const table = spec.kind === 'rules' && spec.otherwise.kind === 'table' ? spec.otherwise : undefined
  if (spec.kind !== 'rules' || table === undefined) return false
  return spec.raw === undefined ? table.raw : spec.raw.source === table.from.source
}

/** The recipe of a field whose table tells what it does not list and gives `unknown` for it. */
function telling(recipe: Recipe, field: string, shape: Shape | undefined): Recipe {
  const otherwise = { field, gives: conform('unknown', shape) }
  if (recipe.kind === 'table') return { ...recipe, otherwise }
  const isTable = recipe.kind === 'rules' && recipe.otherwise.kind === 'table'
  return isTable ? ({ ...recipe, otherwise: { ...recipe.otherwise, otherwise } } as Recipe) : recipe
}

function nativeOf(spec: FieldSpec) {
  if (spec.kind === 'table') return spec.raw ? spec.from : undefined
  if (spec.kind !== 'rules') return undefined
  if (spec.raw !== undefined) return spec.raw
  return spec.otherwise.kind === 'table' && spec.otherwise.raw ? spec.otherwise.from : undefined
}

function recipeAt(spec: FieldSpec, shape: Shape | undefined, field: string): Recipe {
  switch (spec.kind) {
    case 'const':
      return { kind: 'const', value: conform(spec.value, shape) }
    case 'expression':
      return {
        kind: 'value',
        from: spec.expression,
        conform: needsForm(shape) ? (value) => conform(value, shape) : undefined,
      }
    case 'table':
      return tableRecipe(spec, shape)
    case 'rules': {
      const rules = spec.rules.map((rule) => ({ if: rule.if, gives: conform(rule.then, shape) }))
      const { otherwise } = spec
      const last =
        otherwise.kind === 'const'
          ? ({ kind: 'const', value: conform(otherwise.value, shape) } as const)
          : tableRecipe(otherwise, shape)
      return { kind: 'rules', rules, otherwise: last }
    }
    case 'each':
      return eachRecipe(spec, shape, field)
    case 'object':
      if (shape?.isArray === true) throw new Unfit('an object stands where a list belongs')
      return objectRecipe([ownLayer(spec)], spec.from, shape, field)
  }
}

/** Whether a value may have to change to fit the schema. */
const needsForm = (shape: Shape | undefined): boolean =>
  shape !== undefined && (shape.isArray || shape.isTextMap || shape.properties.size > 0)

function tableRecipe({ from, map, absent }: TableField, shape: Shape | undefined): TableRecipe {
  const formed = new Map([...map].map(([native, unified]) => [native, conform(unified, shape)]))
  return { kind: 'table', from, map: formed, absent: conform(absent, shape) }
}

function eachRecipe(spec: Extract<FieldSpec, { kind: 'each' }>, shape: Shape | undefined, field: string): Recipe {
  if (shape?.isArray !== true || shape.items === undefined) throw new Unfit('a list stands where the schema has none')
  return {
    kind: 'each',
    from: spec.each,
    item: objectRecipe([{ specs: spec.fields, isInner: false }], undefined, shape.items, `${field}[]`, true),
  }
}
