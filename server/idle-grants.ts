import { toEngineAccount } from './api/accounts.ts'
import type { Services } from './api/context.ts'
import { asEngineError } from './api/problem.ts'

type Needed = Pick<Services, 'stores' | 'engine' | 'clock' | 'random' | 'log' | 'lifecycle'>

/** How often grants that nobody calls are looked at. */
const EVERY_MS = 60_000

/** Renews idle grants every minute until the function that it answers is called, which waits for the one under way. */
export function startIdleRenewals(services: Needed): () => Promise<void> {
  let pass: Promise<unknown> | null = null
  const begin = (): void => {
    pass ??= renewIdleGrants(services)
      .catch((error: unknown) => services.log.error({ err: error }, 'idle grants could not be looked for'))
      .finally(() => {
        pass = null
      })
  }
  const timer = setInterval(begin, EVERY_MS)
  return async () => {
    clearInterval(timer)
    await pass
  }
}

/**
 * Renews the grants that end soon and that nobody calls: a refresh token that is never used may expire. Any number of
 * processes may do so at once; each grant is renewed once. A failure is logged and passed over.
 */
export async function renewIdleGrants({ stores, engine, clock, random, log, lifecycle }: Needed): Promise<void> {
  for (const { environmentId, id } of await stores.grants.due(clock.now())) {
    const stored = lifecycle.isClosing ? null : await stores.accounts.get(environmentId, id)
    if (stored?.status !== 'active') continue
    const options = { requestId: `renew_${random.id(16)}`, priority: 'sync', onLimit: 'wait' } as const
    await engine.renew(toEngineAccount(stored), options).catch((thrown: unknown) => {
      log.warn({ integrated_account_id: id, code: asEngineError(thrown).code }, 'an idle grant was not renewed')
    })
  }
}
