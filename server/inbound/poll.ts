import type { CallOptions, NativeEvent } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobHandler } from '../jobs/index.ts'
import { feedGap, type IntegratedAccount } from '../stores/index.ts'
import { isDeliveredTo } from './address.ts'
import { laterJob, processJob } from './intake.ts'
import { POLL_ACCOUNT } from './names.ts'
import { rawEvent } from './receive.ts'

/** Feeds show an event a little after it happened, and not always in order: what came before is asked for again. */
const OVERLAP_MS = 120_000
const DAY_MS = 86_400_000
/** As long as a reading may take: what a feed forgets meanwhile is not relied on. */
const MARGIN_MS = 3_600_000
/** How long after its last page a reading counts as over that did not come to its end. */
const LATER_MS = 60_000

/** Enqueues one job for each account whose feed is polled. */
export function pollHandler({ stores, jobs }: Services): JobHandler {
  return async () => {
    for (const { environmentId, accountId: account } of await stores.inbound.seen.polled()) {
      const queue = `inbound-poll:${account}`
      await jobs.add({ name: POLL_ACCOUNT, payload: { account }, environmentId, key: account, queue })
    }
  }
}

/** Stores what the feed of an account tells since it was read last. One that cannot be read is read again a minute later. */
export function pollAccountHandler(services: Services): JobHandler {
  return async (payload, { environmentId, signal }) => {
    const { stores, log, clock } = services
    const account = await stores.accounts.get(environmentId ?? '', String(payload.account))
    if (account?.status !== 'active') return
    const since = await stores.inbound.seen.since(account.environmentId, account.id)
    if (since === null) return
    try {
      await readFeed(services, account, await pastGap(services, account, since), signal)
      if (isOver(account, clock.now()) && !signal.aborted) {
        await stores.inbound.seen.stopPolling(account.environmentId, account.id)
      }
    } catch (thrown) {
      const error = asEngineError(thrown)
      if (signal.aborted || error.code === 'store_failed') throw thrown
      log.warn(
        { err: error, integrated_account_id: account.id },
        'a feed of events could not be read; it is tried again',
      )
    }
  }
}

/** Whether all that a feed tells now is delivered as well: what came just before deliveries began may be told late. */
const isOver = (account: IntegratedAccount, now: number): boolean =>
  isDeliveredTo(account) && now - (account.webhook?.at ?? 0) >= OVERLAP_MS

/** Where reading can begin: a feed that was left for longer than it remembers has lost events, which is told once. */
async function pastGap(
  { stores, engine, clock }: Services,
  account: IntegratedAccount,
  since: number,
): Promise<number> {
  const { events } = engine.integration(toEngineAccount(account))
  if (events === undefined) return since
  const now = clock.now()
  const oldest = now - events.retentionDays * DAY_MS + MARGIN_MS
  if (since >= oldest) return since
  const { environmentId, id } = account
  await stores.database.db.transaction().execute(async (trx) => {
    if (!(await stores.inbound.seen.movePolling(trx, environmentId, id, oldest))) return
    const gap = feedGap(account, { from: since, until: oldest, retentionDays: events.retentionDays })
    await stores.events.append(trx, environmentId, [gap], now)
  })
  return oldest
}

/**
 * Reads a feed to its end. The place moves on when all of it is stored; then it is dealt with, in the order in which it happened:
 * pages come newest first, so what is on a later one counts as received before.
 */
async function readFeed(
  services: Services,
  stored: IntegratedAccount,
  since: number,
  signal: Parameters<JobHandler>[1]['signal'],
): Promise<void> {
  const { engine, random, clock } = services
  const account = toEngineAccount(stored)
  const requestId = `poll_${random.id(16)}`
  const options: CallOptions = { requestId, priority: 'sync', onLimit: 'wait', signal }
  const begun = clock.now()
  let newest = since
  let isNews = false
  for (let cursor: string | null = null, pages = 0; pages === 0 || (cursor !== null && !signal.aborted); pages++) {
    const place = { since: since - OVERLAP_MS, cursor }
    const page: Awaited<ReturnType<typeof engine.readEventFeed>> = await engine.readEventFeed(account, place, options)
    newest = Math.max(newest, page.newest ?? 0)
    cursor = page.nextCursor
    isNews = await store(services, stored, page.events, {
      at: begun - pages,
      isNews,
      end: cursor === null ? newest : null,
    })
  }
}

/** What is stored of a feed, and what for. */
interface Stored {
  /** As if received then (epoch ms). */
  readonly at: number
  /** Whether something new was on a page before. */
  readonly isNews: boolean
  /** How far the feed is read with this page, its last one; null for others. */
  readonly end: number | null
}

/** Answers whether something was new so far. When the reading ends before its end, what is stored is dealt with later. */
async function store(
  { stores, jobs, clock }: Services,
  { environmentId, id }: Pick<IntegratedAccount, 'environmentId' | 'id'>,
  events: readonly NativeEvent[],
  { at, isNews, end }: Stored,
): Promise<boolean> {
  const rows = events.map((event) => rawEvent(id, event, 'feed'))
  return await stores.database.db.transaction().execute(async (trx) => {
    const fresh = rows.length > 0 && (await stores.inbound.raw.put(trx, environmentId, rows, at)).size > 0
    if (end !== null) await stores.inbound.seen.movePolling(trx, environmentId, id, end)
    if (end === null && fresh) await jobs.enqueue(trx, laterJob(environmentId, id, clock.now() + LATER_MS))
    if (end !== null && (fresh || isNews)) await jobs.enqueue(trx, processJob(environmentId, id))
    return fresh || isNews
  })
}
