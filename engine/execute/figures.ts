import type { Expansion, FigureList } from '../definition/catalog.ts'
import { isTrue, type Json, readPath } from '../mapping/index.ts'
import { writeInstant } from '../query/index.ts'
import type { Settled } from './apart.ts'
import { addRecord, shownFigures, Tally } from './figure-tally.ts'
import { type Reading, readForFigures } from './read-for-figures.ts'
import type { Session } from './session.ts'

/** An expansion that is made of figures. */
export type FigureRule = Extract<Expansion, { kind: 'figures' }>

/** Reads a list of the records that a filter finds for ids. */
export type FigureReader = (list: FigureList, ids: readonly string[]) => Promise<Reading>

/** Where figures come from, and for which time (epoch ms) they stand; null is not known. */
export interface FigureSource {
  readonly source: 'live' | 'synced'
  readonly observedAt: number | null
}

/**
 * Fills an expansion with figures over lists that belong to a record, in place. Lists are read beside each other, those
 * `of` another after it. What a bound, a missing right or an unreadable value left out is named in `left_out`.
 */
export async function reckon(session: Session, name: string, rule: FigureRule, record: Json): Promise<void> {
  const reader: FigureReader = (list, ids) => readForFigures(session, list, ids)
  const readings = await readFigureLists(session, rule, String(record.id), reader)
  const observedAt = session.context.ports.clock.now()
  record[name] = await figuresOf(session, name, rule, readings, { source: 'live', observedAt })
}

/** The figures of an expansion out of what was read of its lists. */
export function figuresOf(
  session: Session,
  name: string,
  rule: FigureRule,
  readings: ReadonlyMap<string, Reading>,
  { source, observedAt }: FigureSource,
): Settled<Json> {
  return session.settled(() => reckoned(session, name, rule, readings, { source, observedAt }))
}

function reckoned(
  session: Session,
  name: string,
  rule: FigureRule,
  readings: ReadonlyMap<string, Reading>,
  { source, observedAt }: FigureSource,
): Json {
  const tally = new Tally()
  for (const [listName, list] of rule.lists) {
    const reading = readings.get(listName)
    for (const figures of list.figures) tally.open(figures, reading?.isRead === true)
    const odd = (reading?.records ?? []).filter(
      (one) => !list.figures.map((figures) => addRecord(tally, figures, one.record)).every(Boolean) || one.isOdd,
    )
    if (reading?.stop !== undefined) tally.leaveOut({ list: listName, reason: reading.stop, records: null })
    if (odd.length > 0) tally.leaveOut({ list: listName, reason: 'value', records: odd.length })
  }
  const { properties } = (readPath(session.resource.schema.properties, name) ?? {}) as { properties?: Json }
  const facts: Json = {
    ...shownFigures(tally),
    is_complete: tally.leftOut.length === 0,
    left_out: tally.leftOut,
    source,
    observed_at: observedAt === null ? null : writeInstant(observedAt),
  }
  return Object.fromEntries(Object.keys(properties ?? {}).map((key) => [key, facts[key] ?? null]))
}

/** Reads the lists of a rule for a record: those of the record itself, then those of the records of another list. */
export async function readFigureLists(
  session: Session,
  { lists }: FigureRule,
  id: string,
  reader: FigureReader,
): Promise<ReadonlyMap<string, Reading>> {
  const readings = new Map<string, Reading>()
  const read = (of: boolean) => [...lists].filter(([, list]) => (list.of !== undefined) === of)
  const all = async (of: boolean) => {
    await Promise.all(
      read(of).map(async ([name, list]) => {
        const source = list.of === undefined ? undefined : readings.get(list.of.list)
        readings.set(name, await readOne(session, reader, { list, id, source }))
      }),
    )
  }
  await all(false)
  await all(true)
  return readings
}

/** One list: of the record itself, or of the records of another list that its condition picks. */
async function readOne(
  session: Session,
  reader: FigureReader,
  { list, id, source }: { readonly list: FigureList; readonly id: string; readonly source: Reading | undefined },
): Promise<Reading> {
  if (source === undefined) return await reader(list, [id])
  const { when } = list.of ?? {}
  if (!source.isRead) return source
  const picked = await session.settled(() =>
    source.records.filter(({ record }) => when === undefined || isTrue(when.evaluate(record, {}))),
  )
  return await reader(
    list,
    picked.map(({ record }) => String(record.id)),
  )
}
