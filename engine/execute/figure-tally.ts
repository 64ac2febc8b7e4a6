import type { Figures } from '../definition/catalog.ts'
import { isTrue, type Json } from '../mapping/index.ts'
import type { Stop } from './read-for-figures.ts'

/** Something that figures do not count: which list, why, and of how many records that is known. */
export interface LeftOut {
  readonly list: string
  readonly reason: Stop | 'value'
  readonly records: number | null
}

/** One group of figures: a place for entries, and what is in them so far. Figures themselves stand in the entry ''. */
interface Group {
  readonly by: string | undefined
  readonly names: Map<string, 'sum' | 'least'>
  /** Figures that a list which could not be read at all would add to: unknown, not 0. */
  readonly unknown: Set<string>
  readonly entries: Map<string, Map<string, number | string>>
}

const ITSELF = ''

/** The figures of one expansion while they are reckoned. */
export class Tally {
  readonly groups = new Map<string, Group>()
  readonly leftOut: LeftOut[] = []

  /** Makes the places of figures; those of a list that was not read are unknown. */
  open({ into = ITSELF, by, sum, min, max }: Figures, isRead: boolean): void {
    const group = this.groups.get(into) ?? { by, names: new Map(), unknown: new Set(), entries: new Map() }
    this.groups.set(into, group)
    for (const name of sum.keys()) group.names.set(name, 'sum')
    for (const name of [...min.keys(), ...max.keys()]) group.names.set(name, 'least')
    if (!isRead) for (const name of [...sum.keys(), ...min.keys(), ...max.keys()]) group.unknown.add(name)
  }

  /** Keeps that something is not counted. */
  leaveOut(what: LeftOut): void {
    this.leftOut.push(what)
  }
}

/** Adds a unified record; false when a value of it that is needed is missing or no exact integer, which then is not counted. */
export function addRecord({ groups }: Tally, figures: Figures, record: Json): boolean {
  const { into = ITSELF, by, when, sum, min, max } = figures
  const group = groups.get(into)
  if (group === undefined || (when !== undefined && !isTrue(when.evaluate(record, {})))) return true
  const key = by === undefined ? ITSELF : record[by]
  if (typeof key !== 'string') return false
  const entry = group.entries.get(key) ?? new Map<string, number | string>()
  group.entries.set(key, entry)
  let isWhole = true
  for (const [name, expression] of sum) {
    const value = expression.evaluate(record, {})
    const total = Number(entry.get(name) ?? 0) + (Number.isSafeInteger(value) ? Number(value) : Number.NaN)
    if (Number.isSafeInteger(total)) entry.set(name, total)
    else isWhole = false
  }
  for (const [name, expression] of min) isWhole = keep(entry, name, expression.evaluate(record, {}), -1) && isWhole
  for (const [name, expression] of max) isWhole = keep(entry, name, expression.evaluate(record, {}), 1) && isWhole
  return isWhole
}

/** Keeps the value that lies further in a direction; false when it is neither number nor instant. */
function keep(entry: Map<string, number | string>, name: string, value: unknown, direction: 1 | -1): boolean {
  if (value === null || value === undefined) return true
  if ((typeof value !== 'number' && typeof value !== 'string') || Number.isNaN(rank(value))) return false
  const known = entry.get(name)
  if (known === undefined || (rank(value) - rank(known)) * direction > 0) entry.set(name, value)
  return true
}

const rank = (value: number | string): number => (typeof value === 'number' ? value : Date.parse(value))

/** The figures as the expansion shows them: entries in the order of what tells them apart. */
export function shownFigures({ groups }: Tally): Json {
  const shown: Json = {}
  for (const [into, group] of groups) {
    if (into === ITSELF) Object.assign(shown, entryOf(group, group.entries.get(ITSELF)))
    else shown[into] = entriesOf(group)
  }
  return shown
}

/** Null when no list that makes entries could be read. */
function entriesOf(group: Group): Json[] | null {
  const { by = '', entries, names, unknown } = group
  if (entries.size === 0 && [...names.keys()].every((name) => unknown.has(name))) return null
  const order = (a: string, b: string): number => (a < b ? -1 : 1)
  return [...entries.keys()].sort(order).map((key) => ({ [by]: key, ...entryOf(group, entries.get(key)) }))
}

function entryOf({ names, unknown }: Group, entry: ReadonlyMap<string, number | string> | undefined): Json {
  const value = (name: string, kind: 'sum' | 'least') => entry?.get(name) ?? (kind === 'sum' ? 0 : null)
  return Object.fromEntries([...names].map(([name, kind]) => [name, unknown.has(name) ? null : value(name, kind)]))
}
