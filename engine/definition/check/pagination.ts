import type { Pagination } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { shortList } from '../words.ts'

type Strategy = Pagination['strategy']
type Key = Exclude<keyof Pagination, 'strategy'>

const COMMON: readonly Key[] = ['in', 'limit', 'stability', 'omits_path_when_empty', 'has_more']

/** What each strategy needs and may have besides the keys of all. */
const KEYS: Readonly<Record<Strategy, { needs: readonly Key[]; may: readonly Key[] }>> = {
  cursor: { needs: ['after'], may: ['before', 'key'] },
  token: { needs: ['param', 'next'], may: [] },
  next_url: { needs: ['next'], may: [] },
  link: { needs: [], may: [] },
  page: { needs: ['param'], may: ['start', 'total'] },
  offset: { needs: ['param'], may: ['start', 'total'] },
  expression: { needs: ['next'], may: [] },
  none: { needs: [], may: [] },
}

/** Whether each paging rule has what its strategy needs, and nothing that it ignores. */
export function checkPagination({ integration }: Subject): Issue[] {
  const { definition, operations } = integration
  const all = [definition?.at('pagination'), ...[...operations.values()].map((method) => method.at('pagination'))]
  return all.flatMap((node) => (node === undefined ? [] : paginationIssues(node)))
}

function paginationIssues(node: Located<Pagination>): Issue[] {
  const strategy = node.at('strategy')?.value
  if (strategy === undefined) return []
  const { needs, may } = KEYS[strategy]
  const missing = needs
    .filter((key) => node.at(key) === undefined)
    .map((key) =>
      node.issue('key', 'pagination_keys', {
        message: `the strategy \`${strategy}\` needs \`${key}\``,
        hint: `Add \`${key}\`; it is described in docs/reference/definition-language.md.`,
      }),
    )
  const known: readonly string[] = ['strategy', ...needs, ...may, ...(strategy === 'none' ? [] : COMMON)]
  const unused = (node as Located<object> as Located<Record<string, unknown>>).entries().flatMap(([key, value]) => {
    if (known.includes(key) || (strategy === 'none' && key === 'omits_path_when_empty')) return []
    const message = `the strategy \`${strategy}\` does not use \`${key}\``
    return [value.issue('key', 'unused_key', { message, hint: `It uses ${shortList(known.slice(1))}.` })]
  })
  return [...missing, ...unused]
}
