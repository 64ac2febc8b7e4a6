import type { JsonRecord, Operation } from '../../engine/index.ts'
import { nativeAct } from '../api/acts.ts'
import type { CallContext } from '../api/context.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { namedOperations } from './names.ts'
import { addressOf, descriptionOf, isWanted } from './native.ts'
import { nativeInput } from './native-schema.ts'
import type { McpOptions } from './options.ts'
import { reaches } from './reach.ts'

/** Which tools are asked for; empty is all. */
export interface WantedTools extends Pick<McpOptions, 'tags' | 'methods'> {
  /** Only tools whose definition describes them. */
  readonly isDescribed: boolean
}

/** The native methods of an account that the caller reaches, each with its schemas and the call that it stands for. */
export function toolsOf(context: CallContext, account: IntegratedAccount, wanted: WantedTools): JsonRecord[] {
  const catalog = context.services.engine.catalog()
  const integration = catalog.integrations.get(account.integration)
  if (integration === undefined) return []
  return [...namedOperations(catalog).values()].flatMap(({ name, integration: of, operation }) => {
    if (of !== integration.name || !reaches(context.caller.token, nativeAct(integration, operation, 'native')))
      return []
    if (!isWanted(integration, operation, wanted)) return []
    if (wanted.isDescribed && operation.description === undefined) return []
    const { resource, name: method, effect, tags } = operation
    const description = descriptionOf(integration, operation, context.caller.token.kind === 'agent')
    const [verb, path] = addressOf(operation).split(' ')
    return [
      {
        ...{ name, description, resource, method, effect },
        ...schemasOf(operation),
        tags: [...new Set([...(integration.resources.get(resource)?.tags ?? []), ...tags])],
        call: { verb, path, query: { integrated_account_id: account.id } },
      },
    ]
  })
}

interface ObjectSchema {
  readonly properties?: JsonRecord
  readonly required?: readonly string[]
}

/** What MCP has as nested arguments, flat: parameters and body are told apart by their schemas. */
function schemasOf(operation: Operation) {
  const { properties, required = [] } = nativeInput(operation) as ObjectSchema
  const { query = {}, body, ...beside } = (properties ?? {}) as Readonly<Record<string, ObjectSchema>>
  const own = required.filter((name) => operation.pathParameters.includes(name))
  return {
    query_schema: { type: 'object', properties: { ...beside, ...query.properties } },
    ...(body === undefined ? {} : { body_schema: body }),
    required: [...own, ...(query.required ?? []), ...(body?.required ?? [])],
  }
}
