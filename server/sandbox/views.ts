import type { Link, NestedList, OlderView, ResourceRules, Rules } from './contract.ts'
import { at, isObject, type Json, withAt } from './paths.ts'
import { refuse } from './refusal.ts'
import { answerOf } from './slots.ts'
import type { Store, Where } from './store.ts'
import { asBefore, isDropped, type Lookup, linksBefore } from './versions.ts'

/** What to expand below a record: path -> what to expand there. */
export interface Wish {
  readonly below: Map<string, Wish>
}

const NONE: Wish = { below: new Map() }

/** How records look from outside: private fields gone, computed ones added, linked records and lists put in. */
export class Views implements Lookup {
  readonly #rules: Rules
  readonly #store: Store
  readonly #clock: () => number
  readonly #older: ReadonlyMap<string, readonly OlderView[]>
  readonly #asShown = new Map<string, ResourceRules>()

  /** `older` is what the version shows otherwise than the newest one. */
  constructor(
    rules: Rules,
    store: Store,
    clock: () => number,
    older: ReadonlyMap<string, readonly OlderView[]> = new Map(),
  ) {
    this.#rules = rules
    this.#store = store
    this.#clock = clock
    this.#older = older
  }

  /** Reads dotted paths into a wish; `used` steps were taken before. Throws invalid_expand for what cannot be expanded or goes too deep. */
  wish(resource: string, paths: readonly string[], used = 0): Wish {
    const depth = this.#rules.expand?.depth ?? 0
    const root: Wish = { below: new Map() }
    for (const path of paths) {
      const steps = path.split('.')
      if (steps.length + used > depth) throw refuse('invalid_expand', { path, depth, reason: 'depth' })
      this.#grow(root, [resource], steps, path)
    }
    return root
  }

  /** The shown record. */
  show(resource: string, record: Json, wish: Wish = NONE): Json {
    const rules = this.#resource(resource)
    let shown = visible(record)
    const variables = { now: this.#clock(), constants: this.#rules.constants }
    for (const [field, value] of rules.computed)
      shown = { ...shown, [field]: value.evaluate(record, variables) ?? null }
    for (const older of this.#older.get(resource) ?? [])
      shown = asBefore(shown, record, older, this, this.#rules.constants)
    for (const link of rules.links) {
      const below = wish.below.get(link.path)
      if (link.always || below !== undefined) shown = this.#withLinked(shown, link, below ?? NONE)
    }
    for (const [path, field] of Object.entries(rules.expandable)) {
      if (wish.below.has(path)) shown = withAt(shown, path, at(record, field))
    }
    for (const list of rules.lists) {
      const below = wish.below.get(list.field)
      if (!list.always && below === undefined) continue
      shown = withAt(shown, list.field, this.#nested(rules, record, list, below ?? NONE))
    }
    return shown
  }

  get(resource: string, id: string): Json | undefined {
    return this.#store.get(resource, id)
  }

  find(resource: string, where: Where): readonly Json[] {
    const found = this.#store.find(resource, where)
    return this.#resource(resource).oldestFirst ? found : found.reverse()
  }

  /** Rules of a resource, with the links and lists of this version. */
  #resource(name: string): ResourceRules {
    const known = this.#asShown.get(name)
    if (known !== undefined) return known
    const rules = this.#rules.resources.get(name)
    if (rules === undefined) throw new TypeError(`the sandbox rules have no resource ${name}`)
    const older = this.#older.get(name) ?? []
    const shown: ResourceRules = {
      ...rules,
      links: older.reduce(linksBefore, rules.links),
      lists: rules.lists.filter(({ field }) => !isDropped(field, older)),
      expandable: Object.fromEntries(Object.entries(rules.expandable).filter(([path]) => !isDropped(path, older))),
    }
    this.#asShown.set(name, shown)
    return shown
  }

  #grow(wish: Wish, resources: readonly string[], steps: readonly string[], path: string): void {
    const all = resources.map((name) => this.#resource(name))
    const links = all.flatMap((rules) => rules.links)
    const link = links.find((one) => startsWith(steps, one.path))
    if (link !== undefined) {
      const rest = steps.slice(link.path.split('.').length)
      const inner = child(wish, link.path)
      if (rest.length > 0) this.#grow(inner, link.to, rest, path)
      return
    }
    const other = all.flatMap((rules) => Object.keys(rules.expandable)).find((known) => startsWith(steps, known))
    if (other !== undefined) {
      child(wish, other)
      return
    }
    const list = all.flatMap((rules) => rules.lists).find(({ field }) => startsWith(steps, field))
    if (list === undefined) throw refuse('invalid_expand', { path, at: steps[0], reason: 'unknown' })
    const [data, ...rest] = steps.slice(list.field.split('.').length)
    const inner = child(wish, list.field)
    if (data !== undefined && data !== 'data') throw refuse('invalid_expand', { path, at: data, reason: 'unknown' })
    if (rest.length > 0) this.#grow(inner, [list.of], rest, path)
  }

  #withLinked(shown: Json, link: Link, wish: Wish): Json {
    const steps = link.path.split('.')
    const heads = steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('.'))
    const list = heads.find((head) => Array.isArray(at(shown, head)))
    if (list !== undefined) {
      const inner = { ...link, path: link.path.slice(list.length + 1) }
      const all = (at(shown, list) as unknown[]).map((one) =>
        isObject(one) ? this.#withLinked(one, inner, wish) : one,
      )
      return withAt(shown, list, all)
    }
    const found = at(shown, link.path)
    if (Array.isArray(found)) {
      const all = found.map((id) => this.#linked(id, link, wish) ?? id)
      return withAt(shown, link.path, all)
    }
    const target = this.#linked(found, link, wish)
    return target === undefined ? shown : withAt(shown, link.path, target)
  }

  /** The record that an id leads to, or what is left of it. */
  #linked(found: unknown, link: Link, wish: Wish): Json | undefined {
    if (typeof found !== 'string' && typeof found !== 'number') return undefined
    const id = String(found)
    for (const resource of link.to) {
      const target = this.#store.get(resource, id)
      if (target !== undefined) return this.show(resource, target, wish)
      const tombstone = this.#store.tombstone(resource, id)
      if (tombstone !== undefined) return tombstone
    }
    return undefined
  }

  #nested(rules: ResourceRules, record: Json, list: NestedList, wish: Wish): unknown {
    const found = this.find(list.of, [[list.by, record[rules.idField]]])
    const records = found.slice(0, list.limit).map((item) => this.show(list.of, item, wish))
    const url = list.url.render(record, {}, encodeURIComponent) ?? ''
    const hasMore = found.length > list.limit
    return answerOf(this.#rules.list, { list: { records, has_more: hasMore, url, total: found.length } })
  }
}

const startsWith = (steps: readonly string[], path: string): boolean => {
  const wanted = path.split('.')
  return wanted.every((step, index) => steps[index] === step)
}

function child(wish: Wish, path: string): Wish {
  const known = wish.below.get(path) ?? { below: new Map() }
  wish.below.set(path, known)
  return known
}

/** A record without its private fields, at every depth. */
function visible(record: Json): Json {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => !key.startsWith('_'))
      .map(([key, value]) => [key, isObject(value) ? visible(value) : value]),
  )
}
