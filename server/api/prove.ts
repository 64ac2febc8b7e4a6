import { EngineError, type VerifyAnswer } from '../../engine/index.ts'
import type { AccountPatch, Credentials, IntegratedAccount, StatusReason, Stores } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { install, installFailed } from './install.ts'
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
 * Proves the stored credentials of a new account by the definition's own call, sets it up, and makes it active. Throws what
 * that threw; then the account is `validation_error`, with its credentials only where it was not they that failed, or
 * `post_install_error`.
 */
export async function proveStored(
  services: ProveServices,
  account: IntegratedAccount,
  identity: string | null,
): Promise<IntegratedAccount> {
  const found = await verified(services, account, identity, undefined).catch(refusing(services, account))
  return setUp(services, account, { patch: foundPatch(account, found, services.clock.now()) })
}

/** Tries again what stopped an account on its way: proves the stored credentials, or goes on at the step that failed. */
export function proveAgain(services: ProveServices, account: IntegratedAccount): Promise<IntegratedAccount> {
  if (account.status !== 'post_install_error') return proveStored(services, account, null)
  return setUp(services, account, { patch: { status: 'active' }, from: account.statusReason?.step })
}

/**
 * Proves credentials beside the stored ones, sets the account up with them, and only then puts them in their place. Throws
 * what that threw; then an account that is active or switched off stays as it is, and any other tells why.
 */
export async function proveCandidate(
  services: ProveServices,
  account: IntegratedAccount,
  { credentials, patch, identity }: Candidate,
): Promise<IntegratedAccount> {
  const changed = { ...account, ...definedOnly(patch) } as IntegratedAccount
  const found = await verified(services, changed, identity, credentials).catch(refusing(services, account))
  return setUp(services, account, {
    patch: { ...patch, ...foundPatch(account, found, services.clock.now()) },
    credentials,
  })
}

/**
 * Proves other settings with the stored credentials, and only then takes them over; an account that is switched off stays so.
 * Throws as proveCandidate.
 */
export async function proveSettings(
  services: ProveServices,
  account: IntegratedAccount,
  patch: AccountPatch,
): Promise<IntegratedAccount> {
  const changed = { ...account, ...definedOnly(patch) } as IntegratedAccount
  const found = await verified(services, changed, null, undefined).catch(refusing(services, account))
  const next = { ...patch, ...foundPatch(account, found, services.clock.now()) }
  if (account.status === 'post_install_error') {
    return setUp(services, account, { patch: next, from: account.statusReason?.step })
  }
  if (account.status !== 'disabled') return update(services, account, next)
  return update(services, account, { ...next, status: 'disabled', statusReason: undefined })
}

/** What an account is to become once it is set up. */
interface Proven {
  readonly patch: AccountPatch
  /** To be stored in place of those that are. */
  readonly credentials?: Credentials | undefined
  /** Step to go on at. */
  readonly from?: string | undefined
}

async function setUp(
  services: ProveServices,
  account: IntegratedAccount,
  { patch, credentials, from }: Proven,
): Promise<IntegratedAccount> {
  const proven = { ...account, ...definedOnly(patch) } as IntegratedAccount
  const { patch: left, stopped } = await install(services, proven, { credentials, from })
  const stays = isGood(account)
  const next = { ...patch, credentials, ...left }
  if (stopped === null) return update(services, account, next, stays && credentials !== undefined)
  if (stays) throw installFailed(stopped, `The integrated account ${account.id} stays as it was.`)
  const statusReason = { ...reasonOf(stopped.error, services.clock.now()), step: stopped.step }
  await update(services, account, { ...next, status: 'post_install_error', statusReason })
  const path = `POST /integrated-account/${account.id}/retry`
  throw installFailed(stopped, `It is kept as post_install_error: ${path} goes on at that step.`)
}

/** An account that works, or worked when it was switched off. */
const isGood = ({ status }: IntegratedAccount): boolean => status === 'active' || status === 'disabled'

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

