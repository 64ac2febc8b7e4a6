import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import { START } from '../pagination/index.ts'
import { type PendingLookup, termKey, valuesOf } from '../query/index.ts'
import { readOne } from './read-all.ts'
import type { Session } from './session.ts'
import { expressionValues } from './slots.ts'

/** Ids that each filter answered by lookup stands for, by termKey. Throws EngineError unsupported_filter past the lookup's `max`. */
export async function resolveFilters(
  session: Session,
  pending: readonly PendingLookup[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await Promise.all(pending.map((one) => idsOf(session, one)))
  return new Map(pending.map(({ term }, at) => [termKey(term), found[at] ?? []]))
}

async function idsOf(session: Session, pending: PendingLookup): Promise<string[]> {
  const { term, rule } = pending
  const queries = await session.settled(() =>
    valuesOf(term).map((value) => expressionValues(rule.query, undefined, { value, op: term.op })),
  )
  const ids = await Promise.all(queries.map((query) => idsOfQuery(session, pending, query)))
  const unique = [...new Set(ids.flat())]
  if (unique.length > pending.rule.max) throw tooMany(pending)
  return unique
}

async function idsOfQuery(session: Session, { term, rule }: PendingLookup, query: Json): Promise<string[]> {
  const operation = session.operation(rule.operation)
  const ids: string[] = []
  for (let state: typeof START | null = START; state !== null; ) {
    const page: Awaited<ReturnType<typeof readOne>> = await readOne(
      session,
      operation,
      { path: {}, query },
      state,
      rule.max + 1,
    )
    const given = await session.settled(() => page.records.map((record) => rule.id.evaluate(record)))
    ids.push(...given.filter((id) => id !== undefined && id !== null).map(String))
    if (ids.length > rule.max) throw tooMany({ term, rule })
    state = page.next
  }
  return ids
}

function tooMany({ term, rule }: PendingLookup): EngineError {
  const where = termKey(term)
  const message = `\`${where}\` stands for more than ${rule.max} records, too many to be asked for one by one`
  return new EngineError('unsupported_filter', message, { where, hint: `Filter by ${rule.then} instead.` })
}
