import { type Compiled, compileLater, isTemplate, scopeOf, templateOf } from '../expression/index.ts'
import { FrozenMap, FrozenSet } from './frozen.ts'

/**
 * A frozen value as text: a table in which equal parts stand once, each before those that hold it. Compiled expressions and
 * templates are kept by source and scope. Throws TypeError for what a catalog does not hold.
 */
export function packValue(value: unknown): string {
  const packer = new Packer()
  const root = packer.written(value)
  return JSON.stringify({ shapes: packer.shapes, nodes: packer.nodes, root })
}

/** The value that was packed, frozen, with expressions that compile when they are first used. */
export function unpackValue(text: string): unknown {
  const { shapes, nodes, root } = JSON.parse(text) as { shapes: string[][]; nodes: Part[]; root: Written }
  const made: unknown[] = []
  for (const node of nodes) made.push(unpacked(node, shapes, made))
  return read(root, made)
}

/** A number is the place of a part in the table; `[n]` is a number itself, and `[]` is undefined. */
type Written = string | boolean | null | number | readonly (number | string)[]

type Tag = 'list' | 'map' | 'set' | 'pattern' | 'expression' | 'template'

/** A part: what it is, and what it is made of. A number in front is the place of its keys among the shapes. */
type Part = readonly [Tag | number, ...Written[]]

class Packer {
  readonly nodes: Part[] = []
  readonly shapes: string[][] = []
  readonly #places = new Map<object, number>()
  readonly #byText = new Map<string, number>()
  readonly #shapePlaces = new Map<string, number>()

  written(value: unknown): Written {
    if (value === undefined) return []
    if (typeof value === 'number') return [Number.isFinite(value) && !Object.is(value, -0) ? value : numberName(value)]
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value !== 'object') throw new TypeError(`An image cannot keep a ${typeof value}`)
    const known = this.#places.get(value)
    if (known !== undefined) return known
    const place = this.#add(this.#part(value))
    this.#places.set(value, place)
    return place
  }

  #part(value: object): Part {
    const scope = scopeOf(value)
    const all = (values: Iterable<unknown>): Written[] => Array.from(values, (each) => this.written(each))
    if (scope !== undefined) {
      const { source, apart } = value as Compiled
      return ['expression', source, this.written(scope), ...(apart === undefined ? [] : [apart])]
    }
    if (isTemplate(value)) return ['template', value.source, ...all(value.parts)]
    if (Array.isArray(value)) return ['list', ...all(value)]
    if (value instanceof Map) return ['map', ...all([...value].flat(1))]
    if (value instanceof Set) return ['set', ...all(value)]
    if (value instanceof RegExp) return ['pattern', value.source, value.flags]
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(`An image cannot keep a ${value.constructor.name}`)
    }
    return [this.#shape(Object.keys(value)), ...all(Object.values(value))]
  }

  #shape(keys: string[]): number {
    const text = JSON.stringify(keys)
    const place = this.#shapePlaces.get(text) ?? this.shapes.push(keys) - 1
    this.#shapePlaces.set(text, place)
    return place
  }

  #add(part: Part): number {
    const text = JSON.stringify(part)
    const place = this.#byText.get(text) ?? this.nodes.push(part) - 1
    this.#byText.set(text, place)
    return place
  }
}

/** How JSON can say what it has no number for. */
const numberName = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

function read(written: Written, made: readonly unknown[]): unknown {
  if (typeof written === 'number') return made[written]
  if (!Array.isArray(written)) return written
  return written.length === 0 ? undefined : Number(written[0])
}

function unpacked([tag, ...parts]: Part, shapes: readonly string[][], made: readonly unknown[]): unknown {
  const values = parts.map((part) => read(part, made))
  if (typeof tag === 'number') return objectOf(shapes[tag] ?? [], values)
  const [first, second] = values as [string, string]
  switch (tag) {
    case 'list':
      return Object.freeze(values)
    case 'map':
      return new FrozenMap(pairsOf(values))
    case 'set':
      return new FrozenSet(values)
    case 'pattern':
      return Object.freeze(new RegExp(first, second))
    case 'expression':
      return compileLater(first, values[1] as readonly string[], values[2] as string | undefined)
    case 'template':
      return templateOf(first, values.slice(1) as Parameters<typeof templateOf>[1])
  }
}

function objectOf(keys: readonly string[], values: readonly unknown[]): object {
  const object: Record<string, unknown> = {}
  for (const [at, key] of keys.entries()) {
    // Not always an assignment: a key `__proto__` is a key like others.
    if (key !== '__proto__') object[key] = values[at]
    else Object.defineProperty(object, key, { value: values[at], enumerable: true, writable: true, configurable: true })
  }
  return Object.freeze(object)
}

const pairsOf = (values: readonly unknown[]): [unknown, unknown][] =>
  values.flatMap((key, at) => (at % 2 === 0 ? [[key, values[at + 1]]] : []))
