import { EngineError, type JsonRecord, type ModelResource } from '../../engine/index.ts'
import { type AggregateQuery, parseAggregate } from './aggregate-query.ts'
import { AggregateTally, figureOf, type Group, type GroupValue, wholeOut } from './aggregate-tally.ts'
import { audited } from './audit.ts'
import type { CallContext, Reply } from './context.ts'
import { customerOf, narrowQuery } from './narrow.ts'
import { checkRedactedField, checkRedactedQuery, isRedacting } from './redact.ts'
import { MOST_MERGED } from './several-accounts.ts'
import { boundsOf, fits, scan } from './synced-scan.ts'
import { ageOf, chooseSources, isPartial, type SyncedSubject } from './synced-subject.ts'
import { modelResource } from './unified.ts'

/** Records that one call looks at. */
const MOST_RECORDS = 500_000
const CHOICE = ['integrated_account_id', 'tenant_id', 'source']

type Pairs = readonly (readonly [string, string])[]

/**
 * Figures over synced records, by group. Throws `mixed_currencies`, `too_much_data`, `not_synced`, `forbidden` for what the
 * token is not shown, or as the query grammar.
 */
export function aggregateSynced(context: CallContext, model: string, name: string, pairs: Pairs): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  return audited(context, `unified/${model}/${resource.name}/aggregate`, 'read', async () => {
    const choice = choiceOf(pairs)
    const chosen = await chooseSources(context, resource, choice, MOST_MERGED)
    const environment = await services.reads.environment(chosen.sources[0]?.account.environmentId ?? '')
    const rest = pairs.filter(([key]) => !CHOICE.includes(key))
    const parsed = parseAggregate(rest, resource, environment?.settings.timezone)
    if (isRedacting(caller.token)) checkRedacted(parsed, resource)
    const customer = customerOf(caller.token)
    const query = customer === null ? parsed.query : narrowQuery(parsed.query, resource, customer)
    const subject = { services, resource, query, ...chosen }
    return { status: 200, body: await reckon(subject, { ...parsed, query }) }
  })
}

function choiceOf(pairs: Pairs): { integratedAccountId?: string; tenantId?: string } {
  const given = new Map<string, string>()
  for (const [name, value] of pairs.filter(([key]) => CHOICE.includes(key))) {
    if (given.has(name)) {
      throw new EngineError('invalid_parameter', `\`${name}\` is given more than once`, { where: name })
    }
    given.set(name, value)
  }
  if ((given.get('source') ?? 'synced') !== 'synced') {
    throw new EngineError('invalid_parameter', '`source`: only synced data is added up', {
      where: 'source',
      valid: ['synced'],
    })
  }
  const [id, tenantId] = [given.get('integrated_account_id'), given.get('tenant_id')]
  return { ...(id === undefined ? {} : { integratedAccountId: id }), ...(tenantId === undefined ? {} : { tenantId }) }
}

function checkRedacted({ groupBy, measures, query }: AggregateQuery, resource: ModelResource): void {
  checkRedactedQuery(query, resource)
  for (const { field } of groupBy) checkRedactedField(resource, field.path, 'group_by')
  for (const { fn, field } of measures) checkRedactedField(resource, field.path, fn)
}

async function reckon(subject: SyncedSubject, asked: AggregateQuery): Promise<JsonRecord> {
  const { services, sources, missing, isSeveral } = subject
  const { query, sort, limit, cursor } = asked
  const shape = [asked.groupBy, asked.measures, sort, query.filters, query.timezone]
  const binding = JSON.stringify(['aggregate', sources.map(({ set }) => set.id), shape])
  const place = cursor === undefined ? null : (services.cursors.open(cursor, binding) as Place)
  await checkSize(subject)
  const tally = new AggregateTally(asked)
  for await (const batch of scan(subject, null)) {
    for (const { record } of batch) if (fits(subject, record)) tally.add(record)
  }
  const order = orderOf(asked)
  const placed = [...tally.groups.values()].map((group) => ({ group, place: placeOf(group, asked) }))
  const rest = placed.filter((one) => place === null || order(one.place, place) > 0)
  rest.sort((a, b) => order(a.place, b.place))
  const page = rest.slice(0, limit)
  const last = rest.length > limit ? page.at(-1) : undefined
  return {
    result: page.map(({ group }) => groupOut(group, asked)),
    next_cursor: last === undefined ? null : services.cursors.seal(last.place, binding),
    result_count: page.length,
    timezone: query.timezone,
    is_partial_response: isPartial(subject),
    source: 'synced',
    ...ageOf(subject),
    ...(isSeveral ? { errors: missing } : {}),
  }
}

