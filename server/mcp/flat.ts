import type { Catalog, Integration } from '../../engine/index.ts'
import type { Token } from '../stores/index.ts'
import type { Tool } from './contract.ts'
import { coreTools } from './core.ts'
import { type NamedOperation, namedOperations } from './names.ts'
import { actOf, isWanted, nativeTool } from './native.ts'
import type { McpOptions } from './options.ts'
import { reaches, reachKey } from './reach.ts'

const made = new WeakMap<NamedOperation, Tool>()
const lists = new WeakMap<Catalog, Map<string, ReadonlyMap<string, Tool>>>()
const MOST_LISTS = 200

/**
 * One tool for each native method that the token reaches and the connection wants, by name; `list_accounts` where it is
 * needed. Made once for each such question and catalog.
 */
export function flatTools(
  catalog: Catalog,
  token: Token,
  reached: ReadonlySet<string>,
  options: McpOptions,
): ReadonlyMap<string, Tool> {
  const known = lists.get(catalog) ?? new Map<string, ReadonlyMap<string, Tool>>()
  lists.set(catalog, known)
  const key = JSON.stringify([token.kind, reachKey(token), [...reached].sort(), options.tags, options.methods])
  const tools = known.get(key) ?? listTools(catalog, token, reached, options)
  if (known.size >= MOST_LISTS) known.clear()
  known.set(key, tools)
  return tools
}

function listTools(catalog: Catalog, token: Token, reached: ReadonlySet<string>, options: McpOptions) {
  const native = [...namedOperations(catalog).values()].flatMap((named): Tool[] => {
    const integration = catalog.integrations.get(named.integration)
    if (integration === undefined || !reached.has(named.integration)) return []
    if (!reaches(token, actOf(named.operation)) || !isWanted(integration, named.operation, options)) return []
    return [toolMade(integration, named)]
  })
  return new Map([...beside(catalog, token), ...native].map((tool) => [tool.listed.name, tool]))
}

/** An account token has its account; others must find theirs. */
const beside = (catalog: Catalog, token: Token): readonly Tool[] =>
  token.kind === 'account'
    ? []
    : [...coreTools(catalog, token).values()].filter(({ listed }) => listed.name === 'list_accounts')

function toolMade(integration: Integration, named: NamedOperation): Tool {
  const tool = made.get(named) ?? nativeTool(integration, named)
  made.set(named, tool)
  return tool
}
