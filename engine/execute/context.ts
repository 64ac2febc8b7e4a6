import type { Catalog, CompiledAuthMethod, Integration, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import type { PageAnswer, PageInput } from '../pagination/index.ts'
import type { Ports } from '../ports.ts'
import type { CallState } from './call-state.ts'
import type { Account, CallOptions } from './contract.ts'

/** What every step of the engine works with. */
export interface EngineContext {
  readonly catalog: Catalog
  readonly ports: Ports
}

/** One operation to run. `input.url` (from paging) replaces the operation's path and query. */
export interface Invocation {
  readonly account: Account
  readonly operation: Operation
  readonly input: PageInput
  readonly options: CallOptions
  readonly call: CallState
}

/** A read answer; it is a PageAnswer, so that readPage takes it as it is. */
export interface OperationResponse extends PageAnswer {
  /** Parsed by the response format: JSON value, rows of a CSV, text, bytes; null when empty. */
  readonly body: unknown
  /** List operations: the records; otherwise empty. */
  readonly records: readonly unknown[]
  /** Other operations: the record; undefined when the answer is empty. */
  readonly record: unknown
  /** The provider's id of the request. */
  readonly requestId: string | undefined
  /** The provider, or a look at what it has, says that an earlier request already did this. */
  readonly replayed: boolean
  /** Version that the answer is in. */
  readonly apiVersion: string | null
}

/** What expressions see as `$account`. */
export function accountView({ id, tenantId, mode, livemode, traits, apiVersion }: Account): Json {
  return { id, tenant_id: tenantId, mode, livemode, traits, api_version: apiVersion }
}

/** The account's integration. Throws unknown_integration. */
export function integrationOf(context: EngineContext, account: Pick<Account, 'integration'>): Integration {
  const integration = context.catalog.integrations.get(account.integration)
  if (integration !== undefined) return integration
  throw new EngineError('unknown_integration', `There is no integration ${account.integration}`, {
    valid: [...context.catalog.integrations.keys()],
  })
}

/** An operation by `resource.method`. Throws definition_invalid: references were checked when the catalog was compiled. */
export function operationOf(integration: Integration, id: string): Operation {
  const operation = integration.operations.get(id)
  if (operation !== undefined) return operation
  throw new EngineError('definition_invalid', `${integration.name} has no operation ${id}`)
}

/** The auth method that the account was connected with. Throws needs_reauth when the definition no longer has it. */
export function authMethodOf(integration: Integration, account: Pick<Account, 'authMethod'>): CompiledAuthMethod {
  const method = integration.auth.methods.get(account.authMethod)
  if (method !== undefined) return method
  throw new EngineError('needs_reauth', `${integration.label} no longer has the auth method ${account.authMethod}`, {
    valid: [...integration.auth.methods.keys()],
  })
}
