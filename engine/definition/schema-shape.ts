import { LANGUAGE_SCHEMA } from '../schema/generated.ts'

/** A schema node of the language with its references and `allOf` merged in. */
export interface Shape {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, object>>
  readonly propertyNames?: { readonly pattern?: string }
  readonly additionalProperties?: boolean | object
  readonly unevaluatedProperties?: boolean
  readonly items?: object
  readonly oneOf?: readonly object[]
  readonly examples?: readonly unknown[]
  readonly description?: string
  readonly default?: unknown
  readonly 'x-expression'?: { readonly scope: readonly string[] }
  readonly 'x-template'?: { readonly scope: readonly string[] }
  readonly 'x-operation'?: boolean
  readonly 'x-error-code'?: boolean
}

const shapes = new WeakMap<object, Shape>()

/** The shape of a schema node. References reach into the language's own definitions only. */
export function shapeOf(node: object): Shape {
  const known = shapes.get(node)
  if (known !== undefined) return known
  const { $ref, allOf, ...own } = node as { $ref?: string; allOf?: readonly object[] } & Shape
  const parts = [...($ref === undefined ? [] : [definition($ref)]), ...(allOf ?? [])].map(shapeOf)
  const properties = Object.assign({}, ...[...parts, own].map((part) => part.properties))
  const hasProperties = Object.keys(properties).length > 0
  const shape: Shape = Object.assign({}, ...parts, own, hasProperties ? { properties } : {})
  shapes.set(node, shape)
  return shape
}

/** A definition of the language by its name. */
export const definitionNamed = (name: string): object => {
  const found = LANGUAGE_SCHEMA.$defs[name]
  if (found === undefined) throw new TypeError(`the language has no definition ${name}`)
  return found
}

const definition = (ref: string): object => definitionNamed(ref.replace('#/$defs/', ''))

/** The keys each of which excludes the others (`oneOf` over mere `required`), if the shape has such a choice. */
export function choiceOfKeys(shape: Shape): readonly string[] | undefined {
  const branches = (shape.oneOf ?? []) as readonly { required?: readonly string[] }[]
  const isChoice = branches.length > 0 && branches.every((branch) => Object.keys(branch).join() === 'required')
  return isChoice ? branches.flatMap(({ required = [] }) => required) : undefined
}

/** The JSON types that a shape takes. */
export const typesOf = (shape: Shape): readonly string[] => {
  if (shape.const !== undefined) return [typeName(shape.const)]
  return shape.type === undefined ? [] : [shape.type].flat()
}

/** The JSON type of a value; whole numbers are integers. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Whether a value has one of the types of a shape; a shape without types takes all. */
export function hasType(shape: Shape, value: unknown): boolean {
  const types = typesOf(shape)
  const type = typeName(value)
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
}

/**
 * The branch of a `oneOf` that a value means: by its type, and among objects the one whose wanted keys are there, or else
 * the one that knows most of its keys. Undefined when no branch takes its type.
 */
export function branchFor(branches: readonly object[], value: unknown): object | undefined {
  const fitting = branches.filter((branch) => hasType(shapeOf(branch), value))
  if (fitting.length < 2 || typeof value !== 'object' || value === null) return fitting[0]
  const scored = fitting.map((branch) => {
    const { required = [], properties = {} } = shapeOf(branch)
    const missing = required.filter((key) => !(key in value)).length
    const known = Object.keys(value).filter((key) => key in properties).length
    return { branch, score: known * 10 - missing * 15 + (missing === 0 ? required.length * 5 : 0) }
  })
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).branch
}
