import type { Integration, ModelResource, NativeResource, Operation, ResourceMapping } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { createMapper, type Json, type Mapper, narrowed, type Wanted } from '../mapping/index.ts'
import type { PageInput } from '../pagination/index.ts'
import { type Settled, settled } from './apart.ts'
import { CallState } from './call-state.ts'
import { accountView, type EngineContext, integrationOf, type OperationResponse, operationOf } from './context.ts'
import type { Account, CallOptions, UnifiedQuery } from './contract.ts'
import { mappingOf } from './overrides.ts'
import { invoke } from './send.ts'

/** A native record and the answer it came in. */
export interface Found {
  readonly native: unknown
  readonly operation: Operation
  readonly response: OperationResponse
  /** Name of the list source. */
  readonly source?: string | undefined
  readonly parent?: unknown
}

/** One unified call on one resource: what it works with, and the ways to ask and to map. */
export class Session {
  readonly context: EngineContext
  readonly account: Account
  readonly options: CallOptions
  readonly call: CallState
  readonly integration: Integration
  readonly model: string
  readonly resource: ModelResource
  readonly mapping: ResourceMapping
  readonly query: UnifiedQuery
  /** What lookups found in this request, by lookup and key. */
  readonly found: Map<string, Map<string, unknown>>
  readonly #mappers = new Map<string, Mapper>()

  constructor(given: {
    context: EngineContext
    account: Account
    options: CallOptions
    model: string
    resource: string
    query: UnifiedQuery
    call?: CallState
    found?: Map<string, Map<string, unknown>>
  }) {
    this.context = given.context
    this.account = given.account
    this.options = given.options
    this.query = given.query
    this.model = given.model
    this.call = given.call ?? new CallState(given.options)
    this.integration = integrationOf(given.context, given.account)
    this.resource = modelResourceOf(given.context, given.model, given.resource)
    this.mapping = mappingOf(given.context.catalog, this.integration, given.account, this.resource)
    this.found = given.found ?? new Map()
  }

  /** The same call on another resource of the model, with its cost shared; `call` may be a bounded part of it. */
  on(resource: string, query: UnifiedQuery, model = this.model, call = this.call): Session {
    const { context, account, options, found } = this
    return new Session({ context, account, options, call, found, model, resource, query })
  }

  /** What expressions see as `$account`. */
  get accountView(): Json {
    return accountView(this.account)
  }

  operation(id: string): Operation {
    return operationOf(this.integration, id)
  }

  nativeResource(operation: Operation): NativeResource | undefined {
    return this.integration.resources.get(operation.resource)
  }

  /** See settled: work over expressions of the definition. */
  settled<T>(work: () => T): Settled<T> {
    return settled(this.context, this.account, work)
  }

  /** Runs one operation within the cost of the call. */
  invoke(operation: Operation, input: PageInput): Promise<OperationResponse> {
    const { account, options, call } = this
    return invoke(this.context, { account, operation, input, options, call })
  }

  /** The mapper for the fields wanted, made once for the call. Drafts have no other properties than these. */
  mapper(wanted: Wanted, isDraft = false): Mapper {
    const key = JSON.stringify([wanted, isDraft])
    const { fields } = wanted
    const resource = isDraft && fields !== undefined ? narrowed(this.resource, fields) : this.resource
    const mapper = this.#mappers.get(key) ?? createMapper(this.mapping, resource, wanted)
    this.#mappers.set(key, mapper)
    return mapper
  }
}

/** A resource of a unified model. Throws EngineError unknown_model or unknown_resource. */
function modelResourceOf(context: EngineContext, model: string, resource: string): ModelResource {
  const found = context.catalog.models.get(model)
  if (found === undefined) {
    const valid = [...context.catalog.models.keys()]
    throw new EngineError('unknown_model', `There is no unified model ${model}`, { valid, where: 'model' })
  }
  const inner = found.resources.get(resource)
  if (inner !== undefined) return inner
  const valid = [...found.resources.keys()]
  throw new EngineError('unknown_resource', `${model} has no resource ${resource}`, { valid, where: 'resource' })
}