async function checkSize({ services, sources, query }: SyncedSubject): Promise<void> {
  const bounds = boundsOf(query.filters)
  let left = MOST_RECORDS
  for (const { set } of sources) left -= await services.stores.syncedReads.count(set.id, bounds, left + 1)
  if (left >= 0) return
  throw new EngineError('too_much_data', `There are more than ${MOST_RECORDS} records`, {
    where: 'created_at',
    hint: 'Narrow them by created_at or by account, or read the views of the database.',
  })
}

/** Where a list of groups goes on; sums beyond 2^53 are digits. */
interface Place {
  readonly by: GroupValue
  readonly values: readonly GroupValue[]
}

function placeOf(group: Group, { groupBy, measures, sort }: AggregateQuery): Place {
  const { values } = group
  if (sort === undefined) return { by: null, values }
  if (sort.by === 'count') return { by: group.count, values }
  const key = groupBy.findIndex(({ field }) => field.path === sort.by)
  if (key >= 0) return { by: values[key] ?? null, values }
  const at = measures.findIndex(({ fn, field }) => `${fn}.${field.path}` === sort.by)
  const figure = figureOf(group, measures, at)
  return { by: typeof figure === 'bigint' ? wholeOut(figure) : figure, values }
}

function orderOf({ sort, measures }: AggregateQuery): (a: Place, b: Place) => number {
  const isWhole = measures.some(({ fn, field }) => `${fn}.${field.path}` === sort?.by && field.kind === 'integer')
  const compare = isWhole ? compareWhole : compareValues
  return (a, b) => {
    const first = sort === undefined ? 0 : missingLast(a.by, b.by) || compare(a.by, b.by) * (sort.descending ? -1 : 1)
    if (first !== 0) return first
    for (const [at, value] of a.values.entries()) {
      const other = b.values[at] ?? null
      const next = missingLast(value, other) || compareValues(value, other)
      if (next !== 0) return next
    }
    return 0
  }
}

const missingLast = (a: GroupValue, b: GroupValue): number => Number(a === null) - Number(b === null)

const compareValues = (a: GroupValue, b: GroupValue): number =>
  a === b || a === null || b === null ? 0 : a < b ? -1 : 1

/** Numbers and digits. */
function compareWhole(a: GroupValue, b: GroupValue): number {
  if (a === null || b === null) return 0
  const [one, other] = [BigInt(a), BigInt(b)]
  return one === other ? 0 : one < other ? -1 : 1
}

function groupOut(group: Group, { groupBy, measures }: AggregateQuery): JsonRecord {
  const figures: Record<string, JsonRecord> = {}
  const leftOut: JsonRecord = {}
  for (const [at, { fn, field }] of measures.entries()) {
    const figure = figureOf(group, measures, at)
    figures[fn] = { ...figures[fn], [field.path]: typeof figure === 'bigint' ? wholeOut(figure) : figure }
    leftOut[field.path] = group.count - (group.figures[at]?.counted ?? 0)
  }
  return {
    group: Object.fromEntries(groupBy.map(({ field }, at) => [field.path, group.values[at] ?? null])),
    count: group.count,
    ...figures,
    ...(measures.length === 0 ? {} : { left_out: leftOut }),
  }
}
