import { type Account, EngineError } from '../../engine/index.ts'
import type { CurrentOverrides, IntegratedAccount, JsonObject } from '../stores/index.ts'
import type { CallContext } from './context.ts'
import { accountsOf } from './reach.ts'

/** A connected account as stored and as the engine wants it. */
export interface ChosenAccount {
  readonly stored: IntegratedAccount
  readonly account: Account
}

/** Which account a call names. */
export interface AccountChoice {
  readonly integratedAccountId?: string | undefined
  readonly tenantId?: string | undefined
}

/**
 * The one account that a call is for, active. Throws ambiguous_account, unknown_account (also for one of another
 * environment or out of the token's reach), needs_reauth or account_not_active.
 */
export async function chooseAccount(context: CallContext, choice: AccountChoice): Promise<ChosenAccount> {
  const stored = await findAccount(context, wantedId(context, choice))
  requireActive(stored)
  const account = plainAccount(stored)
  context.trace.account = account
  return { stored, account }
}

/** Throws needs_reauth or account_not_active for an account that cannot be called. */
export function requireActive(stored: IntegratedAccount): void {
  if (stored.status === 'needs_reauth') {
    throw new EngineError('needs_reauth', `The integrated account ${stored.id} must be connected again`, {
      hint: 'Give new credentials with PATCH /integrated-account/{id}.',
    })
  }
  if (stored.status !== 'active') {
    throw new EngineError('account_not_active', `The integrated account ${stored.id} is ${stored.status}, not active`)
  }
}

/** The account of this id, or that of the token, whatever its status: what was synced of it is there. Throws as chooseAccount. */
export function chooseStored(
  context: CallContext,
  integratedAccountId: string | undefined,
): Promise<IntegratedAccount> {
  return findAccount(context, wantedId(context, { integratedAccountId }))
}

function wantedId({ caller: { token } }: CallContext, choice: AccountChoice): string {
  const wanted = choice.integratedAccountId
  const bound = accountsOf(token)
  const [only] = bound ?? []
  if (only !== undefined && bound?.length === 1) {
    if (wanted === undefined || wanted === only) return only
    throw unknownAccount(wanted)
  }
  if (wanted !== undefined && wanted !== '' && !wanted.includes(',')) return wanted
  const several = wanted?.includes(',') === true || choice.tenantId !== undefined
  throw new EngineError(
    'ambiguous_account',
    several ? 'The call names several accounts' : 'The call names no account',
    {
      where: 'integrated_account_id',
      hint: several
        ? 'Make one call for each account: integrated_account_id=<id>.'
        : 'Add integrated_account_id=<id>, or use a token of one account. GET /integrated-account lists the accounts.',
    },
  )
}

/** The account of this id where the caller may look. Throws unknown_account. */
export async function findAccount(context: CallContext, id: string): Promise<IntegratedAccount> {
  const { services, caller, trace } = context
  const { token } = caller
  if (accountsOf(token)?.includes(id) === false) throw unknownAccount(id)
  for (const environmentId of caller.environments) {
    const stored = await services.reads.account(environmentId, id)
    if (stored === null || (token.kind === 'agent' && stored.tenantId !== token.tenantId)) continue
    trace.environmentId = environmentId
    trace.accountId = stored.id
    return stored
  }
  throw unknownAccount(id)
}

function unknownAccount(id: string): EngineError {
  return new EngineError('unknown_account', `There is no integrated account ${id.slice(0, 128)}`, {
    where: 'integrated_account_id',
    hint: 'GET /integrated-account lists the accounts of this environment.',
  })
}

/** By stored account, which stays the same object while nothing is written: the engine keeps what it finds out about one. */
const plain = new WeakMap<IntegratedAccount, Account>()

function plainAccount(stored: IntegratedAccount): Account {
  const known = plain.get(stored)
  if (known !== undefined) return known
  const account = toEngineAccount(stored)
  plain.set(stored, account)
  return account
}

/** The engine's view of a stored account; what maps records gives its overrides along. */
export function toEngineAccount(stored: IntegratedAccount, overrides: Partial<CurrentOverrides> = {}): Account {
  const { base_url: baseUrl, ...settings } = stored.settings
  const version = stored.traits.api_version
  return {
    id: stored.id,
    environmentId: stored.environmentId,
    tenantId: stored.tenantId,
    integration: stored.integration,
    authMethod: stored.authenticationMethod ?? '',
    mode: stored.mode,
    livemode: stored.livemode,
    apiVersion: typeof version === 'string' ? version : null,
    connection: textsOf(settings),
    traits: stored.traits,
    baseUrl: typeof baseUrl === 'string' ? baseUrl : null,
    overrides,
  }
}

function textsOf(settings: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}
