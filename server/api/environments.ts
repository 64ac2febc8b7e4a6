import { EngineError } from '../../engine/index.ts'
import type { Environment } from '../stores/index.ts'
import type { CallContext } from './context.ts'

/** An environment that the token reaches. Throws not_found, for one out of reach too. */
export async function reachedEnvironment({ services, caller }: CallContext, id: string): Promise<Environment> {
  const isReached = caller.token.environmentId === null || caller.token.environmentId === id
  const environment = isReached ? await services.stores.environments.get(id) : null
  if (environment !== null) return environment
  throw new EngineError('not_found', `There is no environment ${id.slice(0, 64)}`, { where: 'id' })
}
