import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import { checkedLimit, fromJson, type JsonObject, type Page, type PageQuery, toPage } from './rows.ts'
import type { Tables } from './tables.ts'

/** Whose layer of overrides: of an environment for one integration, or of one account of it. */
export interface OverrideOwner {
  readonly environmentId: string
  readonly integration: string
  /** Null for the layer of the environment. */
  readonly integratedAccountId: string | null
}

/** How a version came to be. */
export type OverrideChange = 'set' | 'removed' | 'rolled_back'

/** What becomes of a layer. */
export interface NewOverrideVersion {
  readonly change: OverrideChange
  /** The version that a rollback brings back. */
  readonly restored?: number | undefined
  /** `Overrides` of the language as a whole; empty where nothing is overridden. */
  readonly override: JsonObject
  readonly note: string | null
  /** Who, such as `token:tok_1`. */
  readonly actor: string
}

/** A stored version of a layer; the highest one counts. */
export interface OverrideVersion extends NewOverrideVersion {
  /** 1 for the first. */
  readonly version: number
  /** Epoch milliseconds. */
  readonly at: number
}

/** The layers that count for an account; undefined where nothing is overridden. */
export interface CurrentOverrides {
  readonly environment: JsonObject | undefined
  readonly account: JsonObject | undefined
}

/** The overrides of environments and accounts, in versions that are only ever added. They go with their account. */
export class OverrideStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The version that counts, or null before the first. */
  async current(owner: OverrideOwner): Promise<OverrideVersion | null> {
    const row = await this.#versions(owner).orderBy('version', 'desc').limit(1).executeTakeFirst()
    return row ? toVersion(row) : null
  }

  /** One version, or null. */
  async get(owner: OverrideOwner, version: number): Promise<OverrideVersion | null> {
    const row = await this.#versions(owner).where('version', '=', version).executeTakeFirst()
    return row ? toVersion(row) : null
  }

  /** Versions, newest first. */
  async list(owner: OverrideOwner, query: PageQuery = {}): Promise<Page<OverrideVersion>> {
    const limit = checkedLimit(query)
    let rows = this.#versions(owner)
    if (query.after) rows = rows.where('version', '<', query.after.at)
    const found = await rows
      .orderBy('version', 'desc')
      .limit(limit + 1)
      .execute()
    const withId = found.map((row) => ({ ...row, id: row.target }))
    return toPage(withId, limit, ({ version }) => version, toVersion)
  }

  /**
   * Adds the version after `after` (0 before the first). Throws `conflict` when another version counts, `not_found` for an
   * environment or account that is gone.
   */
  async add(owner: OverrideOwner, after: number, next: NewOverrideVersion, now: number): Promise<OverrideVersion> {
    const counts = (await this.current(owner))?.version ?? 0
    if (counts !== after) throw changed(counts)
    try {
      const row = await this.#database.db
        .insertInto('override_versions')
        .values({
          environment_id: owner.environmentId,
          target: targetOf(owner),
          version: after + 1,
          integration: owner.integration,
          integrated_account_id: owner.integratedAccountId,
          change: next.change,
          restored: next.restored ?? null,
          override: JSON.stringify(next.override),
          note: next.note,
          actor: next.actor,
          at: now,
        })
        .onConflict((conflict) => conflict.columns(['environment_id', 'target', 'version']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (row) return toVersion(row)
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('not_found', 'What is to be overridden is not there any more', { cause: error })
    }
    throw changed((await this.current(owner))?.version ?? 0)
  }

  /** Both layers of an account, in one query. */
  async layers(environmentId: string, integration: string, integratedAccountId: string): Promise<CurrentOverrides> {
    const environment = targetOf({ environmentId, integration, integratedAccountId: null })
    const account = targetOf({ environmentId, integration, integratedAccountId })
    const rows = await this.#counting(environmentId).where('one.target', 'in', [environment, account]).execute()
    const layer = (target: string) => filled(rows.find((row) => row.target === target)?.override)
    return { environment: layer(environment), account: layer(account) }
  }

  /** The accounts of an environment and integration that override something, by id, with what counts. */
  async ofAccounts(environmentId: string, integration: string): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = await this.#counting(environmentId)
      .where('one.integration', '=', integration)
      .where('one.integrated_account_id', 'is not', null)
      .orderBy('one.integrated_account_id')
      .execute()
    const layers = rows.map(({ account, override }) => [account ?? '', filled(override)] as const)
    return new Map(layers.filter((layer): layer is readonly [string, JsonObject] => layer[1] !== undefined))
  }

  /** Of each layer of an environment the version that counts. */
  #counting(environmentId: string) {
    return this.#database.db
      .selectFrom('override_versions as one')
      .select(['one.target', 'one.integrated_account_id as account', 'one.override'])
      .where('one.environment_id', '=', environmentId)
      .where('one.version', '=', ({ selectFrom }) =>
        selectFrom('override_versions as each')
          .select(({ fn }) => fn.max('each.version').as('version'))
          .whereRef('each.environment_id', '=', 'one.environment_id')
          .whereRef('each.target', '=', 'one.target'),
      )
  }

  #versions(owner: OverrideOwner) {
    return this.#database.db
      .selectFrom('override_versions')
      .selectAll()
      .where('environment_id', '=', owner.environmentId)
      .where('target', '=', targetOf(owner))
  }
}

const targetOf = ({ integration, integratedAccountId }: OverrideOwner): string =>
  integratedAccountId === null ? `integration:${integration}` : `integrated_account:${integratedAccountId}`

function filled(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  const override = fromJson<JsonObject>(text)
  return Object.keys(override).length === 0 ? undefined : override
}

const changed = (version: number): EngineError =>
  new EngineError('conflict', `The overrides are at version ${version}`, {
    where: 'current_version',
    hint: 'Read them again, put your change into what is there now, and give that version.',
  })

function toVersion(row: Selectable<Tables['override_versions']>): OverrideVersion {
  return {
    version: row.version,
    change: row.change as OverrideChange,
    restored: row.restored ?? undefined,
    override: fromJson(row.override),
    note: row.note,
    actor: row.actor,
    at: row.at,
  }
}