function foundPatch(account: IntegratedAccount, found: VerifyAnswer, nowMs: number): AccountPatch {
  const { identity, unnamed, mode, livemode, apiVersion } = found
  const traits = { ...account.traits, ...found.traits, ...(apiVersion === null ? {} : { api_version: apiVersion }) }
  const statusReason = identity === null && unnamed !== null ? unnamedReason(unnamed, nowMs) : null
  return { status: 'active', statusReason, identity: identity ?? account.identity, mode, livemode, traits }
}

/** What an active account tells that nobody could name: another one's credentials would pass as well. */
const unnamedReason = (unnamed: string, at: number): StatusReason => ({
  code: 'identity_unknown',
  message: `${unnamed}, so that credentials of another account of the provider would not be noticed`,
  at,
})

/** The provider's account behind the credentials stays the same, and so does whether its money is real. */
function checkSame(account: IntegratedAccount, found: Pick<VerifyAnswer, 'identity' | 'livemode'>): void {
  const hint = 'Connect it as an integrated account of its own.'
  if (account.identity !== null && found.identity !== null && account.identity !== found.identity) {
    throw new EngineError('another_account', 'These credentials are of another account of the provider', { hint })
  }
  if (account.livemode === null || found.livemode === null || account.livemode === found.livemode) return
  const [is, was] = account.livemode ? ['test data', 'live'] : ['live data', 'test']
  throw new EngineError('another_account', `These credentials reach ${is}, and the account is a ${was} one`, {
    hint,
  })
}

/** Notes on the account why it is not active, and throws the error to tell. */
const refusing =
  (services: ProveServices, account: IntegratedAccount) =>
  async (thrown: unknown): Promise<never> => {
    const error = asEngineError(thrown)
    const told = refusedCredentials(error, account)
    if (isGood(account)) throw told
    const status = account.status === 'connecting' ? 'validation_error' : account.status
    const patch = status === 'validation_error' && !error.retryable ? { credentials: null } : {}
    await update(services, account, { ...patch, status, statusReason: reasonOf(told, services.clock.now()) })
    throw told
  }

/** Why an account is not active, as it is kept: the provider's words are in the message, never a value of the form. */
const reasonOf = ({ code, message }: EngineError, at: number): StatusReason => ({ code, message, at })

function update(
  { stores, clock }: ProveServices,
  { environmentId, id }: IntegratedAccount,
  patch: AccountPatch,
  isReconnected = false,
): Promise<IntegratedAccount> {
  const told = isReconnected ? ({ happening: 'reconnected' } as const) : {}
  return stores.accounts.update(environmentId, id, patch, { now: clock.now(), ...told })
}

const definedOnly = (patch: AccountPatch): AccountPatch =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))

/** A provider that says no to the credentials is told as such; whatever else went wrong keeps its code. */
function refusedCredentials(error: EngineError, account: IntegratedAccount): EngineError {
  const hint = [error.details.hint, wayOn(account, error.retryable)].filter((text) => text !== undefined).join(' ')
  const isNo = NO.has(error.code)
  const code = error.code === 'another_account' || !isNo ? error.code : 'invalid_credentials'
  const said = error.details.provider?.message
  const message = code === error.code ? error.message : refusal(said)
  return new EngineError(code, message, {
    ...error.details,
    hint,
    where: error.details.where ?? (isNo ? '/credentials' : undefined),
  })
}

const NO: ReadonlySet<string> = new Set([
  'needs_reauth',
  'provider_forbidden',
  'invalid_credentials',
  'another_account',
])

const refusal = (said: string | undefined): string =>
  `The provider refused the credentials${said === undefined ? '' : `: ${said}`}`

function wayOn(account: IntegratedAccount, isPassing: boolean): string {
  const { id, status } = account
  if (isGood(account)) return `The integrated account ${id} stays as it was.`
  const kept = status === 'connecting' ? 'validation_error' : status
  const again =
    isPassing && status === 'connecting'
      ? `POST /integrated-account/${id}/retry tries again`
      : `PATCH /integrated-account/${id} with credentials tries again`
  return `The integrated account ${id} is kept as ${kept}: ${again}, DELETE removes it.`
}
