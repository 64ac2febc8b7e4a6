import type { LookupMapping, Operation } from '../definition/catalog.ts'
import { EngineError, type ErrorCode } from '../errors.ts'
import type { Variables } from '../expression/index.ts'
import { isObject, isTrue, type Json, lookupNames } from '../mapping/index.ts'
import { readAll } from './read-all.ts'
import type { Found, Session } from './session.ts'
import { slotValues } from './slots.ts'

/** What lookups add to a record. */
export interface Joined {
  readonly lookup: Json
  /** Lookups that were given up to save calls. */
  readonly unresolved: ReadonlySet<string>
}

type Store = Map<string, unknown>

/**
 * For each record what the named lookups found (`*`: all of the mapping's). Each record is asked once in a request. Those
 * that are `forced`, by an expansion, and those of a single record end only at the limit of the call.
 */
export async function joinLookups(
  session: Session,
  found: readonly Found[],
  names: ReadonlySet<string>,
  { forced, pageSize }: { readonly forced: ReadonlySet<string>; readonly pageSize: number },
): Promise<Joined[]> {
  const joined = found.map((): Open => ({ lookup: {}, unresolved: new Set() }))
  const all = [...session.mapping.lookups.values()]
  const [wanted, opened] = [withEarlier(all, names), withEarlier(all, forced)]
  for (const mapping of all) {
    if (!wanted.has(mapping.name)) continue
    const isOpen = opened.has(mapping.name) || pageSize === 1
    const maxRequests = isOpen ? Number.POSITIVE_INFINITY : mapping.maxRequests
    const results = await resolve(session, { ...mapping, maxRequests }, found, joined)
    for (const [at, result] of results.entries()) {
      if (result === UNRESOLVED) joined[at]?.unresolved.add(mapping.name)
      else if (joined[at] !== undefined && result !== undefined) joined[at].lookup[mapping.name] = result
    }
  }
  return joined
}

interface Open {
  readonly lookup: Json
  readonly unresolved: Set<string>
}

/** The lookups that a lookup reads; they stand before it. */
function earlierOf({ ids, when, path, query }: LookupMapping): string[] {
  const slots = [...path.values(), ...query.values()]
  const inSlots = slots.flatMap((slot) => (slot.kind === 'expression' ? [slot.expression] : []))
  return [ids, when, ...inSlots].flatMap((one) => (one === undefined ? [] : lookupNames(one)))
}

/** The names with those that they need in turn; `*` is all. */
function withEarlier(all: readonly LookupMapping[], names: ReadonlySet<string>): ReadonlySet<string> {
  if (names.has('*')) return new Set(all.map(({ name }) => name))
  const wanted = new Set(names)
  for (const mapping of all.toReversed()) {
    if (wanted.has(mapping.name)) for (const name of earlierOf(mapping)) wanted.add(name)
  }
  return wanted
}

async function resolve(
  session: Session,
  mapping: LookupMapping,
  found: readonly Found[],
  joined: readonly Open[],
): Promise<unknown[]> {
  const account = session.accountView
  const earlier = earlierOf(mapping)
  const asks = await session.settled(() =>
    found.map((one, at) => {
      const { lookup, unresolved } = joined[at] ?? NOTHING
      const isLost = earlier.some((name) => unresolved.has(name))
      return isLost ? NO_ASK : askOf(account, mapping, one, lookup)
    }),
  )
  const key = `${session.mapping.model}/${session.mapping.resource}/${mapping.name}`
  const store: Store = session.found.get(key) ?? new Map<string, unknown>()
  session.found.set(key, store)
  const round = new Round(session, mapping, store)
  if (mapping.by === 'list') await round.byList([...new Set(asks.flatMap(({ ids }) => ids))])
  else if (mapping.by === 'get') await round.byGet([...new Set(asks.flatMap(({ ids }) => ids))])
  else await round.children(asks)
  return asks.map((ask) => (ask.isLost ? UNRESOLVED : ask.isWanted ? valueFor(ask, mapping, store) : undefined))
}

