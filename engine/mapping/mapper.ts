import type { Address, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { Repeats, type Told, type Variables } from '../expression/index.ts'
import { assemble, type Drift, type FieldError, type Findings } from './assemble.ts'
import { Batch, BETWEEN, evaluated, finished, type Work } from './batch.ts'
import { joinId } from './composite-id.ts'
import type { Way } from './cook.ts'
import { explainRecord, mask, rawOf, secretsOf } from './explain.ts'
import { type Frame, openFrame } from './frame.ts'
import { Holding, heldApart, throwStopped } from './holding.ts'
import type { Json } from './paths.ts'
import { expressionsOf, isWanted, type Layered, type Plan, planOf, type Wanted } from './plan.ts'
import { conform, type Shape, shapeOf } from './shape.ts'
import { repair, validatorOf } from './validate.ts'
import { type MapContext, type MapItem, variablesOf, versionOf } from './variables.ts'

/** A unified record and what was met on the way. */
export interface Mapped {
  readonly record: Json
  readonly fieldErrors: readonly FieldError[]
  /** In no order. */
  readonly drift: readonly Drift[]
}

/** Maps native records of one unified resource. */
export interface Mapper {
  /** Lookups that the wanted fields read; has `*` when one may read any. */
  readonly lookups: ReadonlySet<string>
  /**
   * All records of a page together, in order. Stops where expressions that tenants wrote are to be evaluated apart.
   * Throws EngineError provider_bad_response for a record without id.
   */
  work(items: readonly MapItem[], context: MapContext): Work<Mapped[]>
  /** Makes ahead, piece by piece, what the first records would have to wait for. */
  prepare(): Work<void>
  /** As work, all of it in this process. */
  page(items: readonly MapItem[], context: MapContext): Mapped[]
}

/** A mapper for the fields wanted. Every property of the model is in its records; what was not wanted is null. */
export function createMapper(mapping: ResourceMapping, resource: ModelResource, wanted: Wanted): Mapper {
  const plan = planOf(mapping, resource, { ...wanted, always: ['id', ...(wanted.always ?? [])] })
  function* work(items: readonly MapItem[], context: MapContext): Work<Mapped[]> {
    const drafts = yield* draftPage(plan, items, context)
    const ids = yield* idsOf(mapping.idParts, drafts)
    const shape = shapeOf(resource.schema)
    const mapped: Mapped[] = []
    for (const [at, draft] of drafts.entries()) {
      putTogether(draft, shape)
      if (ids !== undefined) (draft.record as Json).id = ids[at]
      mapped.push(finish(draft, mapping, resource, context, wanted))
      if (mapped.length % PIECE === 0) yield BETWEEN
    }
    return mapped
  }
  function* prepare(): Work<void> {
    for (const way of waysOf(plan)) {
      yield BETWEEN
      if ('ready' in way) way.ready()
      yield BETWEEN
    }
    validatorOf(resource.schema)
  }
  return { lookups: plan.lookups, work, prepare, page: (items, context) => finished(work(items, context)) }
}

/** The functions of a plan, each made when it is asked for: the conditions, no variant, and each alone. */
function* waysOf({ conditions, layered, variants }: Plan): Generator<Way> {
  if (variants.length > 0) yield conditions()
  yield layered([]).way()
  for (const at of variants.keys()) yield layered([at]).way()
}

/** A record under way. The frame has what is made field by field: all of it, or what is still missing in the record. */
interface Draft {
  readonly item: MapItem
  readonly variables: Variables
  readonly layered: Layered
  record: Json | undefined
  readonly lost: readonly string[]
  readonly frame: Frame | undefined
  readonly findings: Findings
}

/** Records of a page for which a failing expression tells its own reason, and reasons that are told of a page. */
const MOST_REPEATS = 3
const MOST_REASONS = 20

/** Records that are worked on in one piece: few enough that also those that fail hold nobody up for long. */
const PIECE = 10

/** Makes each record by the one function of its fields; what that cannot make, or all that is to be explained, field by field. */
function* draftPage(plan: Plan, items: readonly MapItem[], context: MapContext): Work<Draft[]> {
  const batch = new Batch(context.explain ? undefined : new Repeats(MOST_REPEATS, MOST_REASONS))
  const holding = new Holding(plan)
  const draftOf = (item: MapItem, variables: Variables, held: readonly number[]): Draft => {
    const layered = plan.layered(held)
    const found = context.explain ? undefined : layered.way()
    const told: Told = { unlisted: [], lost: [] }
    const { lost, unlisted } = told
    const record = found !== undefined && 'cook' in found ? found.cook(item.native, variables, told) : undefined
    if (record !== undefined && lost.length === 0)
      return { item, variables, layered, record, lost, frame: undefined, findings: { errors: [], drift: unlisted } }
    const specs = record === undefined ? layered.specs : layered.making(lost)
    const frame = openFrame(batch, specs, item.native, variables)
    const drift = unlisted.filter(({ field }) => record !== undefined && !isMadeBy(specs, field))
    return { item, variables, layered, record, lost, frame, findings: { errors: [], drift } }
  }
  const seen = items.map((item) => ({ native: item.native, variables: variablesOf(item, context) }))
  const apart = plan.isApart ? yield* heldApart(plan, seen) : undefined
  const drafts: Draft[] = []
  for (const [at, item] of items.entries()) {
    const { variables } = seen[at] as (typeof seen)[number]
    drafts.push(draftOf(item, variables, apart?.[at] ?? holding.of(item.native, variables)))
    if (drafts.length % PIECE === 0) yield BETWEEN
  }
  yield* batch.run()
  return drafts
}

/** Whether the member that a field is part of is made field by field. */
const isMadeBy = (specs: Layered['specs'], field: string): boolean =>
  [...specs.keys()].some((name) => headOf(name) === headOf(field))

const headOf = (field: string): string => field.split(/[.[]/, 1)[0] ?? field

/** Puts together what was made field by field. */
function putTogether(draft: Draft, shape: Shape): void {
  if (draft.frame === undefined) return
  const made = assemble(draft.frame, shape, draft.findings)
  if (draft.record === undefined) draft.record = conform(made, shape, true) as Json
  else for (const name of draft.lost) draft.record[name] = conform(made[name], shape.properties.get(name))
}

function finish(
  draft: Draft,
  mapping: ResourceMapping,
  resource: ModelResource,
  context: MapContext,
  wanted: Wanted,
): Mapped {
  const { item, layered, findings } = draft
  const record = draft.record as Json
  fillConventions(record, layered.specs, resource, context)
  const errors = [...findings.errors.map((error) => withRaw(error, draft)), ...repair(record, resource)]
  if (typeof record.id !== 'string' || record.id === '')
    throw noId(resource, layered.specs.get('id')?.address ?? mapping.address)
  if (context.strict === true && errors[0] !== undefined) throw notStrict(errors[0], resource, mapping)
  record.remote_data = context.remoteData ? context.withoutSecrets(item.native) : null
  const isQuiet = errors.length === 0 && !context.explain
  const secrets = isQuiet ? NO_SECRETS : secretsOf(item.native, context.secretNames)
  const shown = errors.map((error) => ({ ...error, raw: mask(error.raw, secrets) ?? null }))
  const meta: Json = { api_version: versionOf(item, context), observed_at: context.observedAt }
  if (shown.length > 0) meta.field_errors = shown
  const reasons = nullReasons(layered.joined(), record, item.unresolved)
  if (reasons !== undefined) meta.null_reasons = reasons
  if (context.explain && draft.frame !== undefined) {
    const failed = new Set(errors.map(({ field }) => field))
    const unresolved = item.unresolved ?? NO_NAMES
    const fieldIsWanted = (field: string) => isWanted(field, wanted)
    const { frame } = draft
    meta.explain = explainRecord({
      mapping,
      resource,
      frame,
      record,
      failed,
      unresolved,
      secrets,
      isWanted: fieldIsWanted,
    })
  }
  record._meta = meta
  return { record, fieldErrors: shown, drift: findings.drift }
}

const NO_SECRETS: ReadonlySet<unknown> = new Set()
const NO_NAMES: ReadonlySet<string> = new Set()

/** The composite ids of records, each null when a part of it is missing; undefined where ids are not composite. */
function* idsOf(parts: ResourceMapping['idParts'], drafts: readonly Draft[]): Work<(string | null)[] | undefined> {
  if (parts === undefined) return undefined
  const cells = drafts.flatMap(({ item, variables }) =>
    parts.map(({ expression }) => ({ expression, record: item.native, variables })),
  )
  const results = yield* evaluated(cells)
  throwStopped(results)
  const values = results.map((result) => ('error' in result ? null : (result.value ?? null)))
  return drafts.map((_, at) => {
    const own = values.slice(at * parts.length, (at + 1) * parts.length)
    return own.includes(null) ? null : joinId(own)
  })
}

function withRaw(error: FieldError, { frame }: Draft): FieldError {
  const spec = frame?.specs.get(error.field)
  return spec === undefined || frame === undefined
    ? error
    : { ...error, raw: rawOf(expressionsOf(spec), frame, new Set()) ?? null }
}

function fillConventions(record: Json, specs: Layered['specs'], resource: ModelResource, context: MapContext): void {
  record.object = resource.object
  record.provider = context.provider
  record.integrated_account_id = context.accountId
  record.tenant_id = context.tenantId
  record.livemode ??= context.livemode
  record.is_deleted ??= false
  if (typeof record.id === 'number') record.id = String(record.id)
  if (specs.has('metadata')) record.metadata ??= {}
}

/** Fields that are null because a lookup was given up. */
function nullReasons(
  joined: ReturnType<Layered['joined']>,
  record: Json,
  unresolved: ReadonlySet<string> | undefined,
): Json | undefined {
  if (unresolved === undefined || unresolved.size === 0) return undefined
  const reasons: Json = {}
  for (const [name, lookups] of joined) {
    if (!lookups.some((lookup) => unresolved.has(lookup))) continue
    const value = name.split('.').reduce<unknown>((here, part) => (here as Json | null)?.[part], record)
    if (value === undefined || value === null) reasons[name] = 'not_resolved'
  }
  return Object.keys(reasons).length === 0 ? undefined : reasons
}

function noId(resource: ModelResource, { file, line, column }: Address): EngineError {
  return new EngineError('provider_bad_response', `A record of ${resource.model}/${resource.name} has no id`, {
    where: `${file}:${line}:${column}`,
    hint: 'The field `id` of the mapping must give text for every record.',
  })
}

function notStrict(error: FieldError, resource: ModelResource, mapping: ResourceMapping): EngineError {
  const message = `${resource.model}/${resource.name}: \`${error.field}\` ${error.reason}`
  return new EngineError('definition_invalid', message, { where: mapping.address.file })
}
