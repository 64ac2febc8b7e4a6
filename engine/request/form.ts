import type { RequestRules } from '../definition/catalog.ts'
import { isRecord, type Pair, scalarText } from './fields.ts'

type FormRules = Pick<RequestRules, 'form' | 'jsonFields' | 'nulls'>

/** One field being written: its name on the wire, and its dotted path without indexes, by which json_fields names it. */
interface Place {
  readonly name: string
  readonly path: string
}

/** What becomes of a value that is no list and no object: text to keep as it is, or bytes of an upload. */
type Leaf = (name: string, value: unknown) => void

const inside = (place: Place, key: string): Place =>
  place.name === '' ? { name: key, path: key } : { name: `${place.name}[${key}]`, path: `${place.path}.${key}` }

type NestedWriter = (value: object, place: Place, writer: FormWriter) => void

const asFields: NestedWriter = (value, place, writer) => {
  if (Array.isArray(value)) return writer.list(value, place, (index) => `${place.name}[${index}]`)
  for (const [key, item] of Object.entries(value)) writer.write(item, inside(place, key))
}

/** One way to write what is nested for each form style of the schema. */
const STYLES: Readonly<Record<RequestRules['form'], NestedWriter>> = {
  indexed: asFields,
  brackets: (value, place, writer) => {
    if (!Array.isArray(value) || value.some((item) => typeof item === 'object' && item !== null))
      return asFields(value, place, writer)
    writer.list(value, place, () => `${place.name}[]`)
  },
  columnar: (value, place, writer) => {
    if (!Array.isArray(value) || !value.every(isRecord)) return asFields(value, place, writer)
    const columns = new Set(value.flatMap((row) => Object.keys(row)))
    for (const column of columns) {
      const { name, path } = inside(place, column)
      for (const [index, row] of value.entries()) writer.write(row[column], { name: `${name}[${index}]`, path })
    }
  },
  json: (value, place, writer) => {
    if (place.name === '') return asFields(value, place, writer)
    writer.leaf(place.name, JSON.stringify(value))
  },
}

class FormWriter {
  readonly leaf: Leaf
  readonly #rules: FormRules
  readonly #isLeaf: (value: unknown) => boolean

  constructor(rules: FormRules, leaf: Leaf, isLeaf: (value: unknown) => boolean) {
    this.#rules = rules
    this.leaf = leaf
    this.#isLeaf = isLeaf
  }

  write(value: unknown, place: Place): void {
    if (value === undefined) return
    if (value === null) this.#null(place)
    else if (typeof value !== 'object' || this.#isLeaf(value)) this.leaf(place.name, value)
    else if (this.#rules.jsonFields.has(place.path)) this.leaf(place.name, JSON.stringify(value))
    else if (Array.isArray(value) && value.length === 0 && this.#rules.form !== 'json') this.#empty(place)
    else STYLES[this.#rules.form](value, place, this)
  }

  list(list: readonly unknown[], { path }: Place, nameAt: (index: number) => string): void {
    for (const [index, item] of list.entries()) this.write(item, { name: nameAt(index), path })
  }

  #null(place: Place): void {
    if (this.#rules.nulls !== 'omit') this.leaf(place.name, this.#rules.nulls === 'empty' ? '' : 'null')
  }

  /** A form has no other way to say an empty list. */
  #empty(place: Place): void {
    if (this.#rules.nulls !== 'omit') this.leaf(place.name, '')
  }
}

/**
 * Walks a nested body in the form style and hands over each field in order. `isLeaf` tells objects that are values of
 * their own, such as uploads. An empty list is an empty value, an empty object nothing: it has no field to write.
 */
export function walkForm(body: object, rules: FormRules, leaf: Leaf, isLeaf: (value: unknown) => boolean): void {
  new FormWriter(rules, leaf, isLeaf).write(body, { name: '', path: '' })
}

/** A nested body as decoded form pairs. Throws invalid_parameter for a value that has no text. */
export function formPairs(body: Readonly<Record<string, unknown>>, rules: FormRules): Pair[] {
  const pairs: Pair[] = []
  walkForm(
    body,
    rules,
    (name, value) => pairs.push([name, scalarText(value, name)]),
    (value) => value instanceof Uint8Array,
  )
  return pairs
}