const UNRESOLVED = Symbol('unresolved')

/** Failures that leave a field unresolved, which the record says: the join costs too much, or the key may not make it. */
const GIVEN_UP: ReadonlySet<ErrorCode> = new Set(['cost_exceeded', 'missing_scope', 'provider_forbidden'])

interface Ask {
  /** What it would have been asked with was not resolved. */
  readonly isLost: boolean
  readonly isWanted: boolean
  readonly ids: readonly string[]
  /** Records that the native one already holds in place of ids. */
  readonly there: readonly unknown[]
  readonly isList: boolean
  /** Where its children are listed, for lookups of these. */
  readonly input: ListInput | undefined
}

interface ListInput {
  readonly path: Json
  readonly query: Json
}

function askOf(account: Json, mapping: LookupMapping, found: Found, lookup: Json): Ask {
  const variables = {
    lookup,
    account,
    api_version: found.response.apiVersion,
    source: found.source ?? null,
    parent: found.parent ?? null,
  }
  const isWanted = mapping.when === undefined || isTrue(mapping.when.evaluate(found.native, variables))
  const given = isWanted ? (mapping.ids?.evaluate(found.native, variables) ?? null) : null
  const input = isWanted && mapping.by === 'children' ? inputOf(mapping, found.native, variables) : undefined
  if (given === null) return { ...NO_ASK, isLost: false, isWanted, input }
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  const ids = all.filter((id) => typeof id === 'string' || typeof id === 'number').map(String)
  const there = all.filter(isObject)
  return { isLost: false, isWanted, ids, there, isList: Array.isArray(given), input }
}

const NO_INPUT: ListInput = { path: {}, query: {} }
const NOTHING: Open = { lookup: {}, unresolved: new Set() }
const NO_ASK: Ask = { isLost: true, isWanted: false, ids: [], there: [], isList: false, input: undefined }

/** The key of the children of a record: where its lists are read. */
const keyOf = ({ input }: Ask): string => (input === undefined ? '' : JSON.stringify([input.path, input.query]))

function valueFor(ask: Ask, mapping: LookupMapping, store: Store): unknown {
  if (mapping.by === 'children') return store.get(keyOf(ask))
  const results = ask.ids.map((id) => store.get(id))
  if (results.includes(UNRESOLVED)) return UNRESOLVED
  const records = [...ask.there, ...results.flat().filter((one) => one !== undefined)]
  return ask.isList || (mapping.by === 'list' && mapping.many) ? records : records[0]
}

const inputOf = ({ path, query }: LookupMapping, native: unknown, variables: Variables): ListInput => ({
  path: slotValues(path, native, variables),
  query: slotValues(query, native, variables),
})

/** One lookup over one page: it stops at its own limit of requests and at that of the call. */
class Round {
  readonly #session: Session
  readonly #mapping: LookupMapping
  readonly #store: Store
  readonly #operation: Operation
  readonly #before: number

  constructor(session: Session, mapping: LookupMapping, store: Store) {
    this.#session = session
    this.#mapping = mapping
    this.#store = store
    this.#operation = session.operation(mapping.operation)
    this.#before = session.call.requests
  }

