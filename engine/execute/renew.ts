import { EngineError, type ErrorCode } from '../errors.ts'
import { type Granted, grantForNobody, grantForRefreshToken, refusalOf } from '../oauth/index.ts'
import type { GrantEnd, GrantStore, Lock, StoredGrant } from '../ports.ts'
import { backoffMs, longestWait, withDetails } from '../resilience/index.ts'
import type { EngineContext } from './context.ts'
import { type GrantHolder, partyOf } from './party.ts'

/** How long one renewal tries in all, in milliseconds. */
const RENEW_MS = 30_000
/** What the lock outlives the longest answer by, in milliseconds: time to read and to store. */
const MARGIN_MS = 5_000
const BACKOFF = { baseMs: 250, capMs: 5_000 }
const STORE_ATTEMPTS = 4

const PASSING: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'provider_unavailable',
  'provider_bad_response',
  'timeout',
  'connection_failed',
  'overloaded',
  'store_failed',
])

/** Whether a failure says nothing about the grant, so that asking again may help. */
export const isPassing = (thrown: unknown): boolean => thrown instanceof EngineError && PASSING.has(thrown.code)

/** One renewal, by whatever process. */
interface Renewal {
  readonly context: EngineContext
  readonly holder: GrantHolder
  readonly grants: GrantStore
  readonly lock: Lock
  /** The version that is not good enough. */
  readonly version: number
}

/**
 * Renews a grant and stores it, one process at a time; what another process stored meanwhile is taken as it is. Failures
 * that pass are tried again, unless `isEarly`. Throws needs_reauth when the grant is over, for good and told by its account.
 */
export async function renew(
  context: EngineContext,
  holder: GrantHolder,
  version: number,
  isEarly: boolean,
): Promise<StoredGrant> {
  const { grants, lock, clock, random, log } = context.ports
  if (grants === undefined || lock === undefined)
    throw new EngineError('internal', 'A renewal needs a store and a lock')
  const renewal: Renewal = { context, holder, grants, lock, version }
  const until = clock.now() + RENEW_MS
  const ttlMs = (holder.method.oauth2?.token.timeoutMs ?? 0) + MARGIN_MS
  const name = `grant/${holder.account.environmentId}/${holder.account.id}`
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await lock.run(name, ttlMs, (fence) => renewOnce(renewal, fence))
    } catch (thrown) {
      if (!isPassing(thrown) || !(thrown instanceof EngineError)) throw thrown
      const { code, details } = thrown
      log.warn({ integrated_account_id: holder.account.id, attempt, code }, 'a token was not renewed yet')
      const waitMs = longestWait(backoffMs(attempt, BACKOFF, random.next()), details.waitMs) ?? 0
      if (isEarly || clock.now() + waitMs >= until) throw withDetails(thrown, { waitMs })
      await clock.sleep(waitMs)
    }
  }
}

/** Under the lock: look again, note what is about to happen, ask, store. */
async function renewOnce(renewal: Renewal, fence: number): Promise<StoredGrant> {
  const { context, holder, grants, version } = renewal
  const { environmentId, id } = holder.account
  const stored = await grants.read(environmentId, id)
  if (stored.tokenVersion !== version) return stored
  if (stored.isOver) throw over(holder)
  const party = partyOf(context, { ...holder, credentials: stored.credentials })
  if (party.oauth2.grant !== 'authorization_code') return keep(renewal, stored, await forNobody(renewal, stored, party))
  const { refresh_token: refreshToken = '' } = stored.credentials.reveal()
  if (refreshToken === '') return giveUp(renewal, stored, 'grant_expired')
  const now = context.ports.clock.now()
  if (!(await grants.begin(environmentId, id, { tokenVersion: version, fence, now })))
    return grants.read(environmentId, id)
  try {
    return await keep(renewal, stored, await grantForRefreshToken(party, refreshToken))
  } catch (thrown) {
    if (refusalOf(thrown) === 'invalid_grant')
      return refused(renewal, stored, { cause: thrown, rotates: party.oauth2.refresh.rotates })
    if (stored.pendingFence === null && changedNothing(thrown)) await grants.settle(environmentId, id, fence)
    throw thrown
  }
}

