import type { CompiledAuthMethod } from '../definition/catalog.ts'
import { modeOf } from '../definition/modes.ts'
import { EngineError } from '../errors.ts'
import {
  type Authorization,
  authorizationRequest,
  checkCallback,
  type Granted,
  grantForCode,
  type Party,
  revokeGrant,
} from '../oauth/index.ts'
import { Secret } from '../secret.ts'
import { authMethodOf, type EngineContext, integrationOf } from './context.ts'
import type { Account, AuthorizationCallback, Authorizing, CallOptions } from './contract.ts'
import { appOf } from './holder.ts'
import { partyOf } from './party.ts'
import { renewDue } from './renewal.ts'
import { untilLeft } from './until-left.ts'

/** Where to send the person (RFC 6749 4.1.1). */
export function beginAuthorization(
  context: EngineContext,
  input: Authorizing & { readonly scopes?: readonly string[] | undefined },
): Promise<Authorization> {
  return authorizationRequest(partyFor(context, input), input)
}

/** The grant of a callback (RFC 6749 4.1.3). */
export async function completeAuthorization(context: EngineContext, input: AuthorizationCallback): Promise<Granted> {
  const party = partyFor(context, input)
  const parameters = checkCallback(party, input)
  try {
    return await grantForCode(party, { ...input, parameters })
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'needs_reauth') throw thrown
    throw new EngineError('authorization_failed', thrown.message, {
      ...thrown.details,
      hint: 'Start the connection again.',
    })
  }
}

/** Gives the grant of an account back, while the caller waits. */
export async function revoke(context: EngineContext, account: Account, options: CallOptions): Promise<void> {
  const method = authMethodOf(integrationOf(context, account), account)
  if (method.oauth2?.revoke === undefined) return
  const app = await appOf(context, account, method)
  const credentials = await context.ports.credentials.load(account.environmentId, account.id)
  const party = partyOf(context, { account, method, app, credentials })
  await untilLeft(revokeGrant(party), context.ports.clock, options)
}

/** Renews the grant of an account that is due, for those that nobody calls. */
export async function renewIdle(context: EngineContext, account: Account, options: CallOptions): Promise<void> {
  const method = authMethodOf(integrationOf(context, account), account)
  if (method.oauth2 === undefined || context.ports.grants === undefined) return
  const app = await appOf(context, account, method)
  await renewDue(context, { account, method, app }, options)
}

function partyFor(context: EngineContext, input: Authorizing): Party {
  const { integration, connection, baseUrl = null, app } = input
  const { modes } = integrationOf(context, input)
  const mode = input.mode ?? modeOf(modes, connection)?.name ?? null
  const account = { integration, connection, mode, baseUrl }
  const method: CompiledAuthMethod = authMethodOf(integrationOf(context, account), { authMethod: input.method })
  return partyOf(context, { account, method, app, credentials: new Secret({}) })
}
