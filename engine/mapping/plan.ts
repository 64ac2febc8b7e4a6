import type { FieldSpec, ResourceMapping } from '../definition/catalog.ts'
import type { Compiled } from '../expression/index.ts'
import { touches } from './paths.ts'

/** Which unified fields a call needs; undefined means all. */
export interface Wanted {
  readonly fields: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Needed by the engine itself whatever the caller asked for. */
  readonly always?: readonly string[] | undefined
}

/** The field specs of one call: the base and the variants, without what nobody asked for. */
export interface Plan {
  readonly base: ReadonlyMap<string, FieldSpec>
  readonly variants: readonly { readonly when: Compiled; readonly fields: ReadonlyMap<string, FieldSpec> }[]
  /** Lookups that any field of the plan reads. */
  readonly lookups: ReadonlySet<string>
  /** The specs where exactly these variants hold. */
  layered(holding: readonly number[]): ReadonlyMap<string, FieldSpec>
}

/** Whether a call needs the field at a dotted path. */
export function isWanted(path: string, wanted: Wanted): boolean {
  if (wanted.always?.some((name) => touches(path, name)) === true) return true
  if (wanted.exclude?.some((name) => path === name || path.startsWith(`${name}.`)) === true) return false
  return wanted.fields === undefined || wanted.fields.some((name) => touches(path, name))
}

/** Plans a mapping for the fields wanted. */
export function makePlan(mapping: Pick<ResourceMapping, 'fields' | 'variants'>, wanted: Wanted): Plan {
  const pick = (fields: ReadonlyMap<string, FieldSpec>) =>
    new Map([...fields].filter(([name]) => isWanted(name, wanted)))
  const base = pick(mapping.fields)
  const variants = mapping.variants.map(({ when, fields }) => ({ when, fields: pick(fields) }))
  const specs = [base, ...variants.map(({ fields }) => fields)].flatMap((fields) => [...fields.values()])
  const layers = new Map<string, ReadonlyMap<string, FieldSpec>>()
  const layered = (holding: readonly number[]) => {
    const key = holding.join(' ')
    const known = layers.get(key)
    if (known !== undefined) return known
    const made = holding.reduce((fields, at) => layOver(fields, variants[at]?.fields ?? new Map()), base)
    layers.set(key, made)
    return made
  }
  return { base, variants, lookups: lookupsOf(specs), layered }
}

/** A field of the upper layer replaces the same field, and the fields below it, of the lower one. */
function layOver(lower: ReadonlyMap<string, FieldSpec>, upper: ReadonlyMap<string, FieldSpec>): Map<string, FieldSpec> {
  const replaced = [...upper.keys()]
  const kept = [...lower].filter(([name]) => !replaced.some((over) => name === over || name.startsWith(`${over}.`)))
  return new Map([...kept, ...upper])
}

function lookupsOf(specs: readonly FieldSpec[]): Set<string> {
  return new Set(specs.flatMap((spec) => expressionsOf(spec).flatMap(lookupNames)))
}

/** Lookups that an expression reads; `*` when it reads the variable as a whole. */
export function lookupNames(expression: Compiled): string[] {
  return expression.variablePaths.flatMap((path) => {
    const [variable, name = '*'] = path.split('.')
    return variable === 'lookup' ? [name] : []
  })
}

/** Every expression of a field, nested fields included. */
export function expressionsOf(spec: FieldSpec): readonly Compiled[] {
  switch (spec.kind) {
    case 'expression':
      return [spec.expression]
    case 'const':
      return []
    case 'table':
      return [spec.from]
    case 'rules':
      return [
        ...spec.rules.map((rule) => rule.if),
        ...(spec.otherwise.kind === 'table' ? [spec.otherwise.from] : []),
        ...(spec.raw === undefined ? [] : [spec.raw]),
      ]
    case 'each':
      return [spec.each, ...[...spec.fields.values()].flatMap(expressionsOf)]
    case 'object':
      return [...(spec.from === undefined ? [] : [spec.from]), ...[...spec.fields.values()].flatMap(expressionsOf)]
  }
}
