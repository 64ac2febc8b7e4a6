import { sql } from 'kysely'
import { type Clock, EngineError, type Lock } from '../../engine/index.ts'
import { AccountStore } from './accounts.ts'
import { ApprovalStore } from './approvals.ts'
import { AuditLog } from './audit-log.ts'
import { type Database, makeDataFolder, openPostgres, openSqlite, type StoreLog } from './database.ts'
import { DatabaseLock } from './database-lock.ts'
import { DeliveryStore } from './deliveries.ts'
import { EnvironmentStore } from './environments.ts'
import { ErasureStore } from './erasures.ts'
import { EventStore } from './events.ts'
import { GrantTimes } from './grant-times.ts'
import { DatabaseGrants } from './grants.ts'
import { IdempotencyStore } from './idempotency.ts'
import { IdentityVerdictStore } from './identity-verdicts.ts'
import { openInbound } from './inbound.ts'
import type { KeySource } from './key-ring.ts'
import { LinkStore } from './link-tokens.ts'
import { lockDataFolder } from './lock.ts'
import { MasterKeys } from './master-keys.ts'
import { migrate, pendingMigrations } from './migrations.ts'
import { OAuthAppStore } from './oauth-apps.ts'
import { OAuthFlowStore } from './oauth-flows.ts'
import { OverrideStore } from './overrides.ts'
import { PartingStore } from './partings.ts'
import { RequestLog } from './request-log.ts'
import { type RotationOptions, type RotationReport, rotate } from './rotation.ts'
import { openRules, type RuleStores } from './rule-stores.ts'
import { type SweepReport, type SweptStores, sweep } from './sweep.ts'
import { SyncJobStore } from './sync-jobs.ts'
import { SyncRunStore } from './sync-runs.ts'
import { SyncedStore } from './synced.ts'
import { SyncedGone } from './synced-gone.ts'
import { SyncedReads } from './synced-read.ts'
import { SyncedTold } from './synced-told.ts'
import { TokenLimits } from './token-limits.ts'
import { TokenSpend } from './token-spend.ts'
import { TokenStore } from './tokens.ts'
import { createVault, type Vault } from './vault.ts'
import { WebhookStore } from './webhooks.ts'

export { FEED_GAP, feedGap } from './account-events.ts'
export { accountOut } from './account-out.ts'
export {
  ACCOUNT_STATUSES,
  type AccountPatch,
  type AccountStatus,
  type Credentials,
  type IntegratedAccount,
  type NewAccount,
  type StatusReason,
  type WebhookState,
} from './account-types.ts'
export type { Approval, ApprovalState } from './approvals.ts'
export type { AuditedAct, AuditOutcome } from './audit-log.ts'
export type { Database, StoreLog, StoreTransaction } from './database.ts'
export {
  type Brand,
  DEFAULT_SETTINGS,
  type Environment,
  type EnvironmentSettings,
  WEBHOOK_SETUPS,
  type WebhookSetup,
} from './environments.ts'
export { eventOut } from './event-out.ts'
export { START } from './event-places.ts'
export type { NewEvent, StoredEvent } from './event-types.ts'
export type { EventPage } from './events.ts'
export type { BeginResult, IdempotencyKey, KeptResponse, NewAttempt } from './idempotency.ts'
export { type FoundEndpoint, type InboundEndpoint, newUrlId } from './inbound-endpoints.ts'
export type { KeySource } from './key-ring.ts'
export { embeddedAdminToken, embeddedMasterKey, parseMasterKeys, rotateKeyFile } from './keys.ts'
export type { LinkSession, LinkToken, OAuthFlow } from './link-types.ts'
export type { OAuthAppKey, StoredOAuthApp } from './oauth-apps.ts'
export type { CurrentOverrides, NewOverrideVersion, OverrideOwner, OverrideVersion } from './overrides.ts'
export type { Parting } from './partings.ts'
export { type NewRawEvent, RAW_STATUSES, type RawEvent, type RawStatus } from './raw-events.ts'
export type { LoggedRequest } from './request-log.ts'
export type { RequestEntry } from './request-rows.ts'
export type { RotationReport } from './rotation.ts'
export { cleanText, fromJson, type JsonObject, type Keyset, newId, type Page, type PageQuery } from './rows.ts'
export { type SeenRecord, seenKey } from './seen-records.ts'
export type { Tables } from './tables.ts'
export { dayOf, type Spend } from './token-spend.ts'
export type {
  AgentToken,
  ApprovalPolicy,
  RateLimit,
  SpendLimit,
  Token,
  TokenCheck,
  TokenEffect,
  TokenRole,
} from './token-types.ts'
export type { Vault } from './vault.ts'
export { deliveryOut, webhookOut } from './webhook-out.ts'
export type { Webhook } from './webhook-types.ts'
export type {
  AccountStore,
  AuditLog,
  EnvironmentStore,
  EventStore,
  IdempotencyStore,
  OverrideStore,
  RequestLog,
  TokenStore,
}

