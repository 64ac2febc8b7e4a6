import type { Holder } from '../auth/index.ts'
import type { CompiledAuthMethod } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { EngineContext } from './context.ts'
import type { Account, CallOptions } from './contract.ts'
import { currentGrant, renewedGrant } from './renewal.ts'

/** What a request is proven with; `tokenVersion` is that of the grant, null where there is none to renew. */
export interface Held extends Holder {
  readonly tokenVersion: number | null
}

/** What an account proves itself with now; a grant that ends soon is renewed first. Throws needs_reauth, oauth_app_missing. */
export async function holderOf(
  context: EngineContext,
  account: Account,
  method: CompiledAuthMethod,
  options: CallOptions,
): Promise<Held> {
  const app = Object.keys(method.app).length === 0 ? undefined : await appOf(context, account, method)
  const { connection } = account
  if (method.oauth2 === undefined || context.ports.grants === undefined) {
    const credentials = await context.ports.credentials.load(account.environmentId, account.id)
    return { credentials, connection, app, tokenVersion: null }
  }
  const { credentials, tokenVersion } = await currentGrant(context, { account, method, app }, options)
  return { credentials, connection, app, tokenVersion }
}

/**
 * What to try again with after the provider refused a token; undefined when there is nothing else to try. Throws what
 * renewing throws.
 */
export async function holderAfter(
  context: EngineContext,
  account: Account,
  method: CompiledAuthMethod,
  { holder, options }: { readonly holder: Held; readonly options: CallOptions },
): Promise<Held | undefined> {
  const { app, tokenVersion } = holder
  const grant =
    tokenVersion === null ? undefined : await renewedGrant(context, { account, method, app }, tokenVersion, options)
  if (grant === undefined) {
    context.ports.refused?.(account)
    return undefined
  }
  return { ...holder, credentials: grant.credentials, tokenVersion: grant.tokenVersion }
}

/** What the environment brings for all accounts of a method; undefined where the method wants nothing. */
export async function appOf(
  { ports }: EngineContext,
  account: Pick<Account, 'environmentId' | 'integration'>,
  { name, app }: CompiledAuthMethod,
): Promise<Holder['app']> {
  if (Object.keys(app).length === 0) return undefined
  if (ports.apps !== undefined) return await ports.apps.load(account.environmentId, account.integration, name)
  throw new EngineError('oauth_app_missing', `Nothing is stored for the auth method ${name} of ${account.integration}`)
}
