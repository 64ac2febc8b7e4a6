import { EngineError, type VerifyAnswer } from '../../engine/index.ts'
import type { AccountPatch, Credentials, IntegratedAccount, StatusReason, Stores } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

/** What proving works with. */
export type ProveServices = Pick<Services, 'engine' | 'clock' | 'random'> & {
  readonly stores: Pick<Stores, 'accounts'>
}

/** Credentials that an account does not have yet, with all that comes with them. */
export interface Candidate {
  readonly credentials: Credentials
  readonly patch: AccountPatch
  /** Identity that the grant told by itself; null when the definition's own call has to tell. */
  readonly identity: string | null
}

/**
 * Proves the stored credentials of a new account by the definition's own call, and makes it active. Throws what that threw;
 * then the account is `validation_error`, without credentials.
 */
export async function proveStored(
  services: ProveServices,
  account: IntegratedAccount,
  identity: string | null,
): Promise<IntegratedAccount> {
  try {
    const found = await verified(services, account, identity, undefined)
    return await update(services, account, foundPatch(account, found))
  } catch (thrown) {
    throw await refused(services, account, asEngineError(thrown), { credentials: null })
  }
}

/**
 * Proves credentials beside the stored ones and only then puts them in their place. Throws what proving threw; then an
 * account that is active or switched off stays as it is, and any other keeps its credentials and tells why.
 */
export async function proveCandidate(
  services: ProveServices,
  account: IntegratedAccount,
  candidate: Candidate,
): Promise<IntegratedAccount> {
  const { credentials, patch, identity } = candidate
  const changed = { ...account, ...definedOnly(patch) } as IntegratedAccount
  try {
    const found = await verified(services, changed, identity, credentials)
    return await update(services, account, { ...patch, credentials, ...foundPatch(account, found) })
  } catch (thrown) {
    throw await refused(services, account, asEngineError(thrown), {})
  }
}

async function verified(
  { engine, random }: ProveServices,
  account: IntegratedAccount,
  identity: string | null,
  candidate: Credentials | undefined,
): Promise<VerifyAnswer> {
  const options = { requestId: `connect_${random.id(16)}`, priority: 'interactive', onLimit: 'wait' } as const
  checkSame(account, { identity, livemode: null })
  const answer = await engine.verify(toEngineAccount(account), options, candidate)
  const found = { ...answer, identity: answer.identity ?? identity }
  checkSame(account, found)
  return found
}

function foundPatch(account: IntegratedAccount, found: VerifyAnswer): AccountPatch {
  const { identity, mode, livemode, apiVersion } = found
  const traits = { ...found.traits, ...(apiVersion === null ? {} : { api_version: apiVersion }) }
  return { status: 'active', identity: identity ?? account.identity, mode, livemode, traits }
}

/** The provider's account behind the credentials stays the same, and so does whether its money is real. */
function checkSame(account: IntegratedAccount, found: Pick<VerifyAnswer, 'identity' | 'livemode'>): void {
  const hint = 'Connect it as an integrated account of its own.'
  if (account.identity !== null && found.identity !== null && account.identity !== found.identity) {
    throw new EngineError('invalid_credentials', 'These credentials are of another account of the provider', { hint })
  }
  if (account.livemode === null || found.livemode === null || account.livemode === found.livemode) return
  const [is, was] = account.livemode ? ['test data', 'live'] : ['live data', 'test']
  throw new EngineError('invalid_credentials', `These credentials reach ${is}, and the account is a ${was} one`, {
    hint,
  })
}

/** Notes on the account why it is not active, and answers the error to throw. */
async function refused(
  services: ProveServices,
  account: IntegratedAccount,
  error: EngineError,
  patch: AccountPatch,
): Promise<EngineError> {
  const told = refusedCredentials(error, account)
  const stays = account.status === 'active' || account.status === 'disabled'
  if (stays) return told
  const status = account.status === 'connecting' ? 'validation_error' : account.status
  await update(services, account, { ...patch, status, statusReason: reasonOf(told, services.clock.now()) })
  return told
}

/** Why an account is not active, as it is kept: the provider's words are in the message, never a value of the form. */
const reasonOf = ({ code, message }: EngineError, at: number): StatusReason => ({ code, message, at })

const update = ({ stores, clock }: ProveServices, { environmentId, id }: IntegratedAccount, patch: AccountPatch) =>
  stores.accounts.update(environmentId, id, patch, { now: clock.now() })

const definedOnly = (patch: AccountPatch): AccountPatch =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))

/** A provider that says no to the credentials is told as such; whatever else went wrong keeps its code. */
function refusedCredentials(error: EngineError, account: IntegratedAccount): EngineError {
  const hint = [error.details.hint, wayOn(account)].filter((text) => text !== undefined).join(' ')
  const isNo =
    error.code === 'needs_reauth' || error.code === 'provider_forbidden' || error.code === 'invalid_credentials'
  const code = isNo ? 'invalid_credentials' : error.code
  const said = error.details.provider?.message
  const message = isNo && error.code !== 'invalid_credentials' ? refusal(said) : error.message
  return new EngineError(code, message, { ...error.details, hint, where: isNo ? '/credentials' : error.details.where })
}

const refusal = (said: string | undefined): string =>
  `The provider refused the credentials${said === undefined ? '' : `: ${said}`}`

function wayOn({ id, status }: IntegratedAccount): string {
  if (status === 'active' || status === 'disabled') return `The integrated account ${id} stays as it was.`
  const kept = status === 'connecting' ? 'validation_error' : status
  return `The integrated account ${id} is kept as ${kept}: PATCH /integrated-account/${id} with credentials tries again, DELETE removes it.`
}
