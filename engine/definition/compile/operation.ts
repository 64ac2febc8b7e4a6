import type {
  Idempotency,
  Integration as IntegrationFile,
  Method,
  Pagination,
  RequestDefaults,
  Resource,
  ResponseDefaults,
} from '../../schema/generated.ts'
import type { IdempotencyRules, Operation, PaginationRules, RequestRules, ResponseRules } from '../catalog.ts'
import type { Located } from '../document.ts'
import { deepFreeze, FrozenMap, FrozenSet, frozenCopy } from '../frozen.ts'
import { isListMethod, isOnRecord, pathParametersOf } from '../operations.ts'
import { bucketsOf } from './buckets.ts'
import { errorRulesOf, retryOf } from './failures.ts'
import { defaultExpression, expressionOf, expressionsOf, maybeExpression, patternOf, templateOf } from './slots.ts'

/** What an operation is compiled from: its method over its resource over its integration. */
export interface OperationSource {
  readonly integration: Located<IntegrationFile>
  readonly resource: Located<Resource>
  readonly name: string
  readonly method: Located<Method>
}

/** Compiles one operation, with every default resolved. */
export function operationOf({ integration, resource, name, method }: OperationSource): Operation {
  const id = `${resource.need('name').value}.${name}`
  const { description, effect = 'money', verb, host = 'default', deprecated = false, tags } = method.value
  const path = templateOf(method.need('path'))
  const isList = isListMethod(name, method.value)
  const pagination = method.at('pagination') ?? (isList ? integration.at('pagination') : undefined)
  return deepFreeze<Operation>({
    id,
    integration: integration.value.name,
    resource: resource.value.name,
    name,
    description,
    effect,
    verb,
    host,
    path,
    pathParameters: pathParametersOf(path),
    isList,
    on: isOnRecord(method) ? 'record' : 'collection',
    deprecated,
    tags: frozenCopy([...new Set([...(resource.value.tags ?? []), ...(tags ?? [])])]),
    parameters: new FrozenMap(
      Object.entries(method.value.parameters ?? {}).map(([key, each]) => [key, frozenCopy(each)]),
    ),
    request: requestOf(method.value.parameters ?? {}, integration.at('request'), method.at('request')),
    response: responseOf(integration.at('response'), method.at('response')),
    pagination: pagination === undefined ? undefined : paginationOf(pagination),
    complete: completeOf(method),
    idempotency: idempotencyOf(integration.at('idempotency'), method),
    retry: retryOf([method.at('retry'), integration.at('retry')]),
    errors: [...errorRulesOf(method.at('errors')), ...errorRulesOf(integration.at('errors'))],
    buckets: bucketsOf(integration, id, effect),
    money: frozenCopy(resource.value.money ?? integration.value.money ?? { form: 'minor' as const }),
    time: frozenCopy(resource.value.time ?? integration.value.time ?? { form: 'rfc3339' as const }),
    amount: maybeExpression(method.at('amount')),
    currency: maybeExpression(method.at('currency')),
    address: method.address,
  })
}

type Both<T> = readonly [Located<T> | undefined, Located<T> | undefined]

function requestOf(declared: object, ...layers: Both<RequestDefaults>): RequestRules {
  const values = layers.map((layer) => layer?.value ?? {})
  const merged: RequestDefaults = Object.assign({}, ...values)
  const headers = layers.flatMap((layer) => layer?.at('headers')?.entries() ?? [])
  const defaults = layers.flatMap((layer) => [...expressionsOf(layer?.at('defaults'))])
  return {
    body: merged.body ?? 'json',
    form: merged.form ?? 'indexed',
    jsonFields: new FrozenSet(merged.json_fields ?? []),
    arrays: merged.arrays ?? 'repeat',
    nulls: merged.nulls ?? 'null',
    envelope: merged.envelope,
    constants: frozenCopy(Object.assign({}, ...values.map(({ constants }) => constants)) as Record<string, unknown>),
    defaults: new FrozenMap(defaults.filter(([name]) => Object.hasOwn(declared, name))),
    headers: new FrozenMap(headers.map(([header, node]) => [header, templateOf(node)])),
    timeoutMs: merged.timeout_ms ?? 30_000,
  }
}

function responseOf(...layers: Both<ResponseDefaults>): ResponseRules {
  const merged: ResponseDefaults = Object.assign({}, ...layers.map((layer) => layer?.value ?? {}))
  const [outer, inner] = layers
  return {
    format: merged.format ?? 'json',
    maxBytes: merged.max_bytes ?? 16_777_216,
    bigIntegers: merged.big_integers ?? 'number',
    records: maybeExpression(inner?.at('records') ?? outer?.at('records')),
    record: maybeExpression(inner?.at('record') ?? outer?.at('record')),
  }
}

const NUMBERED = new Set(['page', 'offset'])

function paginationOf(node: Located<Pagination>): PaginationRules {
  const { strategy, in: where = 'query', after, before, param, start = 1, limit, stability } = node.value
  return {
    strategy,
    in: where,
    after,
    before,
    key: strategy === 'cursor' ? (maybeExpression(node.at('key')) ?? defaultExpression('id', [])) : undefined,
    hasMore: maybeExpression(node.at('has_more')),
    param,
    next: maybeExpression(node.at('next')),
    start,
    total: maybeExpression(node.at('total')),
    limit:
      limit === undefined
        ? undefined
        : { param: limit.param, max: limit.max, default: limit.default, fixed: limit.fixed ?? false },
    stability: stability ?? (NUMBERED.has(strategy) ? 'best_effort' : 'keyset'),
    omitsPathWhenEmpty: node.value.omits_path_when_empty ?? false,
  }
}

function completeOf(method: Located<Method>): Operation['complete'] {
  const { complete } = method.value
  if (complete === undefined || complete === true) return complete
  const include = Object.entries(complete.include ?? {}).map(([key, each]) => [key, each.const])
  return frozenCopy({ omits: complete.omits, include: Object.fromEntries(include) as Record<string, unknown> })
}

function idempotencyOf(
  general: Located<Idempotency> | undefined,
  method: Located<Method>,
): IdempotencyRules | undefined {
  const own = method.at('idempotency')
  const node = own ?? general
  if (node === undefined || method.value.effect === 'read') return undefined
  const verbs = node.value.verbs ?? (own === undefined ? ['POST'] : [method.value.verb])
  if (!verbs.includes(method.value.verb)) return undefined
  const { in: where, name, max_length = 255, lifetime_s } = node.value
  const conflict = node.at('on_conflict')
  const existing = node.at('find_existing')
  const pattern = node.at('pattern')
  return {
    in: where,
    name,
    maxLength: max_length,
    pattern: pattern && patternOf(pattern),
    lifetimeMs: lifetime_s === undefined ? undefined : lifetime_s * 1000,
    replayed: maybeExpression(node.at('replayed')),
    onConflict:
      conflict === undefined
        ? undefined
        : {
            when: expressionOf(conflict.need('when')),
            from: conflict.value.from,
            path: expressionsOf(conflict.need('path')),
          },
    findExisting:
      existing === undefined
        ? undefined
        : {
            from: existing.value.from,
            query: expressionsOf(existing.at('query')),
            match: expressionOf(existing.need('match')),
          },
  }
}
