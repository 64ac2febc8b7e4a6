import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { checkedId, fromJson, untilWon } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RateLimit } from './token-types.ts'

/** How long logs and events of an environment are kept, in days. */
export interface RetentionDays {
  readonly requestLog: number
  readonly auditLog: number
  readonly events: number
  /** The change log of synced data. */
  readonly changes: number
  readonly deliveries: number
}

/** When providers are asked for deliveries. */
export const WEBHOOK_SETUPS = Object.freeze(['automatic', 'on_request'] as const)

/** One of WEBHOOK_SETUPS. */
export type WebhookSetup = (typeof WEBHOOK_SETUPS)[number]

/** By what customers of several accounts are taken to be the same; rules are tried in their order. */
export type IdentityRule =
  | { readonly by: 'email' | 'phone' }
  /** The part of the address behind the @, but for public mailboxes and what is excepted. */
  | { readonly by: 'domain'; readonly except: readonly string[] }
  /** The value of any of these keys of the metadata. */
  | { readonly by: 'metadata'; readonly keys: readonly string[] }

/** How the pages that people see are dressed. */
export interface Brand {
  /** Who asks for access; null is the name of the environment. */
  readonly name: string | null
  /** An https or data URL of an image. */
  readonly logo: string | null
  /** `#rrggbb`. */
  readonly color: string | null
  /** Where people read what happens to their data. */
  readonly privacyUrl: string | null
}

/** What an environment decides for its accounts. */
export interface EnvironmentSettings {
  /** IANA name in which dates of filters are read; default UTC. */
  readonly timezone: string
  /** Origins that browsers may call from, and that Link may be embedded in; default none. */
  readonly allowedOrigins: readonly string[]
  /** Addresses that Link may send a browser to, each exactly; default none. */
  readonly redirectUris: readonly string[]
  /** Default: no name of its own, no logo, no colour. */
  readonly brand: Brand
  /** Of each token without a limit of its own; default none. */
  readonly rateLimit: RateLimit | null
  readonly retentionDays: RetentionDays
  /** Whether providers are asked for deliveries by themselves (default), or for accounts that somebody sets up only. */
  readonly webhookSetup: WebhookSetup
  /** Default: by e-mail address. */
  readonly identityRules: readonly IdentityRule[]
}

/** A world of its own: accounts, tokens and logs of one environment are never seen from another. */
export interface Environment {
  readonly id: string
  readonly name: string
  readonly settings: EnvironmentSettings
  /** Epoch milliseconds, as every instant here. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly version: number
}

/** An environment to make. */
export interface NewEnvironment {
  readonly id: string
  readonly name: string
  readonly settings?: Partial<EnvironmentSettings> | undefined
}

/** What to change; a setting not named stays. */
export interface EnvironmentPatch {
  readonly name?: string | undefined
  readonly settings?: Partial<EnvironmentSettings> | undefined
}

/** Settings of an environment that names none. */
export const DEFAULT_SETTINGS: EnvironmentSettings = Object.freeze({
  timezone: 'UTC',
  allowedOrigins: [],
  rateLimit: null,
  retentionDays: Object.freeze({ requestLog: 30, auditLog: 365, events: 30, changes: 30, deliveries: 30 }),
  redirectUris: [],
  webhookSetup: 'automatic',
  identityRules: Object.freeze([Object.freeze({ by: 'email' } as const)]),
  brand: Object.freeze({ name: null, logo: null, color: null, privacyUrl: null }),
})

/** The environments of this installation. */
export class EnvironmentStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes an environment. Throws `conflict` when the id is taken, `invalid_parameter` for a bad one. */
  async create(input: NewEnvironment, now: number): Promise<Environment> {
    const made = await this.#insert(input, now)
    if (made) return made
    throw new EngineError('conflict', `There is an environment ${input.id} already`, { where: 'id' })
  }

  /** The environment of this id, made when it is not there; one that is there stays as it is. */
  ensure(input: NewEnvironment, now: number): Promise<Environment> {
    return untilWon(async () => (await this.get(input.id)) ?? (await this.#insert(input, now)))
  }

  /** The environment, or null. */
  async get(id: string): Promise<Environment | null> {
    const row = await this.#database.db.selectFrom('environments').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? toEnvironment(row) : null
  }

  /** All of them, by id. */
  async list(): Promise<readonly Environment[]> {
    const rows = await this.#database.db.selectFrom('environments').selectAll().orderBy('id').execute()
    return rows.map(toEnvironment)
  }

  /** Changes name or settings (by field). Throws `not_found`. */
  update(id: string, patch: EnvironmentPatch, now: number): Promise<Environment> {
    return untilWon(async () => {
      const current = await this.get(id)
      if (!current) throw new EngineError('not_found', `There is no environment ${id}`)
      const row = await this.#database.db
        .updateTable('environments')
        .set({
          name: patch.name ?? current.name,
          settings: JSON.stringify({ ...current.settings, ...defined(patch.settings ?? {}) }),
          updated_at: now,
          version: current.version + 1,
        })
        .where('id', '=', id)
        .where('version', '=', current.version)
        .returningAll()
        .executeTakeFirst()
      return row ? toEnvironment(row) : null
    })
  }

  async #insert(input: NewEnvironment, now: number): Promise<Environment | null> {
    const row = await this.#database.db
      .insertInto('environments')
      .values({
        id: checkedId(input.id, 'id'),
        name: input.name,
        settings: JSON.stringify(input.settings ?? {}),
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst()
    return row ? toEnvironment(row) : null
  }
}

/** Settings as they were stored; an older version knew fewer. */
type StoredSettings = Partial<Omit<EnvironmentSettings, 'retentionDays'>> & { retentionDays?: Partial<RetentionDays> }

function withDefaults(stored: StoredSettings): EnvironmentSettings {
  const retentionDays = { ...DEFAULT_SETTINGS.retentionDays, ...stored.retentionDays }
  return { ...DEFAULT_SETTINGS, ...stored, retentionDays }
}

function toEnvironment(row: Selectable<Tables['environments']>): Environment {
  return {
    id: row.id,
    name: row.name,
    settings: withDefaults(fromJson<StoredSettings>(row.settings)),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  }
}

/** Without the keys whose value is undefined, which would hide what they are spread over. */
function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
