import type { FieldSpec, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import type { Compiled } from '../expression/index.ts'
import { Lru } from '../expression/lru.ts'
import { conditionsOf, type Way, wayOf } from './cook.ts'
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
  /** Whether those conditions are evaluated apart. */
  readonly isApart: boolean
  /** Decides the conditions of all variants at once: an object of booleans by place. */
  conditions(): Way
  /** What is made where exactly these variants hold. */
  layered(holding: readonly number[]): Layered
}

/** The fields of a record, and how they are made; that is found out when it is first asked for. */
export interface Layered {
  readonly specs: ReadonlyMap<string, FieldSpec>
  way(): Way
  /** The fields that make some members of the record. */
  making(members: readonly string[]): ReadonlyMap<string, FieldSpec>
  /** The fields that read lookups, and which. */
  joined(): ReadonlyMap<string, readonly string[]>
}

/** Plans that a mapping remembers: which fields are asked for differs little between calls. */
const KEPT = 100

const plans = new WeakMap<ResourceMapping, WeakMap<ModelResource, Lru<string, Plan>>>()

/** Whether a call needs the field at a dotted path. */
export function isWanted(path: string, wanted: Wanted): boolean {
  if (wanted.always?.some((name) => touches(path, name)) === true) return true
  if (wanted.exclude?.some((name) => path === name || path.startsWith(`${name}.`)) === true) return false
  return wanted.fields === undefined || wanted.fields.some((name) => touches(path, name))
}

/** The plan of a mapping for the fields wanted, made once. */
export function planOf(mapping: ResourceMapping, resource: ModelResource, wanted: Wanted): Plan {
  const known = plans.get(mapping) ?? new WeakMap<ModelResource, Lru<string, Plan>>()
  plans.set(mapping, known)
  const kept = known.get(resource) ?? new Lru<string, Plan>(KEPT)
  known.set(resource, kept)
  return kept.getOrMake(JSON.stringify(wanted), () => makePlan(mapping, resource, wanted))
}

function makePlan(mapping: ResourceMapping, { schema }: ModelResource, wanted: Wanted): Plan {
  const pick = (fields: ReadonlyMap<string, FieldSpec>) =>
    new Map([...fields].filter(([name]) => isWanted(name, wanted)))
  const base = pick(mapping.fields)
  const variants = mapping.variants.map(({ when, fields }) => ({ when, fields: pick(fields) }))
  const specs = [base, ...variants.map(({ fields }) => fields)].flatMap((fields) => [...fields.values()])
  const layers = new Map<string, Layered>()
  const layered = (holding: readonly number[]) => {
    const key = holding.join(' ')
    const known = layers.get(key)
    if (known !== undefined) return known
    const fields = holding.reduce((lower, at) => layOver(lower, variants[at]?.fields ?? new Map()), base)
    let way: Way | undefined
    let joined: ReturnType<Layered['joined']> | undefined
    const parts = new Lru<string, ReadonlyMap<string, FieldSpec>>(KEPT)
    const made: Layered = {
      specs: fields,
      making: (members) => parts.getOrMake(members.join(' '), () => makingOf(fields, members)),
      way: () => (way ??= hasApart(fields) ? APART : wayOf(fields, schema)),
      joined: () => (joined ??= joinedIn(fields)),
    }
    layers.set(key, made)
    return made
  }
  let decided: Way | undefined
  const isApart = variants.some(({ when }) => when.apart !== undefined)
  const conditions = () => (decided ??= isApart ? APART : conditionsOf(variants.map(({ when }) => when)))
  return { base, variants, lookups: lookupsOf(specs), isApart, conditions, layered }
}

/** `raw_<field>` is made with the field. */
function makingOf(fields: ReadonlyMap<string, FieldSpec>, members: readonly string[]): Map<string, FieldSpec> {
  const isMade = (head: string): boolean => members.includes(head) || members.includes(`raw_${head}`)
  return new Map([...fields].filter(([name]) => isMade(name.split('.', 1)[0] ?? name)))
}

/** Expressions that run apart are never part of a function of this process. */
const APART: Way = { reason: 'a field is evaluated apart' }

const hasApart = (fields: ReadonlyMap<string, FieldSpec>): boolean =>
  [...fields.values()].some((spec) => expressionsOf(spec).some(({ apart }) => apart !== undefined))

/** A field of the upper layer replaces the same field, and the fields below it, of the lower one. */
function layOver(lower: ReadonlyMap<string, FieldSpec>, upper: ReadonlyMap<string, FieldSpec>): Map<string, FieldSpec> {
  const replaced = [...upper.keys()]
  const kept = [...lower].filter(([name]) => !replaced.some((over) => name === over || name.startsWith(`${over}.`)))
  return new Map([...kept, ...upper])
}

function lookupsOf(specs: readonly FieldSpec[]): Set<string> {
  return new Set(specs.flatMap((spec) => expressionsOf(spec).flatMap(lookupNames)))
}

const joinedIn = (fields: ReadonlyMap<string, FieldSpec>): ReturnType<Layered['joined']> =>
  new Map(
    [...fields].flatMap(([name, spec]): [string, readonly string[]][] => {
      const lookups = expressionsOf(spec).flatMap(lookupNames)
      return lookups.length === 0 ? [] : [[name, lookups]]
    }),
  )

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
