import { EngineError, type Fault, type Integration, parseUnifiedQuery } from '../../engine/index.ts'
import type {
  CurrentOverrides,
  JsonObject,
  NewOverrideVersion,
  OverrideOwner,
  OverrideVersion,
  Page,
  PageQuery,
} from '../stores/index.ts'
import { chooseAccount, findAccount, toEngineAccount } from './accounts.ts'
import { audit } from './audit.ts'
import { toCallOptions } from './call-options.ts'
import { integrationNamed } from './connect.ts'
import type { CallContext, Services } from './context.ts'
import { reachedEnvironment } from './environments.ts'
import { type CheckedOverride, checkAccountsAbove, checkOverride, type SentOverride } from './override-check.ts'
import { type FieldChange, fieldChanges, type StatementChange, statementChanges } from './override-diff.ts'
import { modelResource } from './unified.ts'

/** The layer that a call is about, where the caller may look. */
export interface Overridden {
  readonly owner: OverrideOwner
  readonly integration: Integration
}

/** A version as it was stored, with what does not stop it. */
export type StoredChange = OverrideVersion & { readonly warnings: readonly Fault[] }

/** What a trial maps: a unified id, to be read from the provider, or a native record. */
export interface Trial extends SentOverride {
  readonly model: string
  readonly resource: string
  readonly id?: string | undefined
  readonly record?: JsonObject | undefined
}

/** What a trial came to. */
export interface TrialResult {
  readonly changes: readonly FieldChange[]
  readonly current: JsonObject
  readonly proposed: JsonObject
  readonly warnings: readonly Fault[]
}

/** Who replaces which version, and why. */
interface Replacing {
  readonly currentVersion: number
  readonly note?: string | null | undefined
}

/** The layer of an environment for an integration. Throws not_found or unknown_integration. */
export async function overriddenEnvironment(context: CallContext, id: string, name: string): Promise<Overridden> {
  const environment = await reachedEnvironment(context, id)
  context.trace.environmentId = environment.id
  const integration = integrationNamed(context.services, name)
  const owner = { environmentId: environment.id, integration: integration.name, integratedAccountId: null }
  return { owner, integration }
}

/** The layer of an account. Throws unknown_account. */
export async function overriddenAccount(context: CallContext, id: string): Promise<Overridden> {
  const stored = await findAccount(context, id)
  const integration = integrationNamed(context.services, stored.integration)
  const { environmentId } = stored
  return { owner: { environmentId, integration: integration.name, integratedAccountId: stored.id }, integration }
}

/** A version of the layer, the one that counts by default: null before the first. Throws not_found for an unknown one. */
export async function overrideVersion(
  { services }: CallContext,
  { owner }: Overridden,
  version?: number,
): Promise<OverrideVersion | null> {
  const { overrides } = services.stores
  if (version === undefined) return overrides.current(owner)
  const found = await overrides.get(owner, version)
  if (found !== null) return found
  throw new EngineError('not_found', `There is no version ${version} of these overrides`, { where: 'version' })
}

/** The versions of a layer, newest first. */
export function overrideHistory(
  { services }: CallContext,
  { owner }: Overridden,
  page: PageQuery,
): Promise<Page<OverrideVersion>> {
  return services.stores.overrides.list(owner, page)
}

/** What differs between two versions; 0 is before the first. Throws not_found. */
export async function overrideChanges(
  context: CallContext,
  overridden: Overridden,
  from: number,
  to: number,
): Promise<StatementChange[]> {
  const contentOf = async (version: number): Promise<JsonObject> =>
    version === 0 ? {} : ((await overrideVersion(context, overridden, version))?.override ?? {})
  return statementChanges(await contentOf(from), await contentOf(to))
}

/** Checks overrides and puts them in place of those that count. Throws invalid_body with every fault, or conflict. */
export function setOverride(
  context: CallContext,
  overridden: Overridden,
  sent: SentOverride & Replacing,
): Promise<StoredChange> {
  return change(context, overridden, 'set', sent, async () => await checked(context, overridden, sent))
}

/** Takes all overrides of a layer away; the history stays. Throws conflict. */
export function removeOverride(
  context: CallContext,
  overridden: Overridden,
  replacing: Replacing,
): Promise<StoredChange> {
  return change(context, overridden, 'removed', replacing, () => Promise.resolve({ override: {}, warnings: [] }))
}

