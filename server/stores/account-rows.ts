import type { Selectable } from 'kysely'
import { Secret } from '../../engine/index.ts'
import type {
  AccountPatch,
  AccountStatus,
  Credentials,
  IntegratedAccount,
  StatusReason,
  WebhookState,
} from './account-types.ts'
import type { LeftGrant } from './partings.ts'
import { fromJson, type JsonObject } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

/** A row of an account. */
export type AccountRow = Selectable<Tables['integrated_accounts']>

/** Columns of the credentials, sealed to their row. */
export function sealedCredentials(
  vault: Vault,
  environmentId: string,
  id: string,
  credentials: Credentials | null,
): Pick<AccountRow, 'credentials' | 'credentials_key_id'> {
  if (!credentials) return { credentials: null, credentials_key_id: null }
  const sealed = vault.encrypt(credentialsAddress(environmentId, id), JSON.stringify(credentials.reveal()))
  return { credentials: sealed.text, credentials_key_id: sealed.keyId }
}

/** The credentials of a row, or null without any. Throws as Vault.decrypt. */
export function openedCredentials(
  vault: Vault,
  row: Pick<AccountRow, 'environment_id' | 'id' | 'credentials'>,
): Credentials | null {
  if (row.credentials === null) return null
  const text = vault.decrypt(credentialsAddress(row.environment_id, row.id), row.credentials)
  return new Secret(fromJson<Readonly<Record<string, string>>>(text))
}

/** What a row of an account leaves when it is deleted, or null without credentials. Throws as Vault.decrypt. */
export function leftIn(vault: Vault, row: AccountRow): LeftGrant | null {
  const credentials = openedCredentials(vault, row)
  return credentials && { credentials, expiresAt: row.expires_at, renewAt: row.renew_at }
}

/** From when a token is to be renewed that a change stored, or made count again; null for any other change. */
export const dueAfter = (before: AccountRow, after: AccountRow): number | null =>
  after.token_version !== before.token_version || after.status !== before.status ? after.renew_at : null

/** Columns of when the credentials end. */
export const timesOf = ({ expiresAt, renewAt }: AccountPatch) => ({
  expires_at: expiresAt ?? null,
  renew_at: renewAt ?? null,
})

/** Where an account's credentials are sealed to. */
export function credentialsAddress(environmentId: string, id: string): RowAddress {
  return { table: 'integrated_accounts', environmentId, row: [id] }
}

const WITHOUT_CREDENTIALS = { code: 'no_credentials', message: 'It has no credentials any more' }

/** What stands for a reason where none was given. */
const REASONS: Readonly<Record<AccountStatus, string | null>> = {
  connecting: null,
  active: null,
  needs_reauth: 'It must be connected again',
  validation_error: 'The credentials are not proven',
  post_install_error: 'Setting it up at the provider failed',
  disabled: 'It is switched off',
}

/** What stands for a reason of a status. */
const messageOf = (status: AccountStatus): string => REASONS[status] ?? ''

/** Columns of what may change; without a reason one is put in its place. */
export function fieldsOf(input: AccountPatch, now: number) {
  const { status = 'connecting' } = input
  const message = REASONS[status]
  const reason = input.statusReason ?? (message === null ? null : { code: status, message, at: now })
  return {
    status,
    status_reason: reason === null ? null : JSON.stringify(reason),
    authentication_method: input.authenticationMethod ?? null,
    settings: JSON.stringify(input.settings ?? {}),
    context: JSON.stringify(input.context ?? {}),
    traits: JSON.stringify(input.traits ?? {}),
    identity: input.identity ?? null,
    mode: input.mode ?? null,
    livemode: input.livemode === undefined || input.livemode === null ? null : Number(input.livemode),
    webhook: input.webhook ? JSON.stringify(input.webhook) : null,
  }
}

/** The account in a row. */
export function toAccount(row: AccountRow): IntegratedAccount {
  return {
    id: row.id,
    environmentId: row.environment_id,
    integration: row.integration,
    tenantId: row.tenant_id,
    status: row.status as AccountStatus,
    statusReason: row.status_reason === null ? null : fromJson<StatusReason>(row.status_reason),
    authenticationMethod: row.authentication_method,
    hasCredentials: row.credentials !== null,
    settings: fromJson<JsonObject>(row.settings),
    context: fromJson<JsonObject>(row.context),
    traits: fromJson<JsonObject>(row.traits),
    identity: row.identity,
    mode: row.mode,
    livemode: row.livemode === null ? null : row.livemode === 1,
    webhook: row.webhook === null ? null : fromJson<WebhookState>(row.webhook),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  }
}

/** Columns of a row as a patch leaves them. */
export function changedFields(vault: Vault, current: AccountRow, patch: AccountPatch, now: number) {
  const before = toAccount(current)
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
  const next = {
    ...before,
    ...(given.status === undefined || given.status === before.status ? {} : { statusReason: null }),
    ...given,
  }
  const fields = fieldsOf(next, now)
  const token_version = current.token_version + 1
  if (patch.credentials) {
    const sealed = sealedCredentials(vault, current.environment_id, current.id, patch.credentials)
    return { ...fields, ...sealed, ...timesOf(patch), token_version }
  }
  const keeps = patch.credentials === undefined && next.settings.base_url === before.settings.base_url
  if (keeps || current.credentials === null) return fields
  const gone = { ...fields, ...sealedCredentials(vault, '', '', null), ...timesOf({}), token_version }
  if (fields.status !== 'active') return gone
  return { ...gone, status: 'needs_reauth', status_reason: JSON.stringify({ ...WITHOUT_CREDENTIALS, at: now }) }
}

/** A reason of the change stands on the account, where the patch has none of its own. */
export function withReason(
  patch: AccountPatch,
  { reason, now }: { readonly reason?: string | undefined; readonly now: number },
): AccountPatch {
  const { status, statusReason } = patch
  if (reason === undefined || status === undefined || statusReason) return patch
  return { ...patch, statusReason: { code: reason, message: messageOf(status), at: now } }
}