  get #isSpent(): boolean {
    const { call } = this.#session
    return call.left <= 0 || call.requests - this.#before >= this.#mapping.maxRequests
  }

  async byGet(ids: readonly string[]): Promise<void> {
    const open = ids.filter((id) => !this.#isKnown(id))
    const { call } = this.#session
    const affordable = Math.max(0, Math.min(open.length, call.left, this.#mapping.maxRequests))
    for (const id of open.slice(affordable)) this.#store.set(id, UNRESOLVED)
    const asked = open.slice(0, affordable)
    const inputs = await this.#session.settled(() => asked.map((id) => this.#inputOf(id)))
    await Promise.all(asked.map((id, at) => this.#getOne(id, inputs[at] as ListInput)))
  }

  #isKnown(id: string): boolean {
    return this.#store.has(id) && this.#store.get(id) !== UNRESOLVED
  }

  #inputOf(id: string): ListInput {
    const { path, query } = inputOf(this.#mapping, undefined, { ids: id, account: this.#session.accountView })
    return { path: this.#mapping.path.size === 0 ? { id } : path, query }
  }

  async #getOne(id: string, input: ListInput): Promise<void> {
    const response = await this.#tolerant(id, () => this.#session.invoke(this.#operation, input))
    if (response !== undefined) this.#store.set(id, response.record)
  }

  /** A record that is not there is no record, unless the definition calls it an error; GIVEN_UP is unresolved. */
  async #tolerant<T>(key: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask()
    } catch (thrown) {
      const code = thrown instanceof EngineError ? thrown.code : undefined
      const isMissing = (code === 'record_not_found' || code === 'not_found') && this.#mapping.onMissing === 'null'
      if (!isMissing && !(code !== undefined && GIVEN_UP.has(code))) throw thrown
      this.#store.set(key, isMissing ? undefined : UNRESOLVED)
      return undefined
    }
  }

  async byList(ids: readonly string[]): Promise<void> {
    const open = ids.filter((id) => !this.#isKnown(id))
    for (let from = 0; from < open.length; from += this.#mapping.batch) {
      const batch = open.slice(from, from + this.#mapping.batch)
      if (this.#isSpent) for (const id of batch) this.#store.set(id, UNRESOLVED)
      else await this.#listBatch(batch)
    }
  }

  async #listBatch(ids: readonly string[]): Promise<void> {
    const { param, key } = this.#mapping
    const variables = { ids, account: this.#session.accountView }
    const { path, query } = await this.#session.settled(() => inputOf(this.#mapping, undefined, variables))
    const asked = param === undefined ? query : { ...query, [param]: this.#mapping.batch === 1 ? ids[0] : ids }
    const input = { path, query: asked }
    const read = () => readAll(this.#session, this.#operation, input, () => this.#isSpent)
    const records = await this.#tolerant(ids[0] ?? '', read)
    const keys = await this.#session.settled(() => (records ?? []).map((record) => String(key.evaluate(record, {}))))
    const found = new Map<string, unknown[]>()
    for (const [at, record] of (records ?? []).entries()) {
      const id = keys[at] as string
      found.set(id, [...(found.get(id) ?? []), record])
    }
    for (const id of ids) this.#store.set(id, records === undefined ? UNRESOLVED : this.#pick(found.get(id)))
    this.#requireAll(ids)
  }

  #pick(records: readonly unknown[] | undefined): unknown {
    return this.#mapping.many ? (records ?? []) : records?.[0]
  }

  #requireAll(ids: readonly string[]): void {
    const missing =
      this.#mapping.onMissing === 'error' ? ids.find((id) => this.#store.get(id) === undefined) : undefined
    if (missing === undefined) return
    throw new EngineError('record_not_found', `The lookup ${this.#mapping.name} did not find ${missing}`)
  }

  /** The list below each record, followed to its end. */
  async children(asks: readonly Ask[]): Promise<void> {
    const wanted = asks.filter(({ isWanted }) => isWanted).map((ask) => [keyOf(ask), ask] as const)
    const open = [...new Map(wanted)].filter(([key]) => !this.#isKnown(key))
    const affordable = Math.max(0, Math.min(open.length, this.#session.call.left, this.#mapping.maxRequests))
    for (const [key] of open.slice(affordable)) this.#store.set(key, UNRESOLVED)
    await Promise.all(open.slice(0, affordable).map(([key, ask]) => this.#childrenOf(key, ask)))
  }

  async #childrenOf(key: string, { input = NO_INPUT }: Ask): Promise<void> {
    let isFirst = true
    const isSpent = () => !isFirst && this.#isSpent
    const records = await this.#tolerant(key, () => {
      const read = readAll(this.#session, this.#operation, input, isSpent)
      isFirst = false
      return read
    })
    if (records !== undefined || !this.#store.has(key)) this.#store.set(key, records ?? UNRESOLVED)
  }
}
