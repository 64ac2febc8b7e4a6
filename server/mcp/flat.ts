import type { Catalog, Integration } from '../../engine/index.ts'
import type { Token } from '../stores/index.ts'
import type { Tool } from './contract.ts'
import { coreTools } from './core.ts'
import { type NamedOperation, namedOperations } from './names.ts'
import { actOf, isWanted, nativeTool } from './native.ts'
import type { McpOptions } from './options.ts'
import { reaches } from './reach.ts'

const made = new WeakMap<NamedOperation, Tool>()

/** One tool for each native method that the token reaches and the connection wants; `list_accounts` where it is needed. */
export function flatTools(
  catalog: Catalog,
  token: Token,
  reached: ReadonlySet<string>,
  options: McpOptions,
): readonly Tool[] {
  const native = [...namedOperations(catalog).values()].flatMap((named) =>
    toolOf(catalog, token, reached, options, named),
  )
  return [...beside(catalog, token), ...native]
}

/** The flat tool of this name, where it is among those listed. */
export function flatTool(
  catalog: Catalog,
  token: Token,
  reached: ReadonlySet<string>,
  options: McpOptions,
  name: string,
): Tool | undefined {
  const named = namedOperations(catalog).get(name)
  if (named !== undefined) return toolOf(catalog, token, reached, options, named)[0]
  return beside(catalog, token).find(({ listed }) => listed.name === name)
}

/** An account token has its account; others must find theirs. */
const beside = (catalog: Catalog, token: Token): readonly Tool[] =>
  token.kind === 'account' ? [] : coreTools(catalog, token).filter(({ listed }) => listed.name === 'list_accounts')

function toolOf(
  catalog: Catalog,
  token: Token,
  reached: ReadonlySet<string>,
  options: McpOptions,
  named: NamedOperation,
): Tool[] {
  const integration = catalog.integrations.get(named.integration)
  if (integration === undefined || !reached.has(named.integration)) return []
  if (!reaches(token, actOf(named.operation)) || !isWanted(integration, named.operation, options)) return []
  return [toolMade(integration, named)]
}

function toolMade(integration: Integration, named: NamedOperation): Tool {
  const tool = made.get(named) ?? nativeTool(integration, named)
  made.set(named, tool)
  return tool
}