const UNCHANGED: ReadonlySet<ErrorCode> = new Set(['authorization_failed', 'oauth_app_refused', 'rate_limited'])

/** An answer that refuses, or a request that never left: the refresh token is as it was. */
const changedNothing = (thrown: unknown): boolean =>
  thrown instanceof EngineError && (thrown.details.sent === false || UNCHANGED.has(thrown.code))

/** A new token for the asking; what refuses it is what the person gave. */
async function forNobody(renewal: Renewal, stored: StoredGrant, party: ReturnType<typeof partyOf>): Promise<Granted> {
  try {
    return await grantForNobody(party)
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'needs_reauth') throw thrown
    const { environmentId, id } = renewal.holder.account
    const now = renewal.context.ports.clock.now()
    await renewal.grants.giveUp(environmentId, id, { tokenVersion: stored.tokenVersion, reason: 'grant_refused', now })
    throw thrown
  }
}

/** Stores what was granted before anybody uses it; a database that fails for a moment must not lose it. */
async function keep({ context, holder, grants }: Renewal, stored: StoredGrant, granted: Granted): Promise<StoredGrant> {
  const { clock } = context.ports
  const { environmentId, id } = holder.account
  const credentials = merged(stored, granted)
  const { expiresAt, renewAt } = granted
  const next = { tokenVersion: stored.tokenVersion, credentials, expiresAt, renewAt }
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await grants.replace(environmentId, id, { ...next, now: clock.now() })))
        return await grants.read(environmentId, id)
      return { ...next, tokenVersion: stored.tokenVersion + 1, pendingFence: null, isOver: false }
    } catch (thrown) {
      if (attempt >= STORE_ATTEMPTS) throw thrown
      await clock.sleep(BACKOFF.baseMs * attempt)
    }
  }
}

/** An answer without a refresh token keeps the present one (RFC 6749 6). */
const merged = (stored: StoredGrant, { credentials }: Granted): StoredGrant['credentials'] =>
  credentials.map((granted) => ({ ...stored.credentials.reveal(), ...granted }))

/** Before a refusal is believed the stored grant is read again: somebody else may have renewed it. */
async function refused(
  renewal: Renewal,
  stored: StoredGrant,
  { cause, rotates }: { readonly cause: unknown; readonly rotates: boolean },
): Promise<StoredGrant> {
  const { holder, grants } = renewal
  const now = await grants.read(holder.account.environmentId, holder.account.id)
  if (now.tokenVersion !== stored.tokenVersion) return now
  const isCutOff = rotates && stored.pendingFence !== null
  return giveUp(renewal, stored, isCutOff ? 'renewal_interrupted' : 'grant_refused', cause)
}

async function giveUp(
  { holder, grants, context }: Renewal,
  stored: StoredGrant,
  reason: GrantEnd,
  cause?: unknown,
): Promise<StoredGrant> {
  const { environmentId, id } = holder.account
  const end = { tokenVersion: stored.tokenVersion, reason, now: context.ports.clock.now() }
  if (!(await grants.giveUp(environmentId, id, end))) return grants.read(environmentId, id)
  context.ports.log.warn({ integrated_account_id: id, reason }, 'a grant is over; the account must be connected again')
  throw over(holder, reason, cause)
}

const WORDS: Readonly<Record<GrantEnd, string>> = {
  grant_refused: 'the provider refused its grant',
  grant_expired: 'its token expired and there is nothing to renew it with',
  renewal_interrupted: 'a renewal of its token was cut off, and the provider takes the old one no more',
}

function over({ account }: GrantHolder, reason: GrantEnd = 'grant_refused', cause?: unknown): EngineError {
  const provider = cause instanceof EngineError ? cause.details.provider : undefined
  return new EngineError(
    'needs_reauth',
    `The integrated account ${account.id} must be connected again: ${WORDS[reason]}`,
    {
      provider,
      cause,
    },
  )
}
