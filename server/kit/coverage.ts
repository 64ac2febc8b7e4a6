import {
  type Case,
  type Coverage,
  coverageOf,
  type DeliveryCase,
  findCases,
  type ResourceReach,
  reachOf,
} from '../../engine/index.ts'
import type { Kit } from './definitions.ts'

/** A unified field of a provider: filled and shown by a case, filled and shown by none, absent for a reason, or not mapped. */
export type FieldState = 'reached' | 'unreached' | 'absent' | 'not_mapped'

/** One field of a resource. */
export interface CoveredField {
  readonly path: string
  readonly state: FieldState
  /** Why it is absent. */
  readonly reason?: string
}

/** One unified resource of a provider; without fields where it has none. */
export interface CoveredResource {
  readonly integration: string
  readonly model: string
  readonly resource: string
  readonly is_mapped: boolean
  /** Cases that expect records of it. */
  readonly cases: number
  readonly fields: readonly CoveredField[]
  readonly enums: readonly {
    readonly field: string
    readonly reached: readonly string[]
    readonly unreached: readonly string[]
  }[]
  readonly writes: readonly {
    readonly method: string
    readonly sent: readonly string[]
    readonly unsent: readonly string[]
  }[]
  /** Writes and methods of the model that it has no mapping for. */
  readonly missing: readonly string[]
}

/** What every integration of a kit covers of the unified models, and what of that its cases show. */
export function coverage(kit: Kit): CoveredResource[] {
  const cases = findCases(kit.files)
  return coverageOf(kit.catalog).flatMap(({ name, resources }) => {
    const integration = kit.catalog.integrations.get(name)
    if (integration === undefined) return []
    const own = cases.filter((each) => each.integration === name)
    const calls = own.flatMap(({ kind, value }) => (kind === 'call' ? [value as Case] : []))
    const deliveries = own.flatMap(({ kind, value }) => (kind === 'delivery' ? [value as DeliveryCase] : []))
    const reach = reachOf(integration, calls, deliveries)
    return resources.map((one) => covered(name, one, reach.get(`${one.model}/${one.resource}`)))
  })
}

/** What Onefold itself fills in on every record. */
const OURS = new Set(['object', 'provider', 'integrated_account_id', 'tenant_id', 'livemode', 'remote_data', '_meta'])

function covered(
  integration: string,
  { model, resource, mapped }: Coverage['resources'][number],
  reach: ResourceReach | undefined,
): CoveredResource {
  const fields = (mapped?.fields ?? []).filter(({ path }) => !OURS.has(path))
  return {
    ...{ integration, model, resource, is_mapped: mapped !== undefined, cases: reach?.cases ?? 0 },
    fields: fields.map(({ path, readable, reason }): CoveredField => {
      if (readable) return { path, state: reach?.fields.has(path) === true ? 'reached' : 'unreached' }
      return reason === undefined || reason === 'not mapped'
        ? { path, state: 'not_mapped' }
        : { path, state: 'absent', reason }
    }),
    enums: reach?.enums ?? [],
    writes: (mapped?.writes ?? []).map(({ method, sent, unsent }) => ({ method, sent, unsent })),
    missing: mapped?.missing ?? [],
  }
}

/** How many fields of a resource are in each state, and how many values of its enums cases show. */
export function countsOf({
  fields,
  enums,
}: CoveredResource): Readonly<Record<FieldState | 'values' | 'values_reached', number>> {
  const count = (wanted: FieldState): number => fields.filter(({ state }) => state === wanted).length
  const reached = enums.reduce((sum, each) => sum + each.reached.length, 0)
  return {
    ...{
      reached: count('reached'),
      unreached: count('unreached'),
      absent: count('absent'),
      not_mapped: count('not_mapped'),
    },
    values: enums.reduce((sum, each) => sum + each.unreached.length, reached),
    values_reached: reached,
  }
}
