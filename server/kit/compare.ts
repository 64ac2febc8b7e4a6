import {
  type Case,
  type CaseCall,
  EngineError,
  type JsonSchema,
  type Transport,
  type WireRequest,
} from '../../engine/index.ts'
import { type Attempt, type AttemptOptions, attempt, recordsOf } from './attempt.ts'
import { Changes } from './changes.ts'
import { integrationIn, type Kit } from './definitions.ts'
import type { Exchange } from './exchange.ts'
import { casesOf } from './play.ts'
import type { StandOptions } from './stand.ts'
import type { Version } from './versions.ts'

/** Two versions of an integration's definitions held against each other. */
export interface Comparison {
  readonly changes: Changes
  /** What cannot be compared field by field: calls that ask otherwise, or fail in one of the two. */
  readonly others: readonly { readonly where: string; readonly before: string; readonly after: string }[]
}

/** Which definitions are compared. */
export interface Compared {
  readonly before: Version
  readonly after: Version
  readonly integration: string
  readonly showsPersonal: boolean
}

/** Plays the recorded cases of the later version, and those that only the earlier one has, with both. */
export async function compareCases(
  { before, after, integration, showsPersonal }: Compared,
  filter?: string,
): Promise<Comparison> {
  const changes = new Changes(schemasOf(after.kit), showsPersonal)
  const others: Comparison['others'][number][] = []
  const keyOf = (value: Case): string => JSON.stringify([value.name, value.call])
  const own = casesOf(after.kit, { filter }).filter(({ kind }) => kind === 'call')
  const known = new Set(own.map(({ value }) => keyOf(value as Case)))
  const old = casesOf(before.kit, { filter }).filter(
    ({ kind, value }) => kind === 'call' && !known.has(keyOf(value as Case)),
  )
  for (const found of [...own, ...old].filter((each) => each.integration === integration)) {
    const { name, call } = found.value as Case
    const [was, is] = [await found.play(before.kit.catalog), await found.play(after.kit.catalog)]
    const [left, right] = [was.actual as Case['expect'] | undefined, is.actual as Case['expect'] | undefined]
    if (was.fits && is.fits && left !== undefined && right !== undefined && 'result' in left && 'result' in right) {
      const resource = call?.model === undefined ? (call?.resource ?? 'connect') : `${call.model}/${call.resource}`
      changes.add({ resource, where: name, before: left.result, after: right.result })
    } else {
      const [one, other] = [outcomeOf(was, left), outcomeOf(is, right)]
      if (one !== other) others.push({ where: name, before: one, after: other })
    }
  }
  return { changes, others }
}

function outcomeOf(
  { fits, problems }: { readonly fits: boolean; readonly problems: readonly string[] },
  expect: Case['expect'] | undefined,
): string {
  if (!fits) return problems[0] ?? 'it asks otherwise'
  return expect?.error === undefined ? 'it succeeds' : `it fails with ${expect.error.code}`
}

/** Makes one call with both versions; the later one is given the answers that the earlier one got, where it asks the same. */
export async function compareLive(
  { before, after, integration, showsPersonal }: Compared,
  call: CaseCall,
  stand: StandOptions,
  options: AttemptOptions,
): Promise<Comparison> {
  const changes = new Changes(schemasOf(after.kit), showsPersonal)
  const made = ({ kit }: Version, how: StandOptions): Promise<Attempt> =>
    attempt({ catalog: kit.catalog, integration: integrationIn(kit, integration) }, call, how, options)
  const was = await made(before, stand)
  const is = await made(after, { ...stand, between: (network) => replayed(was.exchanges, network) })
  const where = [call.resource, call.method, call.id].filter((one) => one !== undefined).join(' ')
  if (was.answer === undefined || is.answer === undefined) {
    const [one, other] = [was, is].map(({ error }) =>
      error === undefined ? 'it succeeds' : `${error.code}: ${error.message}`,
    )
    return { changes, others: one === other ? [] : [{ where, before: one ?? '', after: other ?? '' }] }
  }
  const resource = call.model === undefined ? call.resource : `${call.model}/${call.resource}`
  changes.add({ resource, where, before: comparable(recordsOf(was.answer)), after: comparable(recordsOf(is.answer)) })
  return { changes, others: [] }
}

/** Facts of the read itself say nothing of the mapping. */
const comparable = (records: ReturnType<typeof recordsOf>): object[] => records.map(({ _meta, ...record }) => record)

function replayed(exchanges: readonly Exchange[], network: Pick<Transport, 'send'>): Pick<Transport, 'send'> {
  const left = [...exchanges]
  return {
    send: (request) => {
      const at = left.findIndex((exchange) => isSame(exchange.request, request))
      const [found] = at === -1 ? [] : left.splice(at, 1)
      if (found?.response !== undefined) return Promise.resolve(found.response)
      if (request.verb === 'GET') return network.send(request)
      throw new EngineError('invalid_request', 'The later version would write once more; only reads are compared')
    },
  }
}

function isSame(one: WireRequest, other: WireRequest): boolean {
  const bytes = ({ body }: WireRequest): string =>
    body instanceof Uint8Array ? Buffer.from(body).toString('base64') : ''
  return one.verb === other.verb && one.url === other.url && bytes(one) === bytes(other)
}

function schemasOf({ catalog }: Kit): ReadonlyMap<string, JsonSchema> {
  const all = [...catalog.models.values()].flatMap(({ resources }) => [...resources.values()])
  return new Map(all.map(({ model, name, schema }) => [`${model}/${name}`, schema]))
}
