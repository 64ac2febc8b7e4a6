import {
  type Account,
  type CallOptions,
  EngineError,
  parseUnifiedQuery,
  type UnifiedEvent,
} from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { type JsonObject, type SeenRecord, seenKey } from '../stores/index.ts'
import { hashOf } from './records.ts'

/** An event about a record that can be read. */
export interface RecordEvent {
  readonly event: UnifiedEvent
  readonly resource: string
  readonly recordId: string
  /** When it happened, or where nobody says so, when it arrived (epoch ms). */
  readonly at: number
}

/** What a record came to through some of its events. */
export interface NewState extends SeenRecord {
  /** The event that brought it; the others tell of what was before. */
  readonly by: UnifiedEvent | null
}

type Reader = Pick<Services, 'engine'>

const AT_ONCE = 5

/** What records came to, by `resource/id`, and what was in the way of reading others. */
export interface States {
  readonly states: ReadonlyMap<string, NewState>
  readonly failures: ReadonlyMap<string, EngineError>
}

/**
 * The state of each record after its events. What came in an event is taken where it is newer than what was
 * seen, and what is older changes nothing. Where that cannot be told (nobody says when, two things happened at one instant, or what
 * was seen had been read from the provider), or the event brings no record, the record is read from the provider, once for all of
 * its events; but not where nothing else is to be had, since events tell parts or no read is mapped. Troubles of this server are thrown.
 */
export async function statesAfter(
  { engine }: Reader,
  account: Account,
  events: readonly RecordEvent[],
  seen: ReadonlyMap<string, SeenRecord>,
  options: CallOptions,
): Promise<States> {
  const groups = new Map<string, RecordEvent[]>()
  for (const event of events) {
    const key = seenKey(event.resource, event.recordId)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [event])
    else group.push(event)
  }
  const states = new Map<string, NewState>()
  const failures = new Map<string, EngineError>()
  const left = [...groups]
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [key, group] = next
      try {
        const told = foldTold(group, seen.get(key), () => isRead(engine, account, group))
        states.set(key, told ?? (await readState(engine, account, group, seen.get(key), options)))
      } catch (thrown) {
        if (!(thrown instanceof EngineError) || options.signal?.aborted === true) throw thrown
        failures.set(key, thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, work))
  return { states, failures }
}

/** Whether the record of a group can be read by its id. */
const isRead = (engine: Reader['engine'], account: Account, [first]: readonly RecordEvent[]): boolean =>
  engine.integration(account).mappings.get(first?.resource ?? '')?.get !== undefined

/** The state that the events tell by themselves, or null where the provider has to be asked and can be. */
function foldTold(
  group: readonly RecordEvent[],
  seen: SeenRecord | undefined,
  canRead: () => boolean,
): NewState | null {
  let state: NewState | null = seen === undefined ? null : { ...seen, by: null }
  for (const one of inTime(group)) {
    const { event, resource, recordId } = one
    const at = timeIn(one, state)
    const record = toldRecord(event, state, at)
    if (record === null) return null
    if (state !== null && at < state.at && !event.isPartial) continue
    const hash = hashOf(record)
    const isSameTime = state !== null && hash !== state.hash && (at === state.at || state.isFetched)
    if ((isSameTime || event.occurredAt === null) && !event.isPartial && canRead()) return null
    const isSynced = isStillSynced(state, hash)
    const by = state !== null && at < state.at && hash === state.hash ? state.by : event
    state = { resource, recordId, at: Math.max(at, state?.at ?? at), isFetched: false, isSynced, hash, record, by }
  }
  return state
}

/** Nobody compares our clock with that of the provider: what has no time comes after what is known, and at its time. */
const timeIn = ({ event, at }: RecordEvent, known: SeenRecord | null | undefined): number =>
  event.occurredAt === null ? (known?.at ?? 0) : at

const inTime = (group: readonly RecordEvent[]): RecordEvent[] => [...group].sort((a, b) => a.at - b.at)

/** What a sync told of stays told until it changes. */
const isStillSynced = (seen: SeenRecord | null | undefined, hash: string): boolean =>
  seen?.isSynced === true && seen.hash === hash

/**
 * What is deleted cannot be read any more: what was known of it is marked. A part is laid over what is known, and below it
 * where it is older.
 */
function toldRecord(
  { type, record, recordId, isPartial }: UnifiedEvent,
  state: SeenRecord | null,
  at: number,
): JsonObject | null {
  if (type === 'record:deleted') return { ...(record ?? state?.record ?? { id: recordId }), is_deleted: true }
  if (!isPartial || record === null || state === null) return record
  return at < state.at ? laidOver(record, state.record) : laidOver(state.record, record)
}

const laidOver = (below: JsonObject, above: JsonObject): JsonObject => ({
  ...below,
  ...Object.fromEntries(Object.entries(above).filter(([name, value]) => !isSilent(value) || !(name in below))),
})

/** Labels that a part does not tell are an empty object, as of any record. */
const isSilent = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value as object).length === 0)

async function readState(
  engine: Services['engine'],
  account: Account,
  group: readonly RecordEvent[],
  seen: SeenRecord | undefined,
  options: CallOptions,
): Promise<NewState> {
  const ordered = inTime(group)
  const { event, resource, recordId } = ordered.at(-1) as RecordEvent
  const at = Math.max(...group.map((one) => timeIn(one, seen)))
  // What happened at the instant that was seen last may have been before it.
  const isNews = seen === undefined || (at > seen.at && !seen.isFetched)
  const told = isNews ? (event.record ?? seen?.record) : seen.record
  const record = (await readRecord(engine, account, event.target, recordId, options)) ?? {
    ...(told ?? { id: recordId }),
    is_deleted: true,
  }
  const hash = hashOf(record)
  const isSynced = isStillSynced(seen, hash)
  const state = { resource, recordId, at: Math.max(at, seen?.at ?? 0), isFetched: true, isSynced, hash, record }
  return { ...state, by: event }
}

/** The record as the provider has it now; null when it has it no more. Throws as reads do. */
export async function readRecord(
  engine: Services['engine'],
  account: Account,
  target: UnifiedEvent['target'],
  id: string,
  options: CallOptions,
): Promise<JsonObject | null> {
  const { model = '', resource = '' } = target ?? {}
  const unified = engine.catalog().models.get(model)?.resources.get(resource)
  if (unified === undefined) throw new EngineError('unknown_resource', `There is no ${model}/${resource}`)
  const query = parseUnifiedQuery([], unified, { method: 'get' })
  try {
    const answer = await engine.unified(account, { model, resource, method: 'get', id, query }, options)
    return answer.kind === 'record' ? answer.record : null
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'record_not_found') return null
    throw thrown
  }
}
