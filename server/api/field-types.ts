import type { JsonRecord, JsonSchema } from '../../engine/index.ts'

/** What a field of a unified record holds; `open` is what the model does not say. */
export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'date' | 'list' | 'object' | 'open'

/** A field of a unified record as its schema has it. */
export interface Field {
  readonly path: string
  readonly kind: FieldKind
  /** Of an amount, the dotted path of its currency. */
  readonly currency: string | undefined
}

/** The field at a dotted path. What stands in a list is a list. */
export function fieldAt(schema: JsonSchema, path: string): Field {
  const node = nodeAt(schema, path)
  if (node === 'list') return { path, kind: 'list', currency: undefined }
  const beside = node?.['x-money']
  const currency = typeof beside === 'string' ? currencyOf(schema, path, beside) : undefined
  return { path, kind: node === undefined ? 'open' : kindOf(node), currency }
}

/** The value at a dotted path, or null. */
export const valueAt = (record: JsonRecord, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as JsonRecord | null | undefined)?.[name], record) ?? null

/** What a schema admits, null left out. */
function kindOf(node: JsonSchema): FieldKind {
  const [type, ...others] = typesOf(node)
  if (others.length > 0) return 'open'
  if (type === 'array') return 'list'
  if (type === 'string') return node.format === 'date-time' ? 'instant' : node.format === 'date' ? 'date' : 'text'
  return type === 'object' || type === 'integer' || type === 'number' || type === 'boolean' ? type : 'open'
}

function nodeAt(schema: JsonSchema, path: string): JsonSchema | 'list' | undefined {
  let node: JsonSchema | undefined = schema
  for (const name of path.split('.')) {
    if (node === undefined) return undefined
    if (typesOf(node).includes('array')) return 'list'
    node = childOf(node, name)
  }
  return node
}

function childOf({ properties = {}, additionalProperties: rest }: JsonSchema, name: string): JsonSchema | undefined {
  const known = properties as Readonly<Record<string, JsonSchema>>
  if (Object.hasOwn(known, name)) return known[name]
  return typeof rest === 'object' ? (rest as JsonSchema) : undefined
}

/** The currency of an amount is looked for in the same object and then outward. */
function currencyOf(schema: JsonSchema, path: string, beside: string): string | undefined {
  const names = path.split('.')
  for (let depth = names.length - 1; depth >= 0; depth--) {
    const found = [...names.slice(0, depth), beside].join('.')
    const node = nodeAt(schema, found)
    if (node !== undefined && node !== 'list') return found
  }
  return undefined
}

const typesOf = (node: JsonSchema): readonly unknown[] =>
  [node.type].flat().filter((type) => type !== 'null' && type !== undefined)
