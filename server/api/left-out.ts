import type { EngineError } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { redactError } from './redact.ts'

/** An account that an answer over several goes without, and why. */
export interface LeftOut {
  readonly account: IntegratedAccount
  readonly error: EngineError
}

/** The same on the wire; without the provider's own words where personal data is held back. */
export function leftOut({ account, error: given }: LeftOut, isRedacted = false) {
  const error = isRedacted ? redactError(given) : given
  const { hint } = error.details
  return {
    integrated_account_id: account.id,
    integration: account.integration,
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    who_can_fix: error.whoCanFix,
    ...(hint === undefined ? {} : { hint }),
  }
}
