import type { Account } from '../../engine/index.ts'
import { readRecord } from '../inbound/hydrate.ts'
import type { JsonObject } from '../stores/index.ts'
import type { SyncPlan } from '../stores/sync-types.ts'
import type { SyncServices as Services } from './services.ts'

const AT_ONCE = 8

/** Reads records one by one, a few at once; null is one that is gone. Throws what the provider says. */
export async function readRecords(
  { services, signal }: { readonly services: Services; readonly signal: AbortSignal },
  account: Account,
  { model, resource }: Pick<SyncPlan, 'model' | 'resource'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JsonObject | null>> {
  const found = new Map<string, JsonObject | null>()
  const left = [...ids]
  const requestId = `sync_${services.random.id(16)}`
  const options = { requestId, priority: 'sync', onLimit: 'wait', signal } as const
  const work = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const record = await readRecord(services.engine, account, { model, resource }, id, options)
      found.set(id, record === null || record.is_deleted === true ? null : record)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work))
  return found
}
