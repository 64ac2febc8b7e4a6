import type { Expansion, FigureList } from '../definition/catalog.ts'
import { isTrue, type Json, readPath } from '../mapping/index.ts'
import { writeInstant } from '../query/index.ts'
import { addRecord, shownFigures, Tally } from './figure-tally.ts'
import { type Reading, readForFigures } from './read-for-figures.ts'
import type { Session } from './session.ts'

type Rule = Extract<Expansion, { kind: 'figures' }>

/**
 * Fills an expansion with figures over lists that belong to a record, in place. Lists are read beside each other, those
 * `of` another after it. What a bound, a missing right or an unreadable value left out is named in `left_out`.
 */
export async function reckon(session: Session, name: string, rule: Rule, record: Json): Promise<void> {
  const readings = await readLists(session, rule, String(record.id))
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
    source: 'live',
    observed_at: writeInstant(session.context.ports.clock.now()),
  }
  record[name] = Object.fromEntries(Object.keys(properties ?? {}).map((key) => [key, facts[key] ?? null]))
}

async function readLists(session: Session, { lists }: Rule, id: string): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>()
  const read = (of: boolean) => [...lists].filter(([, list]) => (list.of !== undefined) === of)
  const all = async (of: boolean) => {
    await Promise.all(
      read(of).map(async ([name, list]) => {
        const source = list.of === undefined ? undefined : readings.get(list.of.list)
        readings.set(name, await readOne(session, list, id, source))
      }),
    )
  }
  await all(false)
  await all(true)
  return readings
}

/** One list: of the record itself, or of the records of another list that its condition picks. */
function readOne(session: Session, list: FigureList, id: string, source: Reading | undefined): Promise<Reading> {
  if (source === undefined) return readForFigures(session, list, [id])
  const { when } = list.of ?? {}
  const picked = source.records.filter(({ record }) => when === undefined || isTrue(when.evaluate(record, {})))
  if (!source.isRead) return Promise.resolve(source)
  return readForFigures(
    session,
    list,
    picked.map(({ record }) => String(record.id)),
  )
}
