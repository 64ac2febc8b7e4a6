import type { Integration, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { type PageState, START } from '../pagination/index.ts'
import { CallState } from './call-state.ts'
import { type EngineContext, type Invocation, integrationOf, type OperationResponse } from './context.ts'
import type { Account, CallOptions, JsonRecord, ListAnswer, ProxyAnswer, ProxyCall } from './contract.ts'
import { proxyInput } from './proxy-input.ts'
import { listNative } from './proxy-list.ts'
import { secretNames, withoutSecrets } from './secrets.ts'
import { invoke } from './send.ts'

/** Records of a native list when the call names no limit. */
const DEFAULT_LIMIT = 20

/**
 * Calls a native operation by resource and method: the provider's own fields, with our auth, paging, limits and retries.
 * Fields marked x-secret are left out of answers. Throws EngineError.
 */
export async function proxy(
  context: EngineContext,
  account: Account,
  call: ProxyCall,
  options: CallOptions,
): Promise<ProxyAnswer> {
  const integration = integrationOf(context, account)
  const operation = nativeOperation(integration, call)
  const state = new CallState(options)
  const invocation = { account, operation, input: proxyInput(operation, call, state), options, call: state }
  if (operation.isList) return listAnswer(context, invocation, call)
  const response = await invoke(context, invocation)
  const value = shown(integration, response)
  const report = state.report()
  if (operation.name === 'delete') return { kind: 'record', record: deletedRecord(call, value), report }
  if (!RECORD_METHODS.has(operation.name)) return { kind: 'method', result: value ?? null, report }
  return { kind: 'record', record: recordFrom(operation, call, value), report }
}

const RECORD_METHODS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'delete'])

/** The declared operation of a native call. Throws unknown_resource or unknown_method with the valid choices. */
function nativeOperation(integration: Integration, call: Pick<ProxyCall, 'resource' | 'method'>): Operation {
  const resource = integration.resources.get(call.resource)
  if (resource === undefined) {
    throw new EngineError('unknown_resource', `${integration.label} has no resource \`${call.resource}\``, {
      valid: [...integration.resources.keys()],
    })
  }
  const operation = resource.operations.get(call.method)
  if (operation !== undefined) return operation
  throw new EngineError('unknown_method', `\`${call.resource}\` has no method \`${call.method}\``, {
    valid: [...resource.operations.keys()],
  })
}

/** Bytes cannot stand in JSON: they are answered as base64 beside their type. */
function shown(integration: Integration, { record, headers }: OperationResponse): unknown {
  if (!(record instanceof Uint8Array)) return withoutSecrets(record, secretNames(integration))
  const type = headers['content-type'] ?? 'application/octet-stream'
  return { content_type: type, base64: Buffer.from(record).toString('base64') }
}

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const deletedRecord = ({ id }: ProxyCall, value: unknown): JsonRecord =>
  id === undefined ? { id: isRecord(value) ? (value.id ?? null) : null } : { id }

function recordFrom(operation: Operation, { id }: ProxyCall, value: unknown): JsonRecord {
  if (isRecord(value)) return value
  const isEmpty = value === undefined || value === null || value === ''
  if (isEmpty && operation.effect !== 'read') return id === undefined ? {} : { id }
  throw new EngineError('provider_bad_response', `The answer to ${operation.id} is not one record`)
}

/** What a cursor of a native list belongs to: another query or account cannot use it. */
function bindingOf({ account, operation, input }: Invocation): string {
  const sorted = Object.entries(input.query).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([
    'proxy',
    account.environmentId,
    account.id,
    operation.id,
    input.path,
    sorted,
    input.body ?? null,
  ])
}

async function listAnswer(context: EngineContext, invocation: Invocation, call: ProxyCall): Promise<ListAnswer> {
  const { cursors } = context.ports
  const binding = bindingOf(invocation)
  const start = call.cursor === undefined ? START : (cursors.open(call.cursor, binding) as PageState)
  const page = await listNative(context, invocation, start, limitOf(call))
  const names = secretNames(integrationOf(context, invocation.account))
  const seal = (state: PageState | null): string | null => (state === null ? null : cursors.seal(state, binding))
  return {
    kind: 'list',
    result: page.records.map((record) => withoutSecrets(asRecord(record), names) as JsonRecord),
    nextCursor: seal(page.next),
    prevCursor: seal(page.previous),
    isPartial: page.isPartial,
    report: invocation.call.report(),
  }
}

const asRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : { value })

function limitOf({ limit = DEFAULT_LIMIT }: ProxyCall): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit
  throw new EngineError('invalid_parameter', '`limit` must be a whole number from 1 to 1,000', { where: 'limit' })
}
