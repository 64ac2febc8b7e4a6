import { EngineError } from '../../engine/index.ts'
import type { AccountPatch, Credentials, IntegratedAccount } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

/** How far the steps of a connect came: what they left on the account, and where and why they stopped, if they did. */
export interface Installed {
  readonly patch: Pick<AccountPatch, 'traits' | 'settings'>
  readonly stopped: { readonly step: string; readonly error: EngineError } | null
}

/**
 * Runs the steps of post_install on an account whose credentials are proven; from a step on, where an earlier run stopped
 * there. A step keeps its idempotency key through every run of the same account.
 */
export async function install(
  { engine, random }: Pick<Services, 'engine' | 'random'>,
  account: IntegratedAccount,
  { credentials, from }: { readonly credentials?: Credentials | undefined; readonly from?: string | undefined },
): Promise<Installed> {
  const names = engine.integration(toEngineAccount(account)).auth.postInstall.map(({ name }) => name)
  const begin = from === undefined ? 0 : Math.max(0, names.indexOf(from))
  const requestId = `install_${random.id(16)}`
  let { traits, settings } = account
  for (const step of names.slice(begin)) {
    const idempotencyKey = `${account.id}-${account.createdAt}-${step}`
    const options = { requestId, priority: 'interactive', onLimit: 'wait', idempotencyKey } as const
    try {
      const kept = await engine.install(toEngineAccount({ ...account, traits, settings }), step, options, credentials)
      traits = { ...traits, ...kept.traits }
      settings = { ...settings, ...kept.settings }
    } catch (thrown) {
      return { patch: { traits, settings }, stopped: { step, error: asEngineError(thrown) } }
    }
  }
  return { patch: { traits, settings }, stopped: null }
}

/** A failed step as it is told to whoever connects. */
export function installFailed({ step, error }: NonNullable<Installed['stopped']>, hint: string): EngineError {
  const message = `The provider takes the credentials, and setting it up failed at \`${step}\`: ${error.message}`
  const { provider, waitMs, where } = error.details
  return new EngineError('post_install_failed', message, { provider, waitMs, where, hint, cause: error })
}
