import type { CallOptions, NativeEvent } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import type { JobHandler } from '../jobs/index.ts'
import { processJob } from './intake.ts'
import { POLL_ACCOUNT } from './names.ts'
import { rawEvent } from './receive.ts'

/** Feeds show an event a little after it happened, and not always in order: what came before is asked for again. */
const OVERLAP_MS = 120_000

/** Enqueues one job for each account whose feed is polled. */
export function pollHandler({ stores, jobs }: Services): JobHandler {
  return async () => {
    for (const { environmentId, accountId: account } of await stores.inbound.seen.polled()) {
      const queue = `inbound-poll:${account}`
      await jobs.add({ name: POLL_ACCOUNT, payload: { account }, environmentId, key: account, queue, maxAttempts: 1 })
    }
  }
}

/** Stores what the feed of an account tells since it was read last. The place moves on when all of it is stored. */
export function pollAccountHandler(services: Services): JobHandler {
  return async (payload, { environmentId, signal }) => {
    const { stores, engine, random } = services
    const stored = await stores.accounts.get(environmentId ?? '', String(payload.account))
    if (stored?.status !== 'active') return
    const since = await stores.inbound.seen.since(stored.environmentId, stored.id)
    if (since === null) return
    const account = toEngineAccount(stored)
    const requestId = `poll_${random.id(16)}`
    const options: CallOptions = { requestId, priority: 'sync', onLimit: 'wait', signal }
    let newest = since
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof engine.readEventFeed>> = await engine.readEventFeed(
        account,
        { since: since - OVERLAP_MS, cursor },
        options,
      )
      newest = Math.max(newest, page.newest ?? 0)
      cursor = page.nextCursor
      await store(services, stored, page.events, cursor === null ? newest : null)
    } while (cursor !== null && !signal.aborted)
  }
}

async function store(
  { stores, jobs, clock }: Services,
  { environmentId, id }: { readonly environmentId: string; readonly id: string },
  events: readonly NativeEvent[],
  moveTo: number | null,
): Promise<void> {
  const rows = events.map((event) => rawEvent(id, event, 'feed'))
  await stores.database.db.transaction().execute(async (trx) => {
    const fresh = rows.length === 0 ? new Set() : await stores.inbound.raw.put(trx, environmentId, rows, clock.now())
    if (moveTo !== null) await stores.inbound.seen.movePolling(trx, environmentId, id, moveTo)
    if (fresh.size > 0) await jobs.enqueue(trx, processJob(environmentId, id))
  })
}