/** Where and how to open the stores. */
export interface StoresOptions {
  /** Folder of the embedded database; not used with `databaseUrl`. */
  readonly dataDir?: string | undefined
  /** A Postgres, `postgres://...`. */
  readonly databaseUrl?: string | undefined
  /** Base64, 32 bytes each, the newest first, or where they stand; the database knows which one encrypts. */
  readonly masterKeys: readonly string[] | KeySource
  /** Nothing can be written, and nothing is migrated. */
  readonly readonly?: boolean | undefined
  /** `server` (default) owns the embedded data folder; `tool`, for the CLI, opens it beside a running server. */
  readonly role?: 'server' | 'tool' | undefined
  /** Default: nothing is told. */
  readonly log?: StoreLog | undefined
}

/** Everything this installation remembers. */
export interface Stores extends SweptStores, RuleStores {
  readonly dialect: 'sqlite' | 'postgres'
  readonly tokenLimits: TokenLimits
  readonly overrides: OverrideStore
  readonly webhooks: WebhookStore
  readonly oauthApps: OAuthAppStore
  readonly grants: DatabaseGrants
  /** For what follows from tokens that end. */
  readonly grantTimes: GrantTimes
  readonly syncJobs: SyncJobStore
  readonly synced: SyncedStore
  readonly erasures: ErasureStore
  readonly identityVerdicts: IdentityVerdictStore
  readonly syncedGone: SyncedGone
  readonly syncedTold: SyncedTold
  readonly vault: Vault
  /** Locks over all processes that use the database; waits are slept on the clock given. */
  lock(clock: Pick<Clock, 'sleep'>): Lock
  /** Changes with every write to the database, by whomever; null where that cannot be told (Postgres). */
  stamp(): string | null
  /** Writes what waits in the request log and the audit log. Throws `store_failed`, and it waits on. */
  flush(): Promise<void>
  /** Resolves when the database answers. Throws `store_failed`. */
  ping(): Promise<void>
  /** Deletes what is past its retention in every environment; meant for once an hour. */
  sweep(now: number): Promise<SweepReport>
  /** Which master key encrypts, and who has which. */
  readonly keys: MasterKeys
  /** Brings every encrypted row under the first master key, while servers serve. Throws as `rotate`. */
  rotate(options: RotationOptions): Promise<RotationReport>
  /** Writes what waits and closes. Throws `store_failed` when something could not be written; closed it is then, too. */
  close(): Promise<void>
}

const SILENT: StoreLog = { warn: () => undefined, error: () => undefined }

