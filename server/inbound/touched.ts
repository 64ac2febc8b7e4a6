import type { Account, CallOptions, EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { type IntegratedAccount, seenKey } from '../stores/index.ts'
import { type NewState, type RecordEvent, statesAfter } from './hydrate.ts'
import { type Known, knownOf } from './kept.ts'
import { keyOf, type Meant } from './told.ts'

/** Records that change with those that events are about. */
export interface Touched {
  readonly meant: readonly Meant[]
  readonly known: Known
  readonly states: ReadonlyMap<string, NewState>
  /** What was in the way of reading one, by the key of the record that the event is about. */
  readonly failures: ReadonlyMap<string, EngineError>
}

interface Owner {
  readonly stored: IntegratedAccount
  readonly account: Account
  readonly options: CallOptions
}

/** An event about a record, and the further one that it changes. */
interface Touch {
  readonly of: string
  readonly one: Meant
  readonly about: RecordEvent
}

/**
 * Synced records that change with those of these events as the model says, such as the payment of a refund: read from the provider,
 * since no event is sure to tell of them. What has an event of its own here is left out.
 */
export async function touchedBy(
  services: Services,
  { stored, account, options }: Owner,
  named: readonly Meant[],
  states: ReadonlyMap<string, NewState>,
): Promise<Touched> {
  const touches = new Map<string, Touch>()
  for (const one of named) {
    for (const touch of touchesOf(services, account, one, states)) touches.set(keyOf(touch.one.event), touch)
  }
  const known = await knownOf(
    services,
    stored,
    [...touches.values()].map(({ about }) => about),
  )
  const left = [...touches.values()].filter(({ one }) => known.kept.records.has(keyOf(one.event)))
  const read = await statesAfter(
    services,
    account,
    left.map(({ about }) => about),
    known.now,
    options,
  )
  const failures = left.flatMap(({ of, one }) => {
    const error = read.failures.get(keyOf(one.event))
    return error === undefined ? [] : [[of, error] as const]
  })
  return { meant: left.map(({ one }) => one), known, states: read.states, failures: new Map(failures) }
}

function touchesOf(
  { engine }: Pick<Services, 'engine'>,
  account: Account,
  { event, raw }: Meant,
  states: ReadonlyMap<string, NewState>,
): Touch[] {
  const of = keyOf(event)
  const { model = '', resource = '' } = event.target ?? {}
  const state = states.get(of)
  const touches = engine.catalog().models.get(model)?.resources.get(resource)?.touches
  if (state === undefined || touches === undefined) return []
  const { mappings } = engine.integration(account)
  return [...touches].flatMap(([name, path]): Touch[] => {
    const recordId = textAt(state.record, path)
    const key = seenKey(`${model}/${name}`, recordId ?? '')
    const isReadable = mappings.get(`${model}/${name}`)?.get !== undefined
    if (recordId === null || !isReadable || states.has(key)) return []
    const target = { model, resource: name }
    const touched = {
      ...event,
      type: 'record:updated',
      target,
      recordId,
      changes: null,
      record: null,
      isPartial: false,
    }
    const about = { event: touched, resource: `${model}/${name}`, recordId, at: event.occurredAt ?? raw.receivedAt }
    return [{ of, one: { event: touched, raw }, about }]
  })
}

function textAt(record: unknown, path: string): string | null {
  let here = record
  for (const name of path.split('.')) {
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[name] : undefined
  }
  return typeof here === 'string' ? here : null
}
