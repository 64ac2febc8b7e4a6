import type { Integration } from '../definition/catalog.ts'
import { modeOf } from '../definition/modes.ts'
import type { Compiled } from '../expression/index.ts'
import { settled } from './apart.ts'
import { CallState } from './call-state.ts'
import { authMethodOf, type EngineContext, integrationOf, type OperationResponse, operationOf } from './context.ts'
import type { Account, CallOptions, VerifyAnswer } from './contract.ts'
import { invoke } from './send.ts'

/** Proves an account's credentials by the definition's own call and reads who it is. Throws what that call throws. */
export async function verifyAccount(
  context: EngineContext,
  account: Account,
  options: CallOptions,
): Promise<VerifyAnswer> {
  const integration = integrationOf(context, account)
  // Known before the first call, since hosts go by it.
  const mode = await modeAt(context, integration, account)
  const moded = { ...account, mode: mode?.name ?? account.mode }
  const call = new CallState(options)
  const answers = new Map<string, OperationResponse>()
  const ask = async (id: string): Promise<OperationResponse> => {
    const known = answers.get(id)
    if (known !== undefined) return known
    const operation = operationOf(integration, id)
    const response = await invoke(context, { account: moded, operation, input: { path: {}, query: {} }, options, call })
    answers.set(id, response)
    return response
  }
  const method = authMethodOf(integration, account)
  const verify = method.verify ?? integration.auth.verify
  const proof = verify === undefined ? undefined : await ask(verify)
  const traits: Record<string, unknown> = {}
  for (const [name, { from, value }] of integration.traits) {
    const { body, headers } = await ask(from)
    traits[name] = await settled(context, moded, () => value.evaluate(body, { response: body, headers }) ?? null)
  }
  // An operation of the method's own answers with something else than that of all methods.
  const rule = method.identity ?? (method.verify === undefined ? integration.auth.identity : undefined)
  const identity = await settled(context, moded, () => identityOf(rule, proof))
  const isUnnamed = identity === null && rule !== undefined && proof !== undefined
  return {
    identity,
    unnamed: isUnnamed ? `\`${rule.source}\` finds no identity in the answer to ${verify}` : null,
    mode: mode?.name ?? null,
    livemode: mode?.livemode ?? null,
    apiVersion: proof?.apiVersion ?? account.apiVersion,
    traits,
  }
}

function identityOf(rule: Compiled | undefined, proof: OperationResponse | undefined): string | null {
  if (proof === undefined) return null
  const identity = rule?.evaluate(proof.body, { response: proof.body, headers: proof.headers })
  return identity === undefined || identity === null ? null : String(identity)
}

/** The first mode that fits the credentials and settings of the account. */
async function modeAt({ ports }: EngineContext, integration: Integration, account: Account) {
  if (integration.modes.length === 0) return undefined
  const credentials = await ports.credentials.load(account.environmentId, account.id)
  const fields: Readonly<Record<string, string>> = { ...account.connection, ...credentials.reveal() }
  return modeOf(integration.modes, fields)
}
