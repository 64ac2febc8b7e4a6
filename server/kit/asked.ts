import { readFileSync } from 'node:fs'
import { type CaseCall, EngineError, type Integration } from '../../engine/index.ts'

/** What a call is put together from on the command line. */
export interface AskedOptions {
  readonly id?: string | undefined
  /** `name=value` pairs. */
  readonly query: readonly string[]
  /** JSON, `@file`, or `-` for standard input. */
  readonly body?: string | undefined
}

/**
 * The call that words name: `model resource method`, or `resource method` of the provider's own; a slash parts words too.
 * Throws EngineError with what there is instead.
 */
export function askedCall(
  integration: Integration,
  words: readonly string[],
  { id, query, body }: AskedOptions,
): CaseCall {
  const parts = words.flatMap((word) => word.split('/'))
  const more = {
    ...(id === undefined ? {} : { id }),
    ...(query.length === 0 ? {} : { query: Object.fromEntries(query.map(pairOf)) }),
    ...(body === undefined ? {} : { body: bodyOf(body) as NonNullable<CaseCall['body']> }),
  }
  const [first = '', second = '', third] = parts
  if (parts.length === 3) return { ...unifiedTarget(integration, first, second), method: third ?? '', ...more }
  if (parts.length === 2) return { ...nativeTarget(integration, first, second), ...more }
  throw new EngineError(
    'invalid_request',
    'A call is named by model, resource and method, or by a native resource and method',
    {
      hint: `onefold try ${integration.name} payment-gateway customers list, or onefold try ${integration.name} customers list`,
    },
  )
}

function unifiedTarget(
  { name, mappings }: Integration,
  model: string,
  resource: string,
): Pick<CaseCall, 'model' | 'resource'> {
  if (mappings.has(`${model}/${resource}`)) return { model, resource }
  const valid = [...mappings.keys()]
  throw new EngineError('unsupported_resource', `${name} has no mapping for ${model}/${resource}`, {
    valid,
    hint: listed(valid),
  })
}

function nativeTarget(
  { name, resources }: Integration,
  resource: string,
  method: string,
): Pick<CaseCall, 'resource' | 'method'> {
  const native = resources.get(resource)
  if (native === undefined) {
    const valid = [...resources.keys()]
    throw new EngineError('unknown_resource', `${name} has no native resource ${resource}`, {
      valid,
      hint: listed(valid),
    })
  }
  if (native.operations.has(method)) return { resource, method }
  const valid = [...native.operations.keys()]
  throw new EngineError('unknown_method', `${resource} has no method ${method}`, { valid, hint: listed(valid) })
}

const MOST = 20

function listed(names: readonly string[]): string {
  const rest = names.length - MOST
  return names.length === 0
    ? 'There is none.'
    : `There is ${names.slice(0, MOST).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new EngineError('invalid_parameter', `'${text}' is not of the form name=value`, { where: '--query' })
}

function bodyOf(given: string): unknown {
  try {
    const text =
      given === '-' ? readFileSync(0, 'utf8') : given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid_json', `--body is not JSON: ${(cause as Error).message}`, {
      ...{ where: '--body', cause },
      hint: 'Write --body \'{ "name": "Ada" }\', --body @file.json, or --body - for standard input.',
    })
  }
}