/**
 * Opens the stores: on Postgres with `databaseUrl`, else on SQLite in `dataDir`, and brings the schema up to date.
 * Throws `store_locked` (another server has the folder), `key_missing`, `config_invalid` or `store_failed`.
 */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const vault = createVault(options.masterKeys)
  const log = options.log ?? SILENT
  const database = await openDatabase(options, log)
  try {
    const keys = new MasterKeys(database, vault.ring)
    await keys.open(options.readonly ?? false)
    return assemble(database, { vault, keys }, log, options.readonly ?? false)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function openDatabase(options: StoresOptions, log: StoreLog): Promise<Database> {
  const readonly = options.readonly ?? false
  if (options.databaseUrl !== undefined) {
    return upToDate(await openPostgres(options.databaseUrl, readonly, log), readonly, () => () => undefined)
  }
  if (options.dataDir === undefined) {
    throw new EngineError('config_invalid', 'Neither a data folder nor a Postgres was named', { where: 'ONEFOLD_DATA' })
  }
  const { dataDir } = options
  if (!readonly) makeDataFolder(dataDir)
  if (readonly || options.role === 'tool') {
    return upToDate(openSqlite(dataDir, readonly), readonly, () => lockDataFolder(dataDir))
  }
  const release = lockDataFolder(dataDir)
  try {
    const database = await upToDate(openSqlite(dataDir, false), false, () => () => undefined)
    return { ...database, close: () => database.close().finally(release) }
  } catch (error) {
    release()
    throw error
  }
}

/** Migrates under a lock when something is pending: a tool never changes the schema below a running server. */
async function upToDate(database: Database, readonly: boolean, lock: () => () => void): Promise<Database> {
  try {
    const pending = await pendingMigrations(database.db)
    if (pending.length > 0 && readonly) {
      throw new EngineError('store_failed', `The schema lacks ${pending.join(', ')}`, {
        hint: 'Start the server once.',
      })
    }
    if (pending.length > 0) {
      const release = lock()
      await migrate(database.db).finally(release)
    }
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

interface Keys {
  readonly vault: Vault
  readonly keys: MasterKeys
}

const syncStores = (database: Database, erasures: ErasureStore) => ({
  syncJobs: new SyncJobStore(database),
  syncRuns: new SyncRunStore(database),
  synced: new SyncedStore(database, erasures),
  syncedGone: new SyncedGone(database, erasures),
  syncedTold: new SyncedTold(database, erasures),
  syncedReads: new SyncedReads(database),
})

function assemble(database: Database, { vault, keys }: Keys, log: StoreLog, readonly: boolean): Stores {
  const requests = new RequestLog(database, log)
  const erasures = new ErasureStore(database)
  const events = new EventStore(database, erasures)
  const grantTimes = new GrantTimes()
  const audit = new AuditLog(database, log)
  const flush = async (): Promise<void> => void (await Promise.all([requests.flush(), audit.flush()]))
  const accounts = new AccountStore(database, vault, { events, times: grantTimes }, flush)
  const stores = {
    environments: new EnvironmentStore(database),
    accounts,
    tokens: new TokenStore(database, log, readonly),
    tokenLimits: new TokenLimits(database),
    tokenSpend: new TokenSpend(database),
    approvals: new ApprovalStore(database, vault),
    idempotency: new IdempotencyStore(database, vault),
    requests,
    audit,
    overrides: new OverrideStore(database),
    events,
    erasures,
    identityVerdicts: new IdentityVerdictStore(database),
    inbound: openInbound(database, vault, erasures),
    webhooks: new WebhookStore(database, vault, events),
    deliveries: new DeliveryStore(database),
    oauthApps: new OAuthAppStore(database, vault),
    grants: new DatabaseGrants(database, vault, accounts, grantTimes),
    grantTimes,
    links: new LinkStore(database),
    oauthFlows: new OAuthFlowStore(database, vault),
    partings: new PartingStore(database, vault),
    ...openRules(database),
    ...syncStores(database, erasures),
  }
  let closing: Promise<void> | null = null
  return Object.freeze({
    ...stores,
    dialect: database.dialect,
    database,
    vault,
    lock: (clock: Pick<Clock, 'sleep'>) => new DatabaseLock(database, clock),
    stamp: () => database.stamp(),
    flush,
    ping: async () => void (await sql`select 1`.execute(database.db)),
    sweep: (now: number) => sweep({ ...stores, database }, now),
    keys,
    rotate: (options: RotationOptions) => rotate({ database, vault, keys }, options),
    close: () => {
      closing ??= requests
        .close()
        .finally(() => audit.close())
        .finally(() => (readonly ? undefined : keys.leave()))
        .finally(() => database.close())
      return closing
    },
  })
}
