import type { CompiledAuthMethod, Integration } from '../definition/catalog.ts'
import { modeOf } from '../definition/modes.ts'
import type { Account } from '../execute/contract.ts'
import type { Case, FormField } from '../schema/generated.ts'

/** The account that a case runs on, with made-up credentials. */
export interface CaseAccount {
  readonly account: Account
  readonly credentials: Readonly<Record<string, string>>
  /** What an environment brings for all accounts of the method. */
  readonly app: Readonly<Record<string, string>>
}

/** Makes the account of a case; what it does not say comes from the examples and defaults of the form, and a grant is there already. */
export function accountOf(integration: Integration, given: Case['account'] = {}): CaseAccount {
  const [first] = integration.auth.methods.values()
  const method = given.method === undefined ? first : integration.auth.methods.get(given.method)
  const examples = examplesOf(integration, method)
  const granted = method?.oauth2 === undefined ? {} : { access_token: 'access_token' }
  const credentials = { ...granted, ...examples.secret, ...given.credentials }
  const connection = { ...examples.open, ...given.connection }
  const values: Record<string, string> = { ...connection, ...credentials }
  const mode =
    given.mode === undefined
      ? modeOf(integration.modes, values)
      : integration.modes.find(({ name }) => name === given.mode)
  const account: Account = {
    id: 'acc_case',
    environmentId: 'env_case',
    tenantId: 'tenant_case',
    integration: integration.name,
    authMethod: method?.name ?? '',
    mode: mode?.name ?? null,
    livemode: mode?.livemode ?? null,
    apiVersion: given.api_version ?? null,
    connection,
    traits: given.traits ?? {},
    baseUrl: null,
    overrides: {},
  }
  return { account, credentials, app: valuesOf(Object.entries(method?.app ?? {})) }
}

function examplesOf(integration: Integration, method: CompiledAuthMethod | undefined) {
  const all = Object.entries({ ...integration.settings, ...method?.fields })
  const wanted = all.filter(([, field]) => field.required !== false)
  const values = (isSecret: boolean) => valuesOf(wanted.filter(([, { secret = false }]) => secret === isSecret))
  return { secret: values(true), open: values(false) }
}

const valuesOf = (fields: readonly (readonly [string, FormField])[]): Record<string, string> =>
  Object.fromEntries(
    fields.map(([name, { example, default: usual, options }]) => [name, usual ?? example ?? options?.[0] ?? name]),
  )
