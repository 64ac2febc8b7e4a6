import type { Services } from './api/context.ts'
import { instant } from './api/wire.ts'
import { catchUp } from './inbound/index.ts'

/**
 * Where the database came out of a backup, and nobody has let rules and messages to people go on: says so, and has feeds read
 * for what was told since the backup, which may end what waits.
 */
export async function startRestored(services: Services): Promise<void> {
  const { stores, log, metrics } = services
  metrics.gauge('restores_waiting', 'environments that wait since a restore', [], async () => [
    { labels: {}, value: (await stores.restores.waiting()).length },
  ])
  for (const restore of await stores.restores.waiting()) {
    const { environmentId: environment, knownUntil } = restore
    log.warn(
      { environment, known_until: instant(knownUntil) },
      'the database came out of a backup: rules and messages to people wait until somebody says `onefold backup resume`',
    )
    await catchUp(services, restore)
  }
}
