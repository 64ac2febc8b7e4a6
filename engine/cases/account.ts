import type { CompiledAuthMethod, Integration } from '../definition/catalog.ts'
import { modeOf } from '../definition/modes.ts'
import type { Account } from '../execute/contract.ts'
import type { Case } from '../schema/generated.ts'

/** The account that a case runs on, with made-up credentials. */
export interface CaseAccount {
  readonly account: Account
  readonly credentials: Readonly<Record<string, string>>
}

/** Makes the account of a case; what it does not say comes from the examples and defaults of the form. */
export function accountOf(integration: Integration, given: Case['account'] = {}): CaseAccount {
  const [first] = integration.auth.methods.values()
  const method = given.method === undefined ? first : integration.auth.methods.get(given.method)
  const examples = examplesOf(integration, method)
  const credentials = { ...examples.secret, ...given.credentials }
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
  return { account, credentials }
}

function examplesOf(integration: Integration, method: CompiledAuthMethod | undefined) {
  const all = Object.entries({ ...integration.settings, ...method?.fields })
  const wanted = all.filter(([, field]) => field.required !== false)
  const values = (isSecret: boolean): Record<string, string> =>
    Object.fromEntries(
      wanted
        .filter(([, { secret = false }]) => secret === isSecret)
        .map(([name, { example, default: usual, options }]) => [name, usual ?? example ?? options?.[0] ?? name]),
    )
  return { secret: values(true), open: values(false) }
}
