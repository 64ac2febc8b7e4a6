import { civilDate, EngineError, type JsonRecord } from '../../engine/index.ts'
import type { AggregateQuery, GroupKey, Measure, Unit } from './aggregate-query.ts'
import { valueAt } from './field-types.ts'

/** Groups that are held in memory at once. */
const MOST_GROUPS = 10_000
const DAY_MS = 86_400_000
const AVERAGE_PLACES = 4
const AVERAGE_UNIT = 10n ** BigInt(AVERAGE_PLACES)

/** A value that groups are told apart by. */
export type GroupValue = string | number | boolean | null

/** A group of records with its figures so far. */
export interface Group {
  readonly values: readonly GroupValue[]
  count: number
  readonly figures: readonly Figure[]
}

interface Figure {
  total: bigint
  /** Records with a value that counts. */
  counted: number
  least: Ordered | null
  most: Ordered | null
}

/** A value with what it is compared by. */
interface Ordered {
  readonly rank: number
  readonly value: string | number
}

/** Groups records and reckons their figures exactly: amounts are added as whole numbers of any size. */
export class AggregateTally {
  readonly groups = new Map<string, Group>()
  readonly #groupBy: readonly GroupKey[]
  readonly #measures: readonly Measure[]
  readonly #zone: string

  constructor({ groupBy, measures, query }: Pick<AggregateQuery, 'groupBy' | 'measures' | 'query'>) {
    this.#groupBy = groupBy
    this.#measures = measures
    this.#zone = query.timezone
    // Figures over everything are there even when there is nothing.
    if (groupBy.length === 0) this.#groupOf([])
  }

  /** Counts a record in. Throws `too_much_data` for more groups than can be held. */
  add(record: JsonRecord): void {
    const group = this.#groupOf(this.#groupBy.map((key) => groupValue(record, key, this.#zone)))
    group.count += 1
    for (const [at, measure] of this.#measures.entries()) {
      const figure = group.figures[at]
      if (figure !== undefined) count(figure, measure, record)
    }
  }

  #groupOf(values: readonly GroupValue[]): Group {
    const key = JSON.stringify(values)
    const known = this.groups.get(key)
    if (known !== undefined) return known
    if (this.groups.size >= MOST_GROUPS) {
      throw new EngineError('too_much_data', `There are more than ${MOST_GROUPS} groups`, {
        where: 'group_by',
        hint: 'Group by fewer fields or longer times, or narrow the records by filters.',
      })
    }
    const figures = this.#measures.map((): Figure => ({ total: 0n, counted: 0, least: null, most: null }))
    const group = { values, count: 0, figures }
    this.groups.set(key, group)
    return group
  }
}

function groupValue(record: JsonRecord, { field, unit }: GroupKey, zone: string): GroupValue {
  const value = valueAt(record, field.path)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string') return null
  if (unit === undefined) return value
  if (field.kind === 'date') return startOf(value, unit)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : startOf(civilDate(at, zone), unit)
}

/** The first date of the span that a civil date lies in; weeks begin on Monday. */
function startOf(date: string, unit: Unit): string {
  if (unit === 'day') return date
  if (unit === 'month') return `${date.slice(0, -2)}01`
  if (unit === 'year') return `${date.slice(0, -5)}01-01`
  const at = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(at)) return date
  return new Date(at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10)
}

/** A value that is missing, is no exact number, or is an amount of no known currency, is not counted. */
function count(figure: Figure, { field }: Measure, record: JsonRecord): void {
  const value = valueAt(record, field.path)
  if (field.currency !== undefined && typeof valueAt(record, field.currency) !== 'string') return
  const rank = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(rank) || (field.kind === 'integer' && !Number.isSafeInteger(value))) return
  const ordered = { rank, value: value as string | number }
  figure.counted += 1
  if (field.kind === 'integer') figure.total += BigInt(value as number)
  if (figure.least === null || rank < figure.least.rank) figure.least = ordered
  if (figure.most === null || rank > figure.most.rank) figure.most = ordered
}

/** What a measure comes to in a group: a whole number, or null where nothing is counted. */
export function figureOf(
  { figures }: Group,
  measures: readonly Measure[],
  at: number,
): bigint | string | number | null {
  const figure = figures[at]
  const fn = measures[at]?.fn
  if (figure === undefined || figure.counted === 0) return null
  if (fn === 'min') return figure.least?.value ?? null
  if (fn === 'max') return figure.most?.value ?? null
  return fn === 'avg' ? average(figure.total, BigInt(figure.counted)) : figure.total
}

/** A decimal text of at most four places, rounded half to even. */
export function average(total: bigint, counted: bigint): string {
  const sign = total < 0n ? '-' : ''
  const scaled = (total < 0n ? -total : total) * AVERAGE_UNIT
  const [whole, left] = [scaled / counted, (scaled % counted) * 2n]
  const rounded = left > counted || (left === counted && whole % 2n === 1n) ? whole + 1n : whole
  const places = String(rounded % AVERAGE_UNIT)
    .padStart(AVERAGE_PLACES, '0')
    .replace(/0+$/, '')
  const text = `${rounded / AVERAGE_UNIT}${places === '' ? '' : `.${places}`}`
  return rounded === 0n ? '0' : `${sign}${text}`
}

/** A whole number on the wire: beyond 2^53 its digits as text, because JSON readers would round it. */
export const wholeOut = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : String(value)
