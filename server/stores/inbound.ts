import type { Database } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { InboundEndpoints } from './inbound-endpoints.ts'
import { RawEventStore } from './raw-events.ts'
import { SeenRecords } from './seen-records.ts'
import type { Vault } from './vault.ts'

/** What providers tell by themselves. */
export interface InboundStores {
  readonly endpoints: InboundEndpoints
  readonly raw: RawEventStore
  readonly seen: SeenRecords
  /** Deletes what came, and what was seen, before an instant (epoch ms); answers how many raw events. */
  deleteBefore(environmentId: string, at: number): Promise<number>
}

/** The stores of what providers tell, in one database. */
export function openInbound(database: Database, vault: Vault, erasures: ErasureStore): InboundStores {
  const raw = new RawEventStore(database, erasures)
  const seen = new SeenRecords(database, erasures)
  return {
    endpoints: new InboundEndpoints(database, vault),
    raw,
    seen,
    deleteBefore: async (environmentId, at) => {
      await seen.deleteBefore(environmentId, at)
      return raw.deleteBefore(environmentId, at)
    },
  }
}
