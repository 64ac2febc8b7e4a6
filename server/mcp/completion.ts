import type { JsonRecord } from '../../engine/index.ts'
import type { CallContext } from '../api/context.ts'
import { listAccounts } from './accounts.ts'
import type { Arguments } from './contract.ts'
import { docsPages } from './docs-pages.ts'
import { reachedBodies, reachedResources } from './resources.ts'

/** Most values of an answer (MCP, completion). */
const MOST = 100

/** Values that begin as an argument of a prompt or an address does; none where only a provider would know. */
export async function complete(context: CallContext, { argument, context: said }: Arguments): Promise<JsonRecord> {
  const { name = '', value = '' } = (argument ?? {}) as { name?: string; value?: string }
  const { arguments: before = {} } = (said ?? {}) as { arguments?: Readonly<Record<string, string>> }
  const begun = value.toLowerCase()
  const all = (await valuesOf(context, name, before)).filter((one) => one.toLowerCase().startsWith(begun))
  return { completion: { values: all.slice(0, MOST), total: all.length, hasMore: all.length > MOST } }
}

function valuesOf(
  context: CallContext,
  name: string,
  { page = '', model, resource }: Readonly<Record<string, string>>,
): readonly string[] | Promise<readonly string[]> {
  const resources = reachedResources(context).filter((one) => model === undefined || one.model === model)
  switch (name) {
    case 'page':
      return [...docsPages().keys()]
    case 'section':
      return [...(docsPages().get(page)?.sections.keys() ?? [])]
    case 'model':
      return unique(reachedResources(context).map((one) => one.model))
    case 'resource':
      return unique(resources.map((one) => one.name))
    case 'method':
      return unique(resources.filter((one) => one.name === resource).flatMap((one) => reachedBodies(context, one)))
    case 'account':
    case 'integrated_account_id':
      return accountIds(context)
    default:
      return []
  }
}

const unique = (values: readonly string[]): string[] => [...new Set(values)]

async function accountIds(context: CallContext): Promise<string[]> {
  const { result } = await listAccounts(context, { limit: MOST })
  return (result as { readonly id: string }[]).map(({ id }) => id)
}
