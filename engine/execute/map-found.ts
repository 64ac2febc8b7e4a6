import type { ModelResource } from '../definition/catalog.ts'
import { isObject, type MapContext, type MapItem, type Mapped, type Wanted, withoutPlaces } from '../mapping/index.ts'
import { writeInstant } from '../query/index.ts'
import { ownerOf, worked } from './apart.ts'
import { type Joined, joinLookups } from './lookup.ts'
import { secretNames, withoutSecrets } from './secrets.ts'
import type { Found, Session } from './session.ts'

/**
 * Unified records of natives, in order; lookups that the wanted fields read are made first. Drift and refused fields are
 * counted unless the mapping is only for the engine's own use (`isDraft`). `pageSize` is how many records the page has
 * that these are for, where other accounts have some of them.
 */
export async function mapFound(
  session: Session,
  found: readonly Found[],
  wanted: Wanted,
  isDraft = false,
  pageSize = found.length,
): Promise<Mapped[]> {
  if (found.length === 0) return []
  const exclude = [...new Set([...(wanted.exclude ?? []), ...unexpanded(session)])]
  const mapper = session.mapper({ ...wanted, exclude }, isDraft)
  const { expand } = session.query
  const forced = expand.length === 0 ? new Set<string>() : session.mapper({ fields: expand }).lookups
  const joined = await joinLookups(session, found, mapper.lookups, { forced, pageSize })
  const items = found.map((one, at) => itemOf(one, joined[at]))
  const shared = mapContext(session, !isDraft && session.query.explain)
  const work = mapper.work(items, isDraft && wanted.fields !== undefined ? { ...shared, remoteData: false } : shared)
  const mapped = await worked(work, ownerOf(session.account), session.context.ports)
  if (!isDraft) count(session, mapped)
  return mapped
}

/** Fields that stay null because only `expand` fills them and it did not name them. */
const unexpanded = ({ query, resource }: Session): string[] =>
  expandOnly(resource).filter((name) => !query.expand.includes(name))

/** Fields that only `expand` fills. */
export function expandOnly({ schema: { properties } }: ModelResource): string[] {
  return Object.entries(isObject(properties) ? properties : {})
    .filter(([, schema]) => isObject(schema) && schema['x-expand-only'] === true)
    .map(([name]) => name)
}

/** A native record as the mapper takes it. */
export function itemOf({ native, operation, response, source, parent }: Found, joined?: Joined): MapItem {
  return {
    native,
    source,
    parent,
    response: response.body,
    lookup: joined?.lookup,
    unresolved: joined?.unresolved,
    moneyForm: operation.money,
    apiVersion: response.apiVersion,
  }
}

/** What all records of a session share when they are mapped. */
export function mapContext(session: Session, explain: boolean): MapContext {
  const { integration, account, query, context } = session
  const names = secretNames(integration)
  return {
    provider: integration.name,
    accountId: account.id,
    tenantId: account.tenantId,
    livemode: account.livemode,
    apiVersion: account.apiVersion ?? integration.apiVersion?.value ?? null,
    observedAt: writeInstant(context.ports.clock.now()),
    account: session.accountView,
    remoteData: query.remoteData,
    secretNames: names,
    withoutSecrets: (native) => withoutSecrets(native, names),
    explain,
  }
}

function count(session: Session, mapped: readonly Mapped[]): void {
  const labels = (field: string) => ({
    integration: session.integration.name,
    resource: `${session.model}/${session.resource.name}`,
    field: withoutPlaces(field),
  })
  const { meter } = session.context.ports
  for (const { drift, fieldErrors } of mapped) {
    for (const { field } of drift) meter.count('mapping_drift_total', labels(field))
    for (const { field } of fieldErrors) meter.count('mapping_field_errors_total', labels(field))
  }
}
