import type { Migration } from 'kysely'
import { agents } from './agents.ts'
import { erasures, syncedViews } from './erasure.ts'
import { environments, idempotencyRecords, integratedAccounts, logs, overrideVersions, tokens } from './first.ts'
import { grants } from './grants.ts'
import { identities } from './identities.ts'
import { inbound } from './inbound.ts'
import { inboundRetries } from './inbound-retries.ts'
import { events, jobs } from './jobs.ts'
import { masterKeys, rateLimits, statusReasons } from './life.ts'
import { link } from './link.ts'
import { partings } from './parting.ts'
import { restores } from './restores.ts'
import { rules } from './rules.ts'
import { standing } from './standing.ts'
import { sync } from './sync.ts'
import { syncFlow } from './sync-flow.ts'
import { webhooks } from './webhooks.ts'

/** Every migration by name, in the order of the names; one text for both databases. A released one is never edited. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = Object.freeze({
  '0001_environments': { up: environments },
  '0002_integrated_accounts': { up: integratedAccounts },
  '0003_tokens': { up: tokens },
  '0004_idempotency_records': { up: idempotencyRecords },
  '0005_logs': { up: logs },
  '0006_override_versions': { up: overrideVersions },
  '0007_events': { up: events },
  '0007_jobs': { up: jobs },
  '0008_grants': { up: grants },
  '0009_link': { up: link },
  '0010_status_reasons': { up: statusReasons },
  '0011_master_keys': { up: masterKeys },
  '0012_rate_limits': { up: rateLimits },
  '0013_partings': { up: partings },
  '0014_agents': { up: agents },
  '0015_inbound': { up: inbound },
  '0016_webhooks': { up: webhooks },
  '0018_sync': { up: sync },
  '0019_inbound_retries': { up: inboundRetries },
  '0020_sync_flow': { up: syncFlow },
  '0021_erasures': { up: erasures },
  '0021_views': { up: syncedViews },
  '0022_rules': { up: rules },
  '0023_standing': { up: standing },
  '0024_identities': { up: identities },
  '0025_restores': { up: restores },
})
