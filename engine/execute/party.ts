import { resolveOrigin, urlBelow, variablesOf } from '../auth/index.ts'
import type { CompiledAuthMethod } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Party } from '../oauth/index.ts'
import type { StoredGrant } from '../ports.ts'
import { type EngineContext, integrationOf } from './context.ts'
import type { Account } from './contract.ts'

/** Who asks for a grant: an account, or somebody who is about to become one. */
export interface Asking {
  readonly account: Pick<Account, 'integration' | 'mode' | 'connection' | 'baseUrl'>
  readonly method: CompiledAuthMethod
  readonly app: StoredGrant['credentials'] | undefined
  readonly credentials: StoredGrant['credentials']
}

/** Whose grant, and what its environment brings. */
export interface GrantHolder {
  readonly account: Account
  readonly method: CompiledAuthMethod
  readonly app: StoredGrant['credentials'] | undefined
}

/** One side of a grant, with the wire under it: hosts are those of the definition, as for every other request. */
export function partyOf(context: EngineContext, { account, method, app, credentials }: Asking): Party {
  const { oauth2 } = method
  if (oauth2 === undefined) {
    throw new EngineError('unsupported_method', `The auth method '${method.name}' is none of OAuth 2.0`)
  }
  const { clock, random, transport } = context.ports
  const integration = integrationOf(context, account)
  const { connection } = account
  return {
    integration,
    method,
    oauth2,
    variables: variablesOf({ credentials, connection, app }),
    wire: {
      send: (request) => transport.send(request),
      urlOf: (host, path) => urlBelow(resolveOrigin(integration, host, account), path, ''),
      isGranted: account.baseUrl !== null,
      nowMs: clock.now(),
      id: () => random.id(43),
      timeoutMs: oauth2.token.timeoutMs,
    },
  }
}
