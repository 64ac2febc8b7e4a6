import { EngineError, type ListAnswer, parseUnifiedQuery } from '../../engine/index.ts'
import { modelResource } from '../api/unified.ts'
import type { SyncPage, SyncPartition } from '../stores/sync-types.ts'
import { resolveRows } from './resolve.ts'
import { instantOf, toRow } from './rows.ts'
import type { Reading, Target } from './target.ts'

/** What providers give at once: a page of ours is one request of theirs where the list is one of theirs. */
const PAGE_SIZE = 100

/** Reads the next page of a part. Throws what the provider says. */
export async function readPage(reading: Reading, part: SyncPartition, target: Target): Promise<SyncPage> {
  const { plan } = target
  const observedAt = reading.services.clock.now()
  const answer = await listPage(reading, part, target)
  const position = answer.result.reduce<number | null>((last, record) => instantOf(record) ?? last, part.position)
  // What a list shows as deleted is as gone as what it does not show.
  const rows = answer.result.filter((record) => record.is_deleted !== true).map(toRow)
  const resolved = await resolveRows(reading, target, rows, reading.services.clock.now())
  const isPast = target.isOrdered && part.lower !== null && position !== null && position < part.lower
  return {
    ...{
      runId: reading.runId,
      n: part.n,
      setId: part.setId,
      generation: plan.generation,
      isFull: plan.scope === 'full',
    },
    telling: target.telling,
    ...{ ...resolved, observedAt, position, cursor: answer.nextCursor, isDone: isPast || answer.nextCursor === null },
  }
}

async function listPage({ services, signal }: Reading, part: SyncPartition, target: Target): Promise<ListAnswer> {
  const { plan, account } = target
  const { model, way } = plan
  const resource = modelResource(services, model, plan.resource)
  const bounds: [string, number | null][] = [
    ['created_at[gte]', part.askedFrom],
    ['created_at[lt]', part.upper],
  ]
  const pairs: [string, string][] = [['limit', String(PAGE_SIZE)]]
  for (const [name, at] of way === 'windows' ? bounds : []) {
    if (at !== null) pairs.push([name, new Date(at).toISOString()])
  }
  if (part.cursor !== null) pairs.push(['next_cursor', part.cursor])
  const call = { model, resource: resource.name, method: 'list', query: parseUnifiedQuery(pairs, resource) }
  const requestId = `sync_${services.random.id(16)}`
  const answer = await services.engine.unified(account, call, { requestId, priority: 'sync', onLimit: 'wait', signal })
  if (answer.kind === 'list') return answer
  throw new EngineError('internal', `${plan.resource} was answered by no list`)
}
