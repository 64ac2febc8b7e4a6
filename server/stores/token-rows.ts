import { createHash, randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { EnvironmentSettings } from './environments.ts'
import { fromJson } from './rows.ts'
import type { Tables } from './tables.ts'
import type {
  AgentPolicy,
  AgentToken,
  NewAccountToken,
  NewAgentToken,
  NewApiToken,
  RateLimit,
  Token,
  TokenEffect,
  TokenRole,
} from './token-types.ts'

/** A row of a token. */
export type TokenRow = Selectable<Tables['tokens']>

const TOKEN_BYTES = 32

/** A new value of a token. */
export function randomToken(prefix: string): string {
  return `${prefix}${randomBytes(TOKEN_BYTES).toString('base64url')}`
}

/** What is kept of a value: its sha256. */
export function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

function commonRow({ rateLimit }: Pick<NewApiToken, 'rateLimit'>, value: string, now: number) {
  const rate_limit = rateLimit ? JSON.stringify(rateLimit) : null
  return { hash: hashOf(value), created_at: now, revoked_at: null, last_used_at: null, rate_limit }
}

/** The limit that holds: its own, or that of its environment. */
export function limitOf(row: TokenRow & { readonly environment_settings: string | null }): RateLimit | null {
  if (row.rate_limit !== null) return fromJson<RateLimit>(row.rate_limit)
  if (row.environment_settings === null) return null
  return fromJson<Partial<EnvironmentSettings>>(row.environment_settings).rateLimit ?? null
}

/** The row of an API token, without its id. */
export function apiRow(input: NewApiToken, value: string, now: number) {
  return {
    ...commonRow(input, value, now),
    kind: 'api',
    name: input.name ?? null,
    role: input.role,
    environment_id: input.environmentId,
    integrated_account_id: null,
    methods: null,
    resources: null,
    effects: null,
    customer_id: null,
    policy: null,
    expires_at: input.expiresAt ?? null,
  }
}

/** The row of an account token, without its id. */
export function accountRow(environmentId: string, input: NewAccountToken, value: string, now: number) {
  return {
    ...commonRow(input, value, now),
    kind: 'account',
    name: input.name ?? null,
    role: null,
    environment_id: environmentId,
    integrated_account_id: input.integratedAccountId,
    methods: input.methods ? JSON.stringify(input.methods) : null,
    resources: input.resources ? JSON.stringify(input.resources) : null,
    effects: JSON.stringify(input.effects ?? ['read']),
    customer_id: input.customerId ?? null,
    policy: null,
    expires_at: input.expiresAt,
  }
}

interface StoredPolicy extends AgentPolicy {
  readonly tenantId: string
  /** The accounts in the order given; those that were deleted since are left out when it is read. */
  readonly accounts: readonly string[]
}

/** The row of a token for an agent, without its id. */
export function agentRow(environmentId: string, input: NewAgentToken, value: string, now: number) {
  const { tags, limits, approval, elicitation, redact, tenantId, integratedAccountIds: accounts } = input
  const policy: StoredPolicy = { tags, limits, approval, elicitation, redact, tenantId, accounts }
  return {
    ...commonRow(input, value, now),
    kind: 'agent',
    name: input.name,
    role: null,
    environment_id: environmentId,
    integrated_account_id: null,
    methods: input.methods && JSON.stringify(input.methods),
    resources: input.resources && JSON.stringify(input.resources),
    effects: JSON.stringify(input.effects),
    customer_id: null,
    policy: JSON.stringify(policy),
    expires_at: input.expiresAt,
  }
}

/** The token of a row; of one for agents with the accounts that it still reaches. */
export function toToken(row: TokenRow, accounts: readonly string[] = []): Token {
  const base = {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    rateLimit: row.rate_limit === null ? null : fromJson<RateLimit>(row.rate_limit),
  }
  if (row.kind === 'api') {
    return { ...base, kind: 'api', environmentId: row.environment_id, role: row.role as TokenRole }
  }
  const reach = {
    environmentId: row.environment_id as string,
    methods: row.methods === null ? null : fromJson<string[]>(row.methods),
    resources: row.resources === null ? null : fromJson<string[]>(row.resources),
    effects: row.effects === null ? [] : fromJson<TokenEffect[]>(row.effects),
  }
  if (row.policy !== null) return { ...base, ...reach, ...agentOf(row.policy, accounts) }
  const integratedAccountId = row.integrated_account_id as string
  return { ...base, ...reach, kind: 'account', integratedAccountId, customerId: row.customer_id }
}

function agentOf(
  text: string,
  left: readonly string[],
): AgentPolicy & Pick<AgentToken, 'kind' | 'tenantId' | 'integratedAccountIds'> {
  const { accounts, ...policy } = fromJson<StoredPolicy>(text)
  return { ...policy, kind: 'agent', integratedAccountIds: accounts.filter((id) => left.includes(id)) }
}
