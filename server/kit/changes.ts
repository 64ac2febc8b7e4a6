import type { JsonSchema } from '../../engine/index.ts'
import { isPersonal } from '../api/redact.ts'

/** A field that two versions of a mapping fill differently. */
export interface FieldChange {
  /** Dotted path; lists are transparent. */
  readonly field: string
  /** Records in which it differs. */
  readonly count: number
  readonly examples: readonly { readonly where: string; readonly before: unknown; readonly after: unknown }[]
}

/** Records of a resource as two versions make them. */
export interface ComparedRecords {
  /** `model/resource`. */
  readonly resource: string
  /** Which records: the name of a case, or the id of one. */
  readonly where: string
  readonly before: unknown
  readonly after: unknown
}

const MOST_EXAMPLES = 3
const HIDDEN = '[personal]'
const MISSING = Symbol('missing')

/** Collects which fields differ, how often, with examples; personal values of those are hidden unless asked for. */
export class Changes {
  readonly #schemas: ReadonlyMap<string, JsonSchema>
  readonly #showsPersonal: boolean
  readonly #found = new Map<string, Map<string, { count: number; examples: FieldChange['examples'][number][] }>>()
  records = 0

  constructor(schemas: ReadonlyMap<string, JsonSchema>, showsPersonal: boolean) {
    this.#schemas = schemas
    this.#showsPersonal = showsPersonal
  }

  /** Holds a record, or a list of them by id, against what it was. */
  add({ resource, where, before, after }: ComparedRecords): void {
    for (const [id, old, now] of pairs(before, after)) {
      this.records++
      const fields = new Map<string, [unknown, unknown]>()
      differ(old, now, '', fields)
      for (const [field, [was, is]] of fields)
        this.#note(resource, field, { where: id === '' ? where : `${where}, ${id}`, before: was, after: is })
    }
  }

  #note(resource: string, field: string, example: FieldChange['examples'][number]): void {
    const own =
      this.#found.get(resource) ?? new Map<string, { count: number; examples: FieldChange['examples'][number][] }>()
    this.#found.set(resource, own)
    const known = own.get(field) ?? { count: 0, examples: [] }
    own.set(field, known)
    known.count++
    if (known.examples.length >= MOST_EXAMPLES) return
    const schema = this.#schemas.get(resource)
    const isHidden = !this.#showsPersonal && (schema === undefined || isPersonal(schema, field))
    const shown = (value: unknown): unknown => (value === MISSING ? null : isHidden ? HIDDEN : value)
    known.examples.push({ where: example.where, before: shown(example.before), after: shown(example.after) })
  }

  /** What was found, by resource; the fields that differ most often first. */
  get all(): { readonly resource: string; readonly fields: readonly FieldChange[] }[] {
    return [...this.#found].map(([resource, fields]) => ({
      resource,
      fields: [...fields].map(([field, found]) => ({ field, ...found })).sort((a, b) => b.count - a.count),
    }))
  }
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const idOf = (value: unknown, at: number): string =>
  isObject(value) && typeof value.id === 'string' ? value.id : `#${at + 1}`

/** Records of two lists by their ids; one that is in one of them only is held against nothing. */
function pairs(before: unknown, after: unknown): [id: string, before: unknown, after: unknown][] {
  if (!Array.isArray(before) || !Array.isArray(after)) return [['', before, after]]
  const old = new Map(before.map((each, at) => [idOf(each, at), each]))
  const now = new Map(after.map((each, at) => [idOf(each, at), each]))
  return [...new Set([...old.keys(), ...now.keys()])].map((id) => [id, old.get(id), now.get(id)])
}

/** Fields in which two values differ; null and absent are the same. */
function differ(before: unknown, after: unknown, path: string, found: Map<string, [unknown, unknown]>): void {
  const [old, now] = [before ?? MISSING, after ?? MISSING]
  if (Object.is(old, now)) return
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      differ(before[name], after[name], path === '' ? name : `${path}.${name}`, found)
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    before.forEach((each, at) => {
      differ(each, after[at], path, found)
    })
  } else found.set(path === '' ? 'record' : path, [old, now])
}
