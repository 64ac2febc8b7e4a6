import type { Account } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'

/**
 * Something to undo at the provider before the grant is given back, such as a webhook. It may be run again after it was
 * done, and for an account that never had it. A throw is tried again later.
 */
export interface PartingStep {
  readonly name: string
  /** Whether there can be anything to undo for an account. Default there can. */
  isFor?(account: IntegratedAccount): boolean
  /** The account is stored no more: calls of the engine with it take the credentials that it had. */
  run(account: Account): Promise<void>
}
