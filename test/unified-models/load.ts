import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { parseDocument, visit } from 'yaml'

/** Plain data. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** A plain object. */
export type Obj = { [key: string]: Json }

/** Folder of the unified models. */
export const ROOT = join(import.meta.dirname, '..', '..', 'unified-models')
/** Resources by model, as agreed. */
export const DESIGN: Record<string, string> = {
  'payment-gateway':
    'customers payments refunds disputes payouts balance_transactions balances payment_methods checkout_sessions events',
  'subscription-management': 'customers products prices subscriptions invoices payments credit_notes coupons events',
}
const MARKS = 'x-money x-pii x-civil-date x-enum x-derived x-expand-only x-resource x-write x-required-on'.split(' ')

/** The object itself, `{}` for anything else. */
export const obj = (value: Json | undefined): Obj =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}
/** The array itself, `[]` for anything else. */
export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])
/** Names of the YAML files of a folder, without their ending. */
export const names = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))

/** Parses one file; throws on a YAML error, a warning, an alias, an anchor or a merge key. */
export function load(path: string): Obj {
  const document = parseDocument(readFileSync(join(ROOT, `${path}.yaml`), 'utf8'), { uniqueKeys: true })
  if (document.errors.length + document.warnings.length > 0) throw new Error(`${path}: ${document.errors.join()}`)
  visit(document, {
    Alias: () => {
      throw new Error(`${path}: alias`)
    },
    Node: (_, node) => {
      if ('anchor' in node && node.anchor) throw new Error(`${path}: anchor`)
    },
  })
  return obj(document.toJS() as Json)
}

/** Shared pieces by name. */
export const COMMON = new Map(names('common').map((name) => [name, load(`common/${name}`)]))

/** A schema with each `#/common/<piece>` put in place; keys beside a reference win. */
function inline(node: Json, trail: string[] = []): Json {
  if (Array.isArray(node)) return node.map((item) => inline(item, trail))
  if (node === null || typeof node !== 'object') return node
  const { $ref, ...own } = node
  const rest = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, inline(value, trail)]))
  if ($ref === undefined) return rest
  const piece = String($ref).replace('#/common/', '')
  const target = COMMON.get(piece)
  if (!target || trail.includes(piece)) throw new Error(`unknown or circular reference ${String($ref)}`)
  return { ...obj(inline(target.schema ?? null, [...trail, piece])), ...rest }
}

/** Own entries over those of the base; an empty map of its own takes nothing from the base. */
function merge(base: Json | undefined, own: Json | undefined): Obj {
  return own !== undefined && Object.keys(obj(own)).length === 0 ? {} : { ...obj(base), ...obj(own) }
}

/** A resource with `use` followed, common pieces in place and the conventional fields merged. */
function resolve(model: string, name: string): Obj {
  const own = load(`${model}/${name}`)
  const base = typeof own.use === 'string' ? load(own.use) : {}
  const record = obj(COMMON.get('record')?.schema)
  const schemas = [record, obj(base.schema), obj(own.schema)]
  const properties: Obj = Object.assign({}, ...schemas.map((schema) => schema.properties))
  const maps = ['filters', 'methods', 'bodies'].map((key) => [key, merge(base[key], own[key])])
  return obj(
    inline({ ...base, ...own, ...Object.fromEntries(maps), schema: Object.assign({}, ...schemas, { properties }) }),
  )
}

/** Every resource of both models, resolved. */
export const RESOURCES = Object.keys(DESIGN).flatMap((model) =>
  names(model).map((name) => ({ id: `${model}/${name}`, model, name, resource: resolve(model, name) })),
)

/** A property found by walking a schema. */
export interface Visit {
  readonly path: string
  readonly name: string
  readonly schema: Obj
  /** Enclosing property maps, nearest first. */
  readonly scopes: readonly Obj[]
}

/** Every property of a schema at any depth. */
export function* walk(schema: Obj, path: string, scopes: readonly Obj[] = []): Generator<Visit> {
  const properties = obj(schema.properties)
  const inner = schema.properties === undefined ? scopes : [properties, ...scopes]
  for (const [name, value] of Object.entries(properties)) {
    const at = `${path}.${name}`
    yield { path: at, name, schema: obj(value), scopes: inner }
    yield* walk(obj(value), at, inner)
  }
  if (schema.items !== undefined) yield* walk(obj(schema.items), `${path}[]`, inner)
  if (typeof schema.additionalProperties === 'object') yield* walk(obj(schema.additionalProperties), `${path}{}`, inner)
}

/** The types a schema names. */
export const types = (schema: Obj): Json[] => (typeof schema.type === 'string' ? [schema.type] : list(schema.type))
/** Whether a schema takes null. */
export const nullable = (schema: Obj): boolean => schema.type === undefined || types(schema).includes('null')

/** The property a dotted path leads to, arrays transparent. */
export function property(schema: Obj, path: string): Obj | undefined {
  const [head = '', ...rest] = path.split('.')
  const found = obj(schema.properties)[head] ?? obj(obj(schema.items).properties)[head]
  if (found === undefined) return undefined
  return rest.length === 0 ? obj(found) : property(obj(found), rest.join('.'))
}

/** Record schemas by resource. */
export const RECORDS = RESOURCES.map(({ id, resource }) => ({ id, schema: obj(resource.schema) }))
/** Body schemas of writes and methods; a method on a record counts as an update. */
export const BODIES = RESOURCES.flatMap(({ id, resource }) => [
  ...Object.entries(obj(resource.bodies)).map(([op, body]) => ({ id: `${id} ${op}`, op, schema: obj(body) })),
  ...Object.entries(obj(resource.methods)).map(([name, method]) => ({
    id: `${id} ${name}`,
    op: obj(method).on === 'record' ? 'update' : 'create',
    schema: obj(obj(method).body),
  })),
])
/** Every property of every record at any depth. */
export const RECORD_FIELDS = RECORDS.flatMap(({ id, schema }) => [...walk(schema, id)])
/** Every property of every body at any depth. */
export const BODY_FIELDS = BODIES.flatMap(({ id, schema, op }) =>
  [...walk(schema, id)].map((field) => ({ ...field, op })),
)
/** Every property there is. */
export const FIELDS = [...RECORD_FIELDS, ...BODY_FIELDS]
/** Paths of the fields that are bad. */
export const offenders = (fields: readonly Visit[], bad: (field: Visit) => boolean): string[] =>
  fields.filter(bad).map(({ path }) => path)

/** A strict validator that knows our marks and no other. */
export function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false })
  ajvFormats.default(ajv)
  for (const keyword of MARKS) ajv.addKeyword(keyword)
  return ajv
}
