import { EngineError } from '../errors.ts'
import type { StoredGrant } from '../ports.ts'
import type { EngineContext } from './context.ts'
import type { CallOptions } from './contract.ts'
import type { GrantHolder } from './party.ts'
import { isPassing, renew } from './renew.ts'
import { untilLeft } from './until-left.ts'

/** How much a renewal is wanted: the token works for a while, or not any more. */
type Need = 'none' | 'soon' | 'now'

/** The grant of an account for a call. One that ends soon is renewed first, and used as it is where that fails for now. */
export async function currentGrant(
  context: EngineContext,
  holder: GrantHolder,
  options: CallOptions,
): Promise<StoredGrant> {
  const { environmentId, id } = holder.account
  const stored = await storeOf(context).current(environmentId, id)
  const need = needOf(stored, context.ports.clock.now())
  if (need === 'none' || (need === 'soon' && !canRenew(holder, stored))) return stored
  try {
    return await shared(context, holder, { need, version: stored.tokenVersion, options })
  } catch (thrown) {
    if (need !== 'soon' || !isPassing(thrown)) throw thrown
    context.ports.log.warn({ integrated_account_id: id, err: thrown }, 'a token could not be renewed ahead of time')
    return stored
  }
}

/** Renews a grant that is due; nothing where it is not, or cannot be renewed and still works. Throws also what passes. */
export async function renewDue(context: EngineContext, holder: GrantHolder, options: CallOptions): Promise<void> {
  const { environmentId, id } = holder.account
  const stored = await storeOf(context).read(environmentId, id)
  const need = needOf(stored, context.ports.clock.now())
  if (need === 'none' || (need === 'soon' && !canRenew(holder, stored))) return
  await shared(context, holder, { need, version: stored.tokenVersion, options })
}

/** The grant in place of a version that the provider refused; undefined when it cannot be renewed. */
export async function renewedGrant(
  context: EngineContext,
  holder: GrantHolder,
  refused: number,
  options: CallOptions,
): Promise<StoredGrant | undefined> {
  const { environmentId, id } = holder.account
  const stored = await storeOf(context).read(environmentId, id)
  if (stored.tokenVersion !== refused) return stored
  if (!canRenew(holder, stored)) return undefined
  const renewed = await shared(context, holder, { need: 'now', version: refused, options })
  return renewed.tokenVersion === refused ? undefined : renewed
}

function needOf({ credentials, expiresAt, renewAt }: StoredGrant, now: number): Need {
  if ((credentials.reveal().access_token ?? '') === '') return 'now'
  if (expiresAt === null) return 'none'
  if (now >= expiresAt) return 'now'
  return now >= (renewAt ?? expiresAt) ? 'soon' : 'none'
}

const canRenew = ({ method: { oauth2 } }: GrantHolder, { credentials }: StoredGrant): boolean =>
  oauth2?.grant !== 'authorization_code' || (credentials.reveal().refresh_token ?? '') !== ''

function storeOf({ ports }: EngineContext) {
  if (ports.grants !== undefined) return ports.grants
  throw new EngineError('internal', 'Grants are renewed where they are kept only')
}

interface Wanted {
  readonly need: Exclude<Need, 'none'>
  /** The version that is not good enough. */
  readonly version: number
  readonly options: CallOptions
}

type Flights = Map<string, Promise<StoredGrant>>

/** Renewals under way in this process, by ports: callers of one account share one, and none ends it by leaving. */
const underWay = new WeakMap<EngineContext['ports'], Flights>()

/** Resolves when the renewals under way are stored or have failed; a process must not end before. */
export async function renewalsDone(ports: EngineContext['ports']): Promise<void> {
  await Promise.allSettled(underWay.get(ports)?.values() ?? [])
}

function shared(context: EngineContext, holder: GrantHolder, { need, version, options }: Wanted): Promise<StoredGrant> {
  const { ports } = context
  const flights: Flights = underWay.get(ports) ?? new Map()
  underWay.set(ports, flights)
  const key = JSON.stringify([holder.account.environmentId, holder.account.id, version, need])
  let flight = flights.get(key)
  if (flight === undefined) {
    flight = renew(context, holder, version, need === 'soon').finally(() => flights.delete(key))
    flight.catch(() => undefined)
    flights.set(key, flight)
  }
  return untilLeft(flight, ports.clock, options)
}
