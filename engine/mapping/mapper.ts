import type { ModelResource, ResourceMapping } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { CellResult, Compiled, Variables } from '../expression/index.ts'
import { assemble, type Drift, type FieldError, type Findings } from './assemble.ts'
import { Batch } from './batch.ts'
import { joinId } from './composite-id.ts'
import { explainRecord, mask, rawOf, secretsOf } from './explain.ts'
import { type Frame, openFrame } from './frame.ts'
import type { Json } from './paths.ts'
import { expressionsOf, isWanted, lookupNames, makePlan, type Plan, type Wanted } from './plan.ts'
import { conform, shapeOf } from './shape.ts'
import { isTrue } from './truth.ts'
import { repair } from './validate.ts'
import { type MapContext, type MapItem, variablesOf, versionOf } from './variables.ts'

/** A unified record and what was met on the way. */
export interface Mapped {
  readonly record: Json
  readonly fieldErrors: readonly FieldError[]
  readonly drift: readonly Drift[]
}

/** Maps native records of one unified resource. */
export interface Mapper {
  /** Lookups that the wanted fields read; has `*` when one may read any. */
  readonly lookups: ReadonlySet<string>
  /** All records of a page together, in order. Throws EngineError provider_bad_response for a record without id. */
  page(items: readonly MapItem[], context: MapContext): Mapped[]
}

/** A mapper for the fields wanted. Every property of the model is in its records; what was not wanted is null. */
export function createMapper(mapping: ResourceMapping, resource: ModelResource, wanted: Wanted): Mapper {
  const plan = makePlan(mapping, { ...wanted, always: ['id', ...(wanted.always ?? [])] })
  const page = (items: readonly MapItem[], context: MapContext): Mapped[] => {
    const drafts = draftPage(mapping, plan, items, context)
    return drafts.map((draft) => finish(draft, mapping, resource, context, wanted))
  }
  return { lookups: plan.lookups, page }
}

interface Draft {
  readonly item: MapItem
  readonly frame: Frame
  readonly idParts: readonly unknown[]
}

function draftPage(mapping: ResourceMapping, plan: Plan, items: readonly MapItem[], context: MapContext): Draft[] {
  const variables = items.map((item) => variablesOf(item, context))
  const holding = holdingVariants(plan, items, variables)
  const batch = new Batch()
  const drafts = items.map((item, at) => {
    const given = variables[at] ?? {}
    const idParts: unknown[] = []
    const frame = openFrame(batch, plan.layered(holding[at] ?? []), item.native, given)
    const parts = mapping.idParts ?? []
    const ask = (expression: Compiled) => ({ expression, record: item.native, variables: given })
    if (parts.length > 0) {
      batch.ask(
        parts.map(({ expression }) => ask(expression)),
        (results) => idParts.push(...results.map(valueOr)),
      )
    }
    return { item, frame, idParts }
  })
  batch.run()
  return drafts
}

const valueOr = (result: CellResult): unknown => ('error' in result ? null : (result.value ?? null))

/** For each record the variants whose condition holds; one that fails does not hold. */
function holdingVariants(plan: Plan, items: readonly MapItem[], variables: readonly Variables[]): number[][] {
  const holding: number[][] = items.map(() => [])
  if (plan.variants.length === 0) return holding
  const batch = new Batch()
  for (const [at, item] of items.entries()) {
    const cells = plan.variants.map(({ when }) => ({ expression: when, record: item.native, variables: variables[at] }))
    batch.ask(cells, (results) => {
      for (const [variant, result] of results.entries()) if (isTrue(valueOr(result))) holding[at]?.push(variant)
    })
  }
  batch.run()
  return holding
}

function finish(
  draft: Draft,
  mapping: ResourceMapping,
  resource: ModelResource,
  context: MapContext,
  wanted: Wanted,
): Mapped {
  const shape = shapeOf(resource.schema)
  const findings: Findings = { errors: [], drift: [] }
  const assembled = assemble(draft.frame, shape, findings)
  if (mapping.idParts !== undefined) assembled.id = draft.idParts.includes(null) ? null : joinId(draft.idParts)
  const record = conform(assembled, shape, true) as Json
  fillConventions(record, draft.frame, resource, context)
  const secrets = secretsOf(draft.item.native, context.secretNames)
  const errors = [...findings.errors.map((error) => withRaw(error, draft)), ...repair(record, resource)]
  if (typeof record.id !== 'string' || record.id === '') throw noId(resource, mapping)
  if (context.strict === true && errors[0] !== undefined) throw notStrict(errors[0], resource, mapping)
  record.remote_data = context.remoteData ? context.withoutSecrets(draft.item.native) : null
  const shown = errors.map((error) => ({ ...error, raw: mask(error.raw, secrets) ?? null }))
  const unresolved = draft.item.unresolved ?? new Set<string>()
  const reasons = nullReasons(draft.frame, record, unresolved)
  const failed = new Set(errors.map(({ field }) => field))
  const fieldIsWanted = (field: string) => isWanted(field, wanted)
  record._meta = {
    api_version: versionOf(draft.item, context),
    observed_at: context.observedAt,
    ...(shown.length > 0 ? { field_errors: shown } : {}),
    ...(Object.keys(reasons).length > 0 ? { null_reasons: reasons } : {}),
    ...(context.explain
      ? {
          explain: explainRecord({
            mapping,
            resource,
            frame: draft.frame,
            record,
            failed,
            unresolved,
            secrets,
            isWanted: fieldIsWanted,
          }),
        }
      : {}),
  }
  return { record, fieldErrors: shown, drift: findings.drift }
}

function withRaw(error: FieldError, { frame }: Draft): FieldError {
  const spec = frame.specs.get(error.field)
  return spec === undefined ? error : { ...error, raw: rawOf(expressionsOf(spec), frame, new Set()) ?? null }
}

function fillConventions(record: Json, frame: Frame, resource: ModelResource, context: MapContext): void {
  record.object = resource.object
  record.provider = context.provider
  record.integrated_account_id = context.accountId
  record.tenant_id = context.tenantId
  record.livemode ??= context.livemode
  record.is_deleted ??= false
  if (typeof record.id === 'number') record.id = String(record.id)
  if (frame.specs.has('metadata')) record.metadata ??= {}
}

/** Fields that are null because a lookup was given up. */
function nullReasons(frame: Frame, record: Json, unresolved: ReadonlySet<string>): Json {
  const reasons: Json = {}
  if (unresolved.size === 0) return reasons
  for (const [name, spec] of frame.specs) {
    const lookups = expressionsOf(spec).flatMap(lookupNames)
    if (!lookups.some((lookup) => unresolved.has(lookup))) continue
    if (name.split('.').reduce<unknown>((here, part) => (here as Json | null)?.[part], record) == null) {
      reasons[name] = 'not_resolved'
    }
  }
  return reasons
}

function noId(resource: ModelResource, mapping: ResourceMapping): EngineError {
  return new EngineError('provider_bad_response', `A record of ${resource.model}/${resource.name} has no id`, {
    where: `${mapping.address.file}:${mapping.address.line}:${mapping.address.column}`,
    hint: 'The field `id` of the mapping must give text for every record.',
  })
}

function notStrict(error: FieldError, resource: ModelResource, mapping: ResourceMapping): EngineError {
  const message = `${resource.model}/${resource.name}: \`${error.field}\` ${error.reason}`
  return new EngineError('definition_invalid', message, { where: mapping.address.file })
}
