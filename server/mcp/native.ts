import type { Integration, Operation } from '../../engine/index.ts'
import { EngineError } from '../../engine/index.ts'
import { findAccount } from '../api/accounts.ts'
import type { CallContext } from '../api/context.ts'
import { callProxy } from '../api/proxy.ts'
import { accountsOf, isMethodNamed } from '../api/reach.ts'
import { annotationsOf } from './annotations.ts'
import { ENVELOPE } from './answer.ts'
import { checkArguments } from './check.ts'
import type { Arguments, Found, Tool } from './contract.ts'
import type { NamedOperation } from './names.ts'
import { nativeInput, PAGING } from './native-schema.ts'
import type { McpOptions } from './options.ts'
import { foundIn, pageOf } from './reply.ts'
import { pairsOf, project, textOf, textsOf } from './values.ts'

const NEEDS_PERSON = 'It is held until it is approved.'
const ADDED = 'From an added definition.'

/** What the operation does, in the words of its definition; and that it is held, where that happens to it. */
export function descriptionOf(
  integration: Integration,
  { description, resource, name, effect }: Operation,
  isAgent = true,
): string {
  const own = description ?? `${name} of ${resource}.`
  const isHeld = isAgent && (effect === 'money' || effect === 'credential')
  return [
    `${integration.label}: ${own}`,
    ...(isHeld ? [NEEDS_PERSON] : []),
    ...(integration.isExtra ? [ADDED] : []),
  ].join(' ')
}

const OURS = {
  integrated_account_id: { type: 'string', description: 'The account to call; an account token has its own.' },
  fields: { type: 'array', items: { type: 'string' }, description: 'Only these fields of the answer, dotted.' },
}
const KEY = {
  idempotency_key: {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: 'A repeat with it does nothing twice.',
  },
}

/** The flat tool of a native operation. */
export function nativeTool(integration: Integration, named: NamedOperation): Tool {
  const { name, operation } = named
  const input = nativeInput(operation)
  const isWrite = operation.effect !== 'read'
  return {
    listed: {
      name,
      description: descriptionOf(integration, operation),
      inputSchema: {
        ...input,
        additionalProperties: false,
        properties: { ...(input.properties as object), ...OURS, ...(isWrite ? KEY : {}) },
      },
      outputSchema: ENVELOPE,
      annotations: annotationsOf(operation.effect, operation.name),
    },
    call: (context, args) => callNative(context, named, args),
  }
}

const outer = new WeakMap<Operation, Readonly<Record<string, unknown>>>()

/** The shape around the native values: those are for the API to judge, which lets pass what a definition does not know yet. */
function outerSchema(operation: Operation): Readonly<Record<string, unknown>> {
  const made = outer.get(operation) ?? {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(operation.pathParameters.map((name) => [name, { type: 'string', minLength: 1 }])),
      ...(operation.isList ? PAGING : {}),
      query: { type: 'object' },
      body: {},
      ...OURS,
      ...KEY,
    },
  }
  outer.set(operation, made)
  return made
}

/** Whether a connection wants the flat tool of an operation: by its tags (the resource's too), and by its method. */
export function isWanted(
  { resources }: Integration,
  operation: Operation,
  { tags, methods }: Pick<McpOptions, 'tags' | 'methods'>,
): boolean {
  const own = [...operation.tags, ...(resources.get(operation.resource)?.tags ?? [])]
  const isTagged = tags.length === 0 || tags.some((tag) => own.includes(tag))
  return isTagged && (methods.length === 0 || isMethodNamed(methods, operation.name))
}

const VERBS: Readonly<Record<string, string>> = { list: 'GET', get: 'GET', update: 'PATCH', delete: 'DELETE' }

/** Verb and path of the same call over the HTTP API; a name in braces is that of the parameter. */
export function addressOf(operation: Operation): string {
  const { resource, name, on, effect } = operation
  const id = idName(operation)
  const needsId = ['get', 'update', 'delete'].includes(name)
  const isStandard = (needsId && id !== undefined) || name === 'list' || name === 'create'
  // What is there once, such as the account itself, has no id: its methods are named.
  const verb = isStandard ? (VERBS[name] ?? 'POST') : needsId && effect === 'read' ? 'GET' : 'POST'
  const record = id !== undefined && (on === 'record' || needsId) ? `/{${id}}` : ''
  return `${verb} /proxy/${resource}${record}${isStandard ? '' : `/${name}`}`
}

/** Makes the call of a native operation with arguments in the shape of `nativeInput` and our own beside them. */
export async function callNative(context: CallContext, named: NamedOperation, args: Arguments): Promise<Found> {
  const { operation } = named
  checkArguments(outerSchema(operation), args)
  const accountId = textOf(args, 'integrated_account_id')
  await checkAccount(context, named, accountId)
  const others = operation.pathParameters.filter((name) => name !== idName(operation))
  const fixed: [string, string][] = [
    ...others.flatMap((name): [string, string][] => pairsOf(args[name], name)),
    ...(accountId === undefined ? [] : [['integrated_account_id', accountId] as [string, string]]),
    ...(operation.isList ? pageOf(args) : []),
  ]
  const fields = textsOf(args, 'fields')
  const send = async (limit?: number): Promise<Found> => {
    const paging = limit === undefined ? [] : [['limit', String(limit)] as [string, string]]
    const kept = limit === undefined ? fixed : fixed.filter(([name]) => name !== 'limit')
    const reply = await callProxy(context, {
      resource: operation.resource,
      method: operation.name,
      id: idOf(operation, args),
      query: [...ownPairs(args.query), ...kept, ...paging],
      body: args.body,
      idempotencyKey: textOf(args, 'idempotency_key'),
    })
    const found = foundIn(reply, operation.isList)
    return fields === undefined ? found : { ...found, result: project(found.result, fields) }
  }
  const found = await send()
  return operation.isList ? { ...found, again: send, narrow: 'name fields, or a smaller limit' } : found
}

/** Ours to say, never through the query: they would choose another account or bound. */
const RESERVED = ['integrated_account_id', 'tenant_id', 'limit', 'next_cursor', 'prev_cursor']

function ownPairs(query: unknown): [string, string][] {
  const pairs = pairsOf(query)
  const wrong = pairs.find(([name]) => RESERVED.includes(name))?.[0]
  if (wrong === undefined) return pairs
  throw new EngineError('invalid_parameter', `\`${wrong}\` does not belong in \`query\``, {
    where: `query.${wrong}`,
    hint: 'Give it beside `query`.',
  })
}

/** The path parameter that names the record, as the proxy reads it. */
export function idName({ pathParameters }: Operation): string | undefined {
  if (pathParameters.includes('id')) return 'id'
  return pathParameters.length === 1 ? pathParameters[0] : undefined
}

function idOf(operation: Operation, args: Arguments): string | undefined {
  const name = idName(operation)
  return name === undefined ? undefined : textOf(args, name)
}

/** A name stands for one provider's operation: it is never made on an account of another. */
async function checkAccount(context: CallContext, named: NamedOperation, id: string | undefined): Promise<void> {
  const bound = accountsOf(context.caller.token)
  const wanted = id ?? (bound?.length === 1 ? bound[0] : undefined)
  if (wanted === undefined || wanted === '') return
  const { integration } = await findAccount(context, wanted)
  if (integration === named.integration) return
  throw new EngineError('unknown_method', `The account is one of ${integration}, and ${named.name} is not`, {
    where: 'name',
    hint: 'search_tools finds the tools of an account.',
  })
}
