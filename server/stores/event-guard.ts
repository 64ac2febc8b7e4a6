import type { StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import type { NewEvent } from './event-types.ts'

/** Events but those about records of somebody who was erased. */
export async function freeEvents(
  trx: StoreTransaction,
  erasures: ErasureStore,
  environmentId: string,
  events: readonly NewEvent[],
): Promise<readonly NewEvent[]> {
  if (!events.some(({ about }) => about != null)) return events
  const guard = await erasures.guard(trx, environmentId)
  if (guard === null) return events
  const free = events.filter(({ integratedAccountId, about, data, changes }) => {
    return about == null || !guard.holdsOff(integratedAccountId, data, changes, about.recordId)
  })
  await guard.settle()
  return free
}
