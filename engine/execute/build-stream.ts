import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import type { PlannedSource, Term } from '../query/index.ts'
import { type LeafRequest, leafInput, leafParent } from './leaf-input.ts'
import type { LeafReading } from './leaf-page.ts'
import { BackLeaf, ForwardLeaf } from './leaf-streams.ts'
import type { ListState } from './list-state.ts'
import { Merge, type Order } from './merge.ts'
import { readAll } from './read-all.ts'
import { slotValues } from './slots.ts'
import type { ListRun, Stream } from './stream.ts'
import { WindowStream, windowInput, windowRange } from './window.ts'

type Leaf = Extract<PlannedSource, { kind: 'leaf' }>
type Partition = Extract<PlannedSource, { kind: 'partition' }>
type Window = Extract<PlannedSource, { kind: 'window' }>

/** What building the streams of a list needs. */
export interface Building {
  readonly run: ListRun
  readonly state: ListState
  readonly order: Order
  readonly terms: readonly Term[]
}

/** Where in partitions and windows a source stands. */
interface Place {
  readonly suffix: string
  readonly parent: unknown
  readonly window: Json
}

const TOP: Place = { suffix: '', parent: undefined, window: {} }

/** The stream of a planned source, from where the state left it. Parents of partitions are read here. */
export async function buildStream(building: Building, source: PlannedSource, place: Place = TOP): Promise<Stream> {
  switch (source.kind) {
    case 'leaf':
      return await buildLeaf(building, source, place)
    case 'union':
      return merged(building, await Promise.all(source.sources.map((inner) => buildStream(building, inner, place))))
    case 'partition':
      return buildPartition(building, source, place)
    case 'window':
      return buildWindow(building, source, place)
  }
}

const merged = ({ order, state }: Building, streams: readonly Stream[]): Stream => {
  const [only] = streams
  return streams.length === 1 && only !== undefined ? only : new Merge(streams, order, state.d === 'b')
}

async function buildLeaf(building: Building, { at, leaf, plan }: Leaf, place: Place): Promise<Stream> {
  if (plan.isEmpty) return merged(building, [])
  const { session } = building.run
  const operation = session.operation(leaf.operation)
  const branches = plan.branches?.map((part) => [...plan.parts, part]) ?? [plan.parts]
  const readingOf = (parts: LeafRequest['parts'], branch: number): LeafReading => {
    const { account, accountView } = session
    const request = { leaf, operation, terms: building.terms, parts, account, accountView, ...place }
    const name = `${at}${place.suffix}${plan.branches === undefined ? '' : `*${branch}`}`
    return { at: name, leaf, plan, operation, input: leafInput(request), parent: leafParent(request) }
  }
  const readings = await session.settled(() => branches.map(readingOf))
  const Leaf = building.state.d === 'b' ? BackLeaf : ForwardLeaf
  return merged(
    building,
    readings.map((reading) => new Leaf(building.run, reading, building.state.leaves[reading.at])),
  )
}

async function buildPartition(building: Building, source: Partition, place: Place): Promise<Stream> {
  const { session } = building.run
  const operation = session.operation(source.over.operation)
  const variables = { account: session.accountView, connection: session.account.connection, filters: {}, parent: null }
  const query = await session.settled(() => slotValues(source.over.query, undefined, variables))
  const input = { path: {}, query }
  const parents = (await readAll(session, operation, input, () => false)) ?? []
  if (parents.length > source.over.max) {
    const message = `${operation.id} has ${parents.length} records, and this list is read below at most ${source.over.max}`
    throw new EngineError('cost_exceeded', message)
  }
  const id = session.nativeResource(operation)?.id
  const ids = await session.settled(() => parents.map((parent) => String(id?.evaluate(parent) ?? '')))
  const streams = parents.map((parent, at) =>
    buildStream(building, source.source, { ...place, suffix: `${place.suffix}@${ids[at]}`, parent }),
  )
  return merged(building, await Promise.all(streams))
}

function buildWindow(building: Building, source: Window, place: Place): Stream {
  const { run, state, order } = building
  const at = `${source.at}${place.suffix}`
  const from = state.windows[at] ?? { t0: run.session.context.ports.clock.now(), i: 0 }
  const range = windowRange(source.window, source.bounds, from.t0)
  const open = (i: number): Promise<Stream | undefined> => {
    const window = windowInput(source.window, range, i, order.descending)
    if (window === undefined) return Promise.resolve(undefined)
    return buildStream(building, source.source, { ...place, suffix: `${place.suffix}#${i}`, window })
  }
  return new WindowStream(run, at, from, open)
}
