import type { Method, Pagination } from '../../engine/schema/generated.ts'
import type { Definition } from '../support/calls.ts'
import type { Received, Reply } from '../support/upstream.ts'

/** Most records of a page. */
export const MAX = 10
const LIMIT = { param: 'size', max: MAX }

/** A made-up record. */
export interface Row {
  readonly id: string
}

/** What the providers hold, newest first; tests set and change it. */
export const held: { rows: readonly Row[]; url: string } = { rows: [], url: '' }

/** 47 records, newest first. */
export const fresh = (): Row[] => Array.from({ length: 47 }, (_, index) => ({ id: `r${47 - index}` }))

const sizeOf = (query: Readonly<Record<string, unknown>>): number => Math.min(MAX, Number(query.size ?? MAX))
const below = (id: unknown): number => (id === undefined ? 0 : held.rows.findIndex((row) => row.id === id) + 1)

/** A page after an id, as a token, URL or the last record's id names it. */
function older(
  query: Readonly<Record<string, unknown>>,
  from: unknown,
): { data: readonly Row[]; more: boolean; last: string } {
  const start = below(from)
  const data = held.rows.slice(start, start + sizeOf(query))
  return { data, more: start + data.length < held.rows.length, last: data.at(-1)?.id ?? '' }
}

const nextUrl = (query: Readonly<Record<string, unknown>>, last: string): string =>
  `${held.url}/v1/rows?from=${last}&size=${sizeOf(query)}&note=${encodeURIComponent('a b+c')}`

/** How a real provider of each strategy answers. */
export const PROVIDERS: Readonly<
  Record<string, { pagination: Pagination; method?: Partial<Method>; answer: (got: Received) => Reply }>
> = {
  cursor: {
    pagination: { strategy: 'cursor', after: 'after', before: 'before', has_more: 'more', limit: LIMIT },
    answer: ({ query }) => {
      if (query.before === undefined) return { body: older(query, query.after) }
      const end = below(query.before) - 1
      const start = Math.max(0, end - sizeOf(query))
      return { body: { data: held.rows.slice(start, end), more: start > 0 } }
    },
  },
  cursor_in_body: {
    pagination: {
      strategy: 'cursor',
      in: 'body',
      after: 'page.after',
      has_more: 'more',
      limit: { param: 'page.size', max: MAX },
    },
    method: { verb: 'POST', parameters: { q: { in: 'body', description: 'What to look for.' } } },
    answer: ({ body }) => {
      const { page } = JSON.parse(body) as { page: { after?: string; size: number } }
      return { body: older(page, page.after) }
    },
  },
  token: {
    pagination: { strategy: 'token', param: 'token', next: 'next', limit: LIMIT },
    answer: ({ query }) => {
      const { data, more, last } = older(query, query.token)
      return { body: { data, ...(more ? { next: last } : {}) } }
    },
  },
  token_in_header: {
    pagination: {
      strategy: 'token',
      in: 'header',
      param: 'X-Token',
      next: '$headers.`x-next`',
      limit: { param: 'X-Size', max: MAX },
    },
    answer: ({ headers }) => {
      const { data, more, last } = older({ size: headers['x-size'] }, headers['x-token'])
      return { body: { data }, headers: more ? { 'x-next': last } : {} }
    },
  },
  next_url: {
    pagination: { strategy: 'next_url', next: 'links.next', limit: LIMIT },
    answer: ({ query }) => {
      const { data, more, last } = older(query, query.from)
      return { body: { data, links: { next: more ? nextUrl(query, last) : null } } }
    },
  },
  link: {
    pagination: { strategy: 'link', limit: LIMIT },
    answer: ({ query }) => {
      const { data, more, last } = older(query, query.from)
      const first = `<${held.url}/v1/rows>; rel="first"`
      return {
        body: { data },
        headers: { link: more ? [first, `<${nextUrl(query, last)}>; title="a, b"; rel="next"`] : first },
      }
    },
  },
  page: {
    pagination: { strategy: 'page', param: 'p', start: 0, total: 'pages', limit: LIMIT },
    answer: ({ query }) => {
      const size = sizeOf(query)
      const start = Number(query.p) * size
      return { body: { data: held.rows.slice(start, start + size), pages: Math.ceil(held.rows.length / size) } }
    },
  },
  fixed_page: {
    pagination: { strategy: 'page', param: 'p', limit: { ...LIMIT, fixed: true } },
    answer: ({ query }) => ({ body: { data: held.rows.slice((Number(query.p) - 1) * MAX, Number(query.p) * MAX) } }),
  },
  offset: {
    pagination: { strategy: 'offset', param: 'offset', total: 'count', limit: LIMIT },
    answer: ({ query }) => {
      const start = Number(query.offset)
      return { body: { data: held.rows.slice(start, start + sizeOf(query)), count: held.rows.length } }
    },
  },
  expression: {
    pagination: {
      strategy: 'expression',
      next: "$response.more ? { 'query': { 'from': $response.last } }",
      limit: LIMIT,
    },
    answer: ({ query }) => ({ body: older(query, query.from) }),
  },
  none: { pagination: { strategy: 'none' }, answer: () => ({ body: { data: held.rows } }) },
}

/** A list for each of them. */
export const LISTS: Definition = {
  retry: { attempts: 1 },
  resources: Object.fromEntries(
    Object.entries(PROVIDERS).map(([name, { pagination, method }]) => [
      name,
      {
        methods: {
          list: {
            verb: 'GET',
            path: '/rows',
            effect: 'read',
            description: 'Lists.',
            complete: true,
            pagination,
            response: { records: 'data' },
            ...method,
          },
        },
      },
    ]),
  ),
}