/** Makes an earlier version count again, as a new one, checked anew. Throws not_found, invalid_body or conflict. */
export function rollBackOverride(
  context: CallContext,
  overridden: Overridden,
  replacing: Replacing & { readonly version: number },
): Promise<StoredChange> {
  return change(context, overridden, 'rolled_back', { ...replacing, restored: replacing.version }, async () => {
    const { override = {} } = (await overrideVersion(context, overridden, replacing.version)) ?? {}
    if (Object.keys(override).length === 0) return { override, warnings: [] }
    return checked(context, overridden, { override })
  })
}

/** Maps one record with the layer as proposed and as it is; nothing is stored. Throws as setOverride and as a get does. */
export async function tryOverride(
  context: CallContext,
  overridden: Overridden,
  accountId: string,
  trial: Trial,
): Promise<TrialResult> {
  const { services } = context
  if ((trial.id === undefined) === (trial.record === undefined)) {
    throw new EngineError('invalid_body', 'Give the `id` of a record or a native `record`', { where: '/id' })
  }
  const choice = { integratedAccountId: accountId }
  const stored =
    trial.id === undefined ? await findAccount(context, accountId) : (await chooseAccount(context, choice)).stored
  const { owner, integration } = overridden
  if (stored.environmentId !== owner.environmentId || stored.integration !== owner.integration) {
    throw new EngineError('unknown_account', `${owner.integration} has no integrated account ${stored.id} here`, {
      where: '/integrated_account_id',
    })
  }
  const layers = await services.reads.overrides(stored)
  const layer = layerOf(owner)
  const { override, warnings } = checkOverride(services, { layer, integration, beside: layers }, trial)
  const resource = modelResource(services, trial.model, trial.resource)
  const of = trial.id === undefined ? { record: trial.record } : { id: trial.id }
  const query = parseUnifiedQuery([], resource, { method: 'get' })
  const overrides = { ...layers, [layer]: override }
  const call = { model: trial.model, resource: resource.name, of, overrides, query }
  const options = toCallOptions(context, { onLimit: 'wait', deadlineMs: undefined, maxRequests: undefined })
  const { current, proposed } = await services.engine.compare(toEngineAccount(stored, layers), call, options)
  return { changes: fieldChanges(current, proposed), current, proposed, warnings }
}

const layerOf = ({ integratedAccountId }: OverrideOwner): keyof CurrentOverrides =>
  integratedAccountId === null ? 'environment' : 'account'

async function checked(
  { services }: CallContext,
  { owner, integration }: Overridden,
  sent: SentOverride,
): Promise<CheckedOverride> {
  const layer = layerOf(owner)
  if (layer === 'environment') return checkOverride(services, { layer, integration, beside: {} }, sent)
  const below = await services.stores.overrides.current({ ...owner, integratedAccountId: null })
  const environment = below === null || Object.keys(below.override).length === 0 ? undefined : below.override
  return checkOverride(services, { layer, integration, beside: { environment } }, sent)
}

/** What an environment overrides lies below what its accounts override: those that fitted must go on to fit. */
async function checkAbove(services: Services, { owner, integration }: Overridden, next: JsonObject): Promise<void> {
  if (owner.integratedAccountId !== null) return
  const { overrides } = services.stores
  const present = (await overrides.current(owner))?.override
  const accounts = await overrides.ofAccounts(owner.environmentId, owner.integration)
  checkAccountsAbove(services, integration, [present, next], accounts)
}

/** Stores what `next` comes to and audits how it ended, failures too. */
async function change(
  context: CallContext,
  overridden: Overridden,
  kind: NewOverrideVersion['change'],
  replacing: Replacing & { readonly restored?: number | undefined },
  next: () => Promise<CheckedOverride>,
): Promise<StoredChange> {
  const { services, caller } = context
  const { owner } = overridden
  const { integration, integratedAccountId } = owner
  const target =
    integratedAccountId === null ? `environment:${owner.environmentId}` : `integrated_account:${integratedAccountId}`
  const { restored, note = null } = replacing
  const details = { integration, ...(restored === undefined ? {} : { restored }) }
  try {
    const { override, warnings } = await next()
    await checkAbove(services, overridden, override)
    const version = { change: kind, restored, override, note, actor: `token:${caller.token.id}` }
    const stored = await services.stores.overrides.add(owner, replacing.currentVersion, version, services.clock.now())
    await audit(context, `override.${kind}`, target, 'succeeded', { ...details, version: stored.version })
    return { ...stored, warnings }
  } catch (thrown) {
    const { code = 'internal' } = thrown as Partial<EngineError>
    await audit(context, `override.${kind}`, target, 'failed', { ...details, code })
    throw thrown
  }
}
