import type { ApiNode, ApiParameter } from './contract.ts'

const MOST_REFERENCES = 32
const MOST_DEPTH = 12

/** Whether a value is a JSON object. */
export const isNode = (value: unknown): value is ApiNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list of the document; empty for anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array']
type Scalar = string | number | boolean

/** The type of a value that stands for itself; null and an empty text are none. */
const typeOfValue = (value: unknown): string[] =>
  value === null || value === '' ? [] : [Number.isInteger(value) ? 'integer' : typeof value]

/** Reads the schemas of one document: references within it, `allOf`, and alternatives as all that any of them allows. */
export class Schemas {
  readonly #root: ApiNode
  /** References that lead out of the document or to nothing. */
  readonly broken = new Set<string>()

  constructor(root: ApiNode) {
    this.#root = root
  }

  /** The object that a node is or refers to; empty where there is none. */
  at(node: unknown): ApiNode {
    let here = node
    for (let step = 0; step < MOST_REFERENCES && isNode(here) && typeof here.$ref === 'string'; step++) {
      here = this.#target(here.$ref)
    }
    return isNode(here) && here.$ref === undefined ? here : {}
  }

  #target(ref: string): unknown {
    const steps = ref.startsWith('#/') ? ref.slice(2).split('/') : []
    const found = steps.reduce<unknown>((here, step) => {
      const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
      return isNode(here) && Object.hasOwn(here, key) ? here[key] : undefined
    }, this.#root)
    if (steps.length === 0 || found === undefined) this.broken.add(ref)
    return steps.length === 0 ? undefined : found
  }

  /** The schema itself and what it is put together from, alternatives included. */
  #parts(node: unknown, depth = 0): ApiNode[] {
    const own = this.at(node)
    if (depth > MOST_DEPTH) return [own]
    const inner = [...listOf(own.allOf), ...listOf(own.oneOf), ...listOf(own.anyOf)]
    return [own, ...inner.flatMap((each) => this.#parts(each, depth + 1))]
  }

  /** The members of an object by name. */
  members(node: unknown): Map<string, unknown> {
    const parts = this.#parts(node)
    return new Map(parts.flatMap((part) => Object.entries(isNode(part.properties) ? part.properties : {})))
  }

  /** The members without which a value is none: of the schema and what it is put together from, alternatives left out. */
  required(node: unknown, depth = 0): Set<string> {
    const own = this.at(node)
    const inner = depth > MOST_DEPTH ? [] : listOf(own.allOf)
    const names = listOf(own.required).filter((name): name is string => typeof name === 'string')
    return new Set([...names, ...inner.flatMap((each) => [...this.required(each, depth + 1)])])
  }

  /** The schema of the elements of a list; undefined where it is none. */
  elements(node: unknown): unknown {
    return this.#parts(node).find((part) => part.items !== undefined)?.items
  }

  /** Whether values may have members that are not named. */
  isOpen(node: unknown): boolean {
    const parts = this.#parts(node)
    const named = parts.some((part) => isNode(part.properties) && Object.keys(part.properties).length > 0)
    return !named || parts.some(({ additionalProperties: rest }) => rest === true || isNode(rest))
  }

  /** The one type of a value, or `any`. Null and an empty text beside something else are no types. */
  type(node: unknown): ApiParameter['type'] {
    const found = new Set(this.#parts(node).flatMap((part) => this.#typesOf(part)))
    if (found.has('number')) found.delete('integer')
    const [first = 'any', ...others] = found
    return others.length === 0 ? (first as ApiParameter['type']) : 'any'
  }

  #typesOf(part: ApiNode): string[] {
    if (part.format === 'binary') return ['file']
    const values = listOf(part.enum)
    if (values.length > 0 && values.every((value) => value === '' || value === null)) return []
    const named = [part.type].flat().filter((type): type is string => TYPES.includes(String(type)))
    if (named.length > 0) return named
    const given: readonly unknown[] = part.const === undefined ? values : [part.const]
    if (given.length > 0) return [...new Set(given.flatMap(typeOfValue))]
    if (part.properties !== undefined) return ['object']
    return part.items === undefined ? [] : ['array']
  }

  /** The values that the schema documents; undefined where it leaves them open. */
  values(node: unknown): readonly Scalar[] | undefined {
    const parts = this.#parts(node)
    const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)
    const given = parts.flatMap((part) => (part.const === undefined ? listOf(part.enum) : [part.const]))
    const hasOpenPart = parts.some(
      (part) => this.#typesOf(part).length > 0 && part.enum === undefined && part.const === undefined,
    )
    const values = [...new Set(given.filter(isScalar))].filter((value) => value !== '')
    return values.length === 0 || hasOpenPart ? undefined : values
  }

  /** The first statement of a keyword. */
  fact(node: unknown, keyword: string): unknown {
    return this.#parts(node).find((part) => part[keyword] !== undefined)?.[keyword]
  }
}
