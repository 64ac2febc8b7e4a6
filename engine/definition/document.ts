import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type { Address } from './catalog.ts'
import type { IssueCode } from './codes.ts'
import type { FileKind } from './files.ts'
import { type Issue, type IssueFacts, issueAt } from './issue.ts'
import { offsetInScalar } from './scalar-offsets.ts'
import type { SourceText } from './source-text.ts'

/** Where a value stands in its file: offsets of its key, if it has one, and of itself. */
export interface Place {
  readonly key: readonly [start: number, end: number] | undefined
  readonly value: readonly [start: number, end: number]
}

/** A parsed file: its data, where each value stands, and the expressions found in it by JSON pointer. */
export interface Document {
  readonly source: SourceText
  readonly kind: FileKind
  /** As written; after validation without the parts that the schema refuses. */
  data: unknown
  readonly places: ReadonlyMap<string, Place>
  readonly expressions: Map<string, Compiled>
  readonly templates: Map<string, CompiledTemplate>
  /** Whether its expressions run apart from the process. */
  readonly isApart: boolean
  /** True when the YAML could not be read to its end. */
  readonly isBroken: boolean
}

/** A JSON pointer one step further (RFC 6901). */
export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

type KeyOf<T> = T extends readonly unknown[] ? never : T extends object ? keyof T & string : never
type ValueOf<T, K> = T extends object ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never
type EntryOf<T> = Exclude<T[keyof T], undefined>

/** A value of a document with its place. Any key may be missing, since checks also look at faulty documents. */
export class Located<T> {
  readonly document: Document
  readonly pointer: string
  readonly value: T

  constructor(document: Document, pointer: string, value: T) {
    this.document = document
    this.pointer = pointer
    this.value = value
  }

  /** The value of a key, or undefined when it is missing. */
  at<K extends KeyOf<T>>(key: K): Located<ValueOf<T, K>> | undefined {
    const own = this.value as Record<string, unknown> | null | undefined
    const value = own !== null && own !== undefined && Object.hasOwn(own, key) ? own[key] : undefined
    return value === undefined ? undefined : new Located(this.document, pointerTo(this.pointer, key), value as never)
  }

  /** The value of a key that validation has seen to. */
  need<K extends KeyOf<T>>(key: K): Located<ValueOf<T, K>> {
    const found = this.at(key)
    if (found === undefined) throw new TypeError(`${this.document.source.path}${this.pointer}: ${key} is missing`)
    return found
  }

  /** Keys and values of a mapping in order; none for anything else. */
  entries(): [string, Located<EntryOf<T>>][] {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return Object.keys(value).map((key) => [key, this.at(key as KeyOf<T>) as unknown as Located<EntryOf<T>>])
  }

  /** Elements of a list. */
  items(): Located<T extends readonly (infer E)[] ? E : never>[] {
    const list = Array.isArray(this.value) ? this.value : []
    return list.map((each, index) => new Located(this.document, pointerTo(this.pointer, index), each))
  }

  /** Another place of the same document. */
  below<U>(pointer: string, value: U): Located<U> {
    return new Located(this.document, pointer, value)
  }

  /** The same place, with a narrower type that the caller has made sure of. */
  as<U extends T>(): Located<U> {
    return this as unknown as Located<U>
  }

  /** The compiled expression, or undefined when it does not compile. */
  get expression(): Compiled | undefined {
    return this.document.expressions.get(this.pointer)
  }

  get template(): CompiledTemplate | undefined {
    return this.document.templates.get(this.pointer)
  }

  get address(): Address {
    const { source } = this.document
    return Object.freeze({ file: source.path, ...source.place(rangeOf(this, 'key')[0]) })
  }

  /** An issue about the key or the value; about the value at an offset of its text, when `span` is given. */
  issue(part: 'key' | 'value', code: IssueCode, facts: IssueFacts, span?: { offset: number; length: number }): Issue {
    const range = span === undefined ? rangeOf(this, part) : spanOf(this, span)
    return issueAt(this.document.source, range, code, facts, { pointer: this.pointer })
  }
}

/** The range of a key or value; that of the value where there is no key, and the start of the file where there is nothing. */
function rangeOf(node: Located<unknown>, part: 'key' | 'value'): readonly [number, number] {
  const place = node.document.places.get(node.pointer)
  if (place === undefined) return [0, 0]
  return part === 'key' ? (place.key ?? place.value) : place.value
}

function spanOf(node: Located<unknown>, span: { offset: number; length: number }): readonly [number, number] {
  const [start] = rangeOf(node, 'value')
  const { text } = node.document.source
  const at = (offset: number): number => offsetInScalar(text, start, String(node.value), offset)
  const first = at(span.offset)
  return [first, span.length === 0 ? first : at(span.offset + span.length - 1) + 1]
}
