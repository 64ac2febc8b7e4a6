import { EngineError, type Fault } from '../../engine/index.ts'
import type { Job } from '../jobs/index.ts'
import type {
  AgentToken,
  AuditedAct,
  Environment,
  JsonObject,
  Keyset,
  LoggedRequest,
  OverrideOwner,
  OverrideVersion,
  Page,
  PageQuery,
  RateLimit,
  RawEvent,
  Token,
} from '../stores/index.ts'
import type { CallContext, Reply } from './context.ts'

export { accountOut, eventOut } from '../stores/index.ts'

/** A rate limit on the wire. */
export interface GivenRateLimit {
  readonly requests: number
  readonly window_s: number
}

/** An instant as RFC 3339 text, or null. */
export function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** Epoch ms of an instant that a caller gives. Throws invalid_parameter. */
export function instantIn(given: string | undefined, where: string): number | undefined {
  if (given === undefined) return undefined
  const at = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new EngineError('invalid_parameter', `${where} is no instant of RFC 3339`, { where })
}

/** A provider's own event on the wire; what the provider sent only where one is asked for alone. */
export function rawEventOut(event: RawEvent, withBody = false): JsonObject {
  return {
    id: event.id,
    integrated_account_id: event.accountId,
    provider_id: event.providerId,
    type: event.type,
    api_version: event.apiVersion,
    source: event.source,
    status: event.status,
    error: event.error,
    received_at: instant(event.receivedAt),
    ...(withBody ? { body: event.value } : {}),
  }
}

/** A job on the wire; the payload only where one is asked for alone. */
export function jobOut(job: Job, withPayload = false): JsonObject {
  return {
    id: job.id,
    environment: job.environmentId,
    name: job.name,
    status: job.status,
    attempts: job.attempts,
    max_attempts: job.maxAttempts,
    run_at: instant(job.runAt),
    last_error: job.lastError,
    created_at: instant(job.createdAt),
    ...(withPayload ? { payload: job.payload } : {}),
  }
}

function rateLimitOut(limit: RateLimit | null): JsonObject | null {
  return limit && { requests: limit.requests, window_s: limit.windowS }
}

/** A rate limit as a caller gives it. */
export function rateLimitIn(given: GivenRateLimit | null | undefined): RateLimit | null {
  return given ? { requests: given.requests, windowS: given.window_s } : null
}

/** A token on the wire, without its value. */
export function tokenOut(token: Token): JsonObject {
  const base = {
    id: token.id,
    kind: token.kind,
    name: token.name,
    environment: token.environmentId,
    created_at: instant(token.createdAt),
    expires_at: instant(token.expiresAt),
    revoked_at: instant(token.revokedAt),
    last_used_at: instant(token.lastUsedAt),
    rate_limit: rateLimitOut(token.rateLimit),
  }
  if (token.kind === 'api') return { ...base, role: token.role }
  const { methods, resources, effects } = token
  const reach = { ...base, methods, resources, effects }
  if (token.kind === 'agent') return { ...reach, ...agentOut(token) }
  return { ...reach, integrated_account_id: token.integratedAccountId, customer_id: token.customerId }
}

function agentOut(token: AgentToken): JsonObject {
  const { tenantId, integratedAccountIds, tags, limits, approval, elicitation, redact } = token
  return {
    tenant_id: tenantId,
    integrated_account_ids: integratedAccountIds,
    tags,
    limits: limits?.map(({ currency, perCall, perDay }) => ({ currency, per_call: perCall, per_day: perDay })) ?? null,
    ...{ approval, elicitation, redact },
  }
}

/** An environment on the wire. */
export function environmentOut({ id, name, settings, createdAt, updatedAt }: Environment): JsonObject {
  const { timezone, allowedOrigins, redirectUris, brand, rateLimit, retentionDays, webhookSetup, identityRules } =
    settings
  const { privacyUrl, ...dress } = brand
  return {
    id,
    name,
    timezone,
    allowed_origins: allowedOrigins,
    rate_limit: rateLimitOut(rateLimit),
    retention_days: {
      request_log: retentionDays.requestLog,
      audit_log: retentionDays.auditLog,
      events: retentionDays.events,
      changes: retentionDays.changes,
      deliveries: retentionDays.deliveries,
    },
    redirect_uris: redirectUris,
    brand: { ...dress, privacy_url: privacyUrl },
    webhook_setup: webhookSetup,
    identity_rules: identityRules,
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  }
}

/** A version of overrides on the wire, without its content. */
export function versionOut({ version, change, restored, note, actor, at }: OverrideVersion): JsonObject {
  return { version, change, restored_version: restored ?? null, note, by: actor, at: instant(at) }
}

/** Overrides on the wire; null is what was never set. */
export function overrideOut(
  { environmentId, integration, integratedAccountId }: OverrideOwner,
  found: (OverrideVersion & { readonly warnings?: readonly Fault[] }) | null,
): JsonObject {
  const none = { version: 0, change: null, restored_version: null, note: null, by: null, at: null }
  return {
    environment: environmentId,
    integration,
    integrated_account_id: integratedAccountId,
    ...(found === null ? none : versionOut(found)),
    override: found?.override ?? {},
    ...(found?.warnings === undefined || found.warnings.length === 0 ? {} : { warnings: found.warnings }),
  }
}

/** A line of the request log on the wire. */
export function requestOut(entry: LoggedRequest): JsonObject {
  return {
    id: entry.id,
    request_id: entry.requestId,
    integrated_account_id: entry.integratedAccountId,
    token_id: entry.tokenId,
    method: entry.method,
    path: entry.path,
    status: entry.status,
    duration_ms: entry.durationMs,
    upstream_requests: entry.upstreamRequests,
    error_code: entry.errorCode,
    at: instant(entry.at),
  }
}

/** An act of the audit log on the wire. */
export function actOut(act: AuditedAct): JsonObject {
  const { id, actor, action, target, outcome, requestId, details, at } = act
  return { id, actor, action, target, outcome, request_id: requestId, details, at: instant(at) }
}

/** The page that a query asks for, and everything in the query that is not about paging. */
export function readPageQuery(
  context: CallContext,
  list: string,
  pairs: readonly (readonly [string, string])[],
): { readonly page: PageQuery; readonly filters: Readonly<Record<string, string>>; readonly binding: string } {
  const given = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (given.has(name))
      throw new EngineError('invalid_parameter', `\`${name}\` is given more than once`, { where: name })
    given.set(name, value)
  }
  const { limit, next_cursor: cursor, ...filters } = Object.fromEntries(given)
  const environment = context.caller.environmentId
  const binding = JSON.stringify(['platform', list, environment, Object.entries(filters).sort()])
  const after = cursor === undefined ? null : (context.services.cursors.open(cursor, binding) as Keyset)
  return { page: { limit: limit === undefined ? undefined : wholeNumber(limit), after }, filters, binding }
}

/** NaN for anything but digits. */
const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN)

/** The envelope of lists of the platform's own objects. */
export function pageReply<T>(
  context: CallContext,
  binding: string,
  page: Page<T>,
  write: (item: T) => JsonObject,
): Reply {
  const next = page.next === null ? null : context.services.cursors.seal(page.next, binding)
  return { status: 200, body: { result: page.result.map(write), next_cursor: next, limit: page.limit } }
}
