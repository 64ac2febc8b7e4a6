import type { CompiledAuthMethod, Integration, PostInstallStep } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Variables } from '../expression/index.ts'
import { isTrue } from '../mapping/index.ts'
import type { OperationInput } from '../types.ts'
import { settled } from './apart.ts'
import { CallState } from './call-state.ts'
import { accountView, type EngineContext, integrationOf, operationOf } from './context.ts'
import type { Account, CallOptions, InstallAnswer } from './contract.ts'
import { invoke } from './send.ts'
import { expressionValues, nest, slotValues } from './slots.ts'

const NOTHING: InstallAnswer = Object.freeze({ traits: Object.freeze({}), settings: Object.freeze({}) })

/**
 * Runs one step of post_install and answers what is to be kept of it; nothing where the step is left out. Throws what its
 * operation throws, and provider_bad_response for a setting that its form would refuse.
 */
export async function installStep(
  context: EngineContext,
  account: Account,
  name: string,
  options: CallOptions,
): Promise<InstallAnswer> {
  const integration = integrationOf(context, account)
  const step = integration.auth.postInstall.find((one) => one.name === name)
  if (step === undefined) throw new EngineError('definition_invalid', `${integration.name} has no step ${name}`)
  const seen = { account: accountView(account), connection: account.connection }
  const input = await settled(context, account, () => inputOf(step, seen))
  if (input === undefined) return NOTHING
  const operation = operationOf(integration, step.operation)
  const call = new CallState(options)
  const response = await invoke(context, { account, operation, input, options, call })
  const answered = { response: response.body, headers: response.headers }
  const { traits, settings } = await settled(context, account, () => ({
    traits: expressionValues(step.traits, response.body, answered),
    settings: expressionValues(step.settings, response.body, answered),
  }))
  return {
    traits,
    settings: Object.fromEntries(
      Object.entries(settings).flatMap(([key, value]) =>
        value === null
          ? []
          : [[key, settingOf(integration, integration.auth.methods.get(account.authMethod), key, value)]],
      ),
    ),
  }
}

/** What a step sends; undefined where it is left out. */
function inputOf(step: PostInstallStep, seen: Variables): OperationInput | undefined {
  if (step.unless !== undefined && isTrue(step.unless.evaluate(null, seen))) return undefined
  const values = (slots: PostInstallStep['path']) => slotValues(slots, null, seen)
  const body = values(step.body)
  return {
    path: values(step.path),
    query: values(step.query),
    ...(Object.keys(body).length === 0 ? {} : { body: nest(body) }),
  }
}

/** A setting as its form takes it: it may go into hosts and paths. */
function settingOf(
  integration: Integration,
  method: CompiledAuthMethod | undefined,
  name: string,
  value: unknown,
): string {
  const { pattern } = { ...integration.settings, ...method?.fields }[name] ?? {}
  const text = String(value)
  if (typeof value !== 'object' && (pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(text)))
    return text
  throw new EngineError('provider_bad_response', `The answer has a ${name} that does not fit its form`)
}
