import { type Compiled, EngineError, type SandboxOlderView, type SandboxVersions } from '../../engine/index.ts'
import type { Link, OlderRead, OlderView, RequestFacts, VersionRules } from './contract.ts'
import { at, type Json, withAt, withoutAt } from './paths.ts'
import { Refusal } from './refusal.ts'
import { compute, expression, valuesOf } from './slots.ts'
import type { Where } from './store.ts'

const SCOPE = ['record', 'let', 'constants']
const text = (source: string): Compiled => expression(source, SCOPE)

/** Compiles the rules of versions. Throws definition_invalid. */
export function versionsOf(rule: SandboxVersions): VersionRules {
  const { from, default: usual, oldest, newest, pattern, error = 'invalid_parameter', changes = [] } = rule
  const inOrder = changes.every((change, index) => {
    const before = changes[index - 1]
    return before === undefined || compareVersions(before.before, change.before) >= 0
  })
  if (!inOrder) {
    const hint = 'Put the change with the newest `before` first.'
    throw new EngineError('definition_invalid', 'The changes between versions are not in order', { hint })
  }
  return {
    from: expression(from, ['request', 'constants']),
    default: usual,
    oldest,
    newest,
    pattern: pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`),
    error,
    changes: changes.map(({ before, resources }) => ({
      before,
      resources: new Map(Object.entries(resources).map(([name, view]) => [name, olderOf(view)])),
    })),
  }
}

function olderOf({ reads = {}, set = {}, move = {}, drop = [], links = {} }: SandboxOlderView): OlderView {
  return {
    reads: Object.entries(reads).map(([name, { in: resource, id, where = {}, all = false }]) => ({
      name,
      in: resource,
      id: id === undefined ? undefined : text(id),
      where: Object.entries(where).map(([path, source]) => [path, text(source)] as const),
      all,
    })),
    set: Object.entries(set).map(([path, tree]) => {
      const isOptional = path.endsWith('?')
      return [isOptional ? path.slice(0, -1) : path, valuesOf(tree, text, isOptional ? undefined : null)] as const
    }),
    moves: Object.entries(move),
    drops: drop,
    links: Object.entries(links).map(([path, { to, always = false }]) => ({ path, to, always })),
  }
}

/** Order of versions: text with whole numbers in it, so that v10 comes after v9. Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): readonly string[] => version.match(/\d+|\D+/g) ?? []
  const [left, right] = [parts(a), parts(b)]
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order =
      /^\d/.test(part) && /^\d/.test(other) ? Number(part) - Number(other) : part < other ? -1 : Number(part > other)
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** The version of a request. Throws the refusal of the rules for one that is not described. */
export function versionOf(rules: VersionRules | undefined, request: RequestFacts, constants: Json): string {
  if (rules === undefined) return ''
  const asked = rules.from.evaluate(undefined, { request, constants })
  if (asked === undefined || asked === null || asked === '') return rules.default
  const version = String(asked)
  const { oldest, newest, pattern } = rules
  const isKnown =
    (pattern?.test(version) ?? true) &&
    (newest === undefined || compareVersions(version, newest) <= 0) &&
    (oldest === undefined || compareVersions(version, oldest) >= 0)
  if (!isKnown)
    throw new Refusal(rules.error, { param: 'version', value: version, expected: 'version', version, oldest, newest })
  return version
}

/** What a version shows otherwise, by resource: the views to go through in order. */
export function olderViews(
  rules: VersionRules | undefined,
  version: string,
): ReadonlyMap<string, readonly OlderView[]> {
  const views = new Map<string, OlderView[]>()
  for (const { before, resources } of rules?.changes ?? []) {
    if (compareVersions(version, before) >= 0) continue
    for (const [name, view] of resources) views.set(name, [...(views.get(name) ?? []), view])
  }
  return views
}

/** What older views look up: records as they are kept. */
export interface Lookup {
  get(resource: string, id: string): Json | undefined
  /** In list order. */
  find(resource: string, where: Where): readonly Json[]
}

/** A shown record as it looked before a change; `stored` is what is kept of it. */
export function asBefore(shown: Json, stored: Json, view: OlderView, store: Lookup, constants: Json): Json {
  const variables: Json = { record: stored, constants, let: readsOf(shown, stored, view, store, constants) }
  const values = compute(
    view.set.map(([, value]) => value),
    shown,
    variables,
  )
  let older = shown
  for (const [index, [path]] of view.set.entries())
    if (values[index] !== undefined) older = withAt(older, path, values[index])
  for (const [from, to] of view.moves) {
    const value = at(older, from)
    if (value !== undefined) older = withAt(withoutAt(older, from), to, value)
  }
  for (const path of view.drops) older = withoutAt(older, path)
  return older
}

function readsOf(shown: Json, stored: Json, { reads }: OlderView, store: Lookup, constants: Json): Json {
  const named: Record<string, unknown> = {}
  for (const read of reads) named[read.name] = readOne(read, shown, { record: stored, constants, let: named }, store)
  return named
}

function readOne({ in: resource, id, where, all }: OlderRead, shown: Json, variables: Json, store: Lookup): unknown {
  if (id !== undefined) {
    const key = id.evaluate(shown, variables)
    return typeof key === 'string' || typeof key === 'number' ? (store.get(resource, String(key)) ?? null) : null
  }
  const wanted = where.map(([path, source]) => [path, source.evaluate(shown, variables) ?? null] as const)
  const found = store.find(resource, wanted)
  return all ? found : (found[0] ?? null)
}

/** Links of a version, given those of the version after: gone where dropped, elsewhere where moved, and its own. */
export function linksBefore(links: readonly Link[], { drops, moves, links: own }: OlderView): readonly Link[] {
  const named = new Map(moves)
  const kept = links.filter(({ path }) => !drops.some((drop) => path === drop || path.startsWith(`${drop}.`)))
  return [...own, ...kept.map((link) => ({ ...link, path: named.get(link.path) ?? link.path }))]
}

/** Whether a version does not have a field. */
export const isDropped = (field: string, views: readonly OlderView[]): boolean =>
  views.some(({ drops }) => drops.includes(field))
