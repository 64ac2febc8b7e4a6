import { EngineError } from '../../../engine/index.ts'
import { findAccount } from '../../api/accounts.ts'
import type { Reply } from '../../api/context.ts'
import { toolsOf } from '../../mcp/tools.ts'
import type { Route, RouteCall } from '../route.ts'
import { anyObject, object, pageOf, text, texts } from '../schemas.ts'

const TOOL = object(
  {
    name: text('Name, as in flat mode of MCP: at most 64 of a-z, 0-9 and _.'),
    description: text('What it does.'),
    resource: text('Native resource.'),
    method: text('Method: list, get, create, update, delete or a name of its own.'),
    effect: text('What it can do: read, write, money or credential.'),
    query_schema: anyObject('JSON Schema of its parameters, with those of the path.'),
    body_schema: anyObject('JSON Schema of its body.'),
    required: texts('Names of both that must be given.'),
    tags: texts('Tags of the resource and the method.'),
    call: object({
      verb: text('Verb of the call over this API.'),
      path: text('Its path; names in braces come from the parameters.'),
      query: anyObject('What else belongs into the query.'),
    }),
  },
  ['body_schema'],
)
const LIST = { type: 'string' }

/** The native methods of an account as tools for frameworks that make them of JSON. */
export const TOOL_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/integrated-account/{id}/tools', tag: 'Discovery', rank: 'any', answer: pageOf(TOOL) },
    summary: 'Lists the tools of an account: every native method that the token reaches, on one page.',
    query: {
      methods: {
        description: 'Only these: read, write, custom, or names of methods, divided by commas.',
        schema: LIST,
      },
      tags: { description: 'Only tools that bear one of these tags, divided by commas.', schema: LIST },
      has_description: {
        description: 'Whether tools without a description of their own are left out.',
        schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
      },
    },
    handle: tools,
  },
]

async function tools({ context, params, query }: RouteCall): Promise<Reply> {
  const account = await findAccount(context, params.id ?? '')
  const named = (name: string): string[] =>
    query.flatMap(([key, value]) => (key === name ? value.split(',') : [])).filter((one) => one.trim() !== '')
  const described = query.findLast(([name]) => name === 'has_description')?.[1] ?? 'false'
  if (!['true', 'false'].includes(described)) {
    const valid = ['true', 'false']
    throw new EngineError('invalid_parameter', 'This is neither true nor false', { where: 'has_description', valid })
  }
  const wanted = { methods: named('methods'), tags: named('tags'), isDescribed: described === 'true' }
  const result = toolsOf(context, account, wanted)
  return { status: 200, body: { result, next_cursor: null, limit: Math.max(1, result.length) } }
}
