import type { PaginationRules } from '../../engine/definition/catalog.ts'
import { EngineError } from '../../engine/index.ts'
import type { PageAnswer } from '../../engine/pagination/index.ts'
import type { Pagination } from '../../engine/schema/generated.ts'
import { compileAcme } from '../support/calls.ts'

/** Paging rules as the language compiles them. */
export function rulesOf(pagination: Pagination): PaginationRules {
  const list = { verb: 'GET', path: '/things', effect: 'read', description: 'Lists.', complete: true } as const
  const catalog = compileAcme({
    resources: { things: { methods: { list: { ...list, pagination, response: { records: 'data' } } } } },
  })
  const rules = catalog.integrations.get('acme')?.operations.get('things.list')?.pagination
  if (rules === undefined) throw new Error('the list has no paging')
  return rules
}

/** An answered page of https://api.acme.test/v1/things. */
export const page = (records: readonly unknown[], extra: Partial<PageAnswer> = {}): PageAnswer => ({
  status: 200,
  headers: {},
  body: { data: records },
  records,
  input: { path: {}, query: {} },
  url: 'https://api.acme.test/v1/things',
  base: 'https://api.acme.test/v1',
  ...extra,
})

/** Records with the given ids. */
export const things = (...ids: readonly (string | number)[]): { id: string | number }[] => ids.map((id) => ({ id }))

/** The code of what a function throws; undefined when it throws nothing. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
}
