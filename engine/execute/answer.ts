import { type Json, project, type Wanted } from '../mapping/index.ts'
import type { UnifiedQuery } from './contract.ts'
import { expandRecords } from './expand.ts'
import { fillFromFilters } from './fill.ts'
import { expandOnly, mapFound } from './map-found.ts'
import { secretNames, withoutSecrets } from './secrets.ts'
import type { Found, Session } from './session.ts'

/** What the caller asked for: fields that only `expand` fills are left out unless it names them. */
function wantedOf({ query, resource }: Session): Wanted {
  const idle = expandOnly(resource).filter((name) => !query.expand.includes(name))
  const fields = query.fields === undefined ? undefined : [...query.fields, ...query.expand]
  return { fields, exclude: [...(query.excludeFields ?? []), ...idle] }
}

/**
 * The records of an answer as the caller wants them: mapped, expanded and cut to `fields`; natives with format=raw; both,
 * as `{ unified, raw }`, with format=debug.
 */
export async function answerRecords(
  session: Session,
  found: readonly Found[],
  pageSize = found.length,
): Promise<Json[]> {
  const { query, integration } = session
  const names = secretNames(integration)
  const raw = (one: Found): Json => withoutSecrets(one.native, names) as Json
  if (query.format === 'raw') return found.map(raw)
  const mapped = await mapFound(session, found, wantedOf(session), false, pageSize)
  const records = mapped.map(({ record }) => record)
  fillFromFilters(session, records)
  await expandRecords(session, records)
  const shown = records.map((record) => project(record, keptFields(query), query.excludeFields))
  if (query.format === 'unified') return shown
  return shown.map((unified, at) => ({ unified, raw: raw(found[at] as Found) }))
}

/** Fields asked for; what is expanded is asked for too. */
function keptFields({ fields, expand, remoteData }: UnifiedQuery): readonly string[] | undefined {
  if (fields === undefined) return undefined
  return [...fields, ...expand, ...(remoteData ? ['remote_data'] : [])]
}
