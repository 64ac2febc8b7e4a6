import type { JsonObject } from '../stores/index.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'
import { instant } from './wire.ts'

/** Whether the database of the environment came out of a backup, and what waits since. */
export async function restoreOut({ services, caller: { environmentId } }: CallContext): Promise<JsonObject> {
  const { stores, clock } = services
  const restore = await stores.restores.of(environmentId)
  const { dueRuns, heldRuns, unknownDeliveries } = await stores.restores.counts(environmentId, clock.now())
  return {
    environment: environmentId,
    is_paused: restore !== null && restore.resumedAt === null,
    known_until: instant(restore?.knownUntil ?? null),
    found_at: instant(restore?.foundAt ?? null),
    resumed_at: instant(restore?.resumedAt ?? null),
    resumed_by: restore?.resumedBy ?? null,
    due_rule_runs: dueRuns,
    held_rule_runs: heldRuns,
    unknown_deliveries: unknownDeliveries,
  }
}

/** Lets rules and messages to people go on. Throws conflict when nothing waits. */
export async function resumeAfterRestore(context: CallContext): Promise<JsonObject> {
  const { services, caller } = context
  await services.rules.resume(caller.environmentId, `token:${caller.token.id}`)
  await audit(context, 'restore.resume', `environment:${caller.environmentId}`, 'succeeded')
  return restoreOut(context)
}
