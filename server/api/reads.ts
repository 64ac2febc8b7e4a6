import { createHash } from 'node:crypto'
import type { Clock, CredentialStore, StoredGrant } from '../../engine/index.ts'
import type {
  Credentials,
  CurrentOverrides,
  Environment,
  IntegratedAccount,
  Stores,
  TokenCheck,
} from '../stores/index.ts'

/** What every call reads before anything else. */
export interface Reads extends CredentialStore {
  /** The grant of an account, for a call; renewals read it from the store itself. */
  grant(environmentId: string, accountId: string): Promise<StoredGrant>
  /** What an environment brings for an auth method. Throws oauth_app_missing. */
  app(environmentId: string, integration: string, method: string): Promise<Credentials>
  token(value: string): Promise<TokenCheck>
  account(environmentId: string, id: string): Promise<IntegratedAccount | null>
  environment(id: string): Promise<Environment | null>
  /** What the environment and the account override of the account's integration. */
  overrides(account: IntegratedAccount): Promise<CurrentOverrides>
}

const MOST_KEPT = 2_000

/**
 * Reads that remember what they read until anything is written to the database, by this process or another one. So a
 * revoked token or a changed account holds from the next call on, and a busy proxy does not ask the database each time.
 */
export function createReads(stores: Stores, clock: Pick<Clock, 'now'>): Reads {
  const tokens = new Memory<TokenCheck>(stores)
  const accounts = new Memory<IntegratedAccount | null>(stores)
  const credentials = new Memory<Credentials>(stores)
  const grants = new Memory<StoredGrant>(stores)
  const apps = new Memory<Credentials>(stores)
  const environments = new Memory<Environment | null>(stores)
  const overrides = new Memory<CurrentOverrides>(stores)
  return {
    token: async (value) => {
      const key = createHash('sha256').update(value).digest('base64')
      return current(await tokens.get(key, () => stores.tokens.check(value, clock.now())), clock.now())
    },
    account: (environmentId, id) =>
      accounts.get(`${environmentId}/${id}`, () => stores.accounts.get(environmentId, id)),
    environment: (id) => environments.get(id, () => stores.environments.get(id)),
    overrides: ({ environmentId, integration, id }) =>
      overrides.get(`${environmentId}/${id}`, () => stores.overrides.layers(environmentId, integration, id)),
    grant: (environmentId, id) => grants.get(`${environmentId}/${id}`, () => stores.grants.read(environmentId, id)),
    app: (environmentId, integration, method) =>
      apps.get(`${environmentId}/${integration}/${method}`, () =>
        stores.oauthApps.load(environmentId, integration, method),
      ),
    load: (environmentId, id) =>
      credentials.get(`${environmentId}/${id}`, () => stores.accounts.load(environmentId, id)),
  }
}

/** Time goes on without a write: a token that was valid when it was read may have expired since. */
function current(check: TokenCheck, now: number): TokenCheck {
  if (check.state !== 'valid' || check.token.expiresAt === null || check.token.expiresAt > now) return check
  return { state: 'expired', token: check.token }
}

/** Values that hold for one stamp of the database. */
class Memory<T> {
  readonly #stores: Pick<Stores, 'stamp'>
  readonly #kept = new Map<string, T>()
  #stamp: string | null = null

  constructor(stores: Pick<Stores, 'stamp'>) {
    this.#stores = stores
  }

  async get(key: string, read: () => Promise<T>): Promise<T> {
    const stamp = this.#stores.stamp()
    if (stamp === null) return read()
    if (stamp !== this.#stamp || this.#kept.size >= MOST_KEPT) {
      this.#kept.clear()
      this.#stamp = stamp
    }
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const value = await read()
    // What was read while somebody wrote may be from before: it is used, and not kept.
    if (this.#stamp === stamp && this.#stores.stamp() === stamp) this.#kept.set(key, value)
    return value
  }
}
