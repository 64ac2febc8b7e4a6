import type { Catalog, Integration } from '../../engine/index.ts'
import { nativeAct } from '../api/acts.ts'
import { accountsOf } from '../api/reach.ts'
import type { Token } from '../stores/index.ts'
import type { Tool } from './contract.ts'
import { coreTools } from './core.ts'
import { type NamedOperation, namedOperations } from './names.ts'
import { isWanted, nativeTool } from './native.ts'
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
  const key = JSON.stringify([reachKey(token), [...reached].sort(), options.tags, options.methods])
  const tools = known.get(key) ?? listTools(catalog, token, reached, options)
  if (known.size >= MOST_LISTS) known.clear()
  known.set(key, tools)
  return tools
}

function listTools(catalog: Catalog, token: Token, reached: ReadonlySet<string>, options: McpOptions) {
  const native = [...namedOperations(catalog).values()].flatMap((named): Tool[] => {
    const integration = catalog.integrations.get(named.integration)
    if (integration === undefined || !reached.has(named.integration)) return []
    if (
      !reaches(token, nativeAct(integration, named.operation, 'native')) ||
      !isWanted(integration, named.operation, options)
    )
      return []
    return [toolMade(integration, named)]
  })
  return new Map([...beside(catalog, token), ...native].map((tool) => [tool.listed.name, tool]))
}

/** A token of one account has it; others must find theirs. What was held is confirmed by a tool of its own. */
function beside(catalog: Catalog, token: Token): readonly Tool[] {
  const names = [...(accountsOf(token)?.length === 1 ? [] : ['list_accounts']), 'confirm_action']
  return [...coreTools(catalog, token).values()].filter(({ listed }) => names.includes(listed.name))
}

function toolMade(integration: Integration, named: NamedOperation): Tool {
  const tool = made.get(named) ?? nativeTool(integration, named)
  made.set(named, tool)
  return tool
}
