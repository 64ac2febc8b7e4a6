import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { proxy } from '../../engine/execute/proxy.ts'
import type { ListAnswer, ProxyCall } from '../../engine/index.ts'
import type { Method, Pagination } from '../../engine/schema/generated.ts'
import { callOptions, type Definition, type Desk, onClock, openDesk } from '../support/calls.ts'
import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'

const MAX = 10
const LIMIT = { param: 'size', max: MAX }

interface Row {
  readonly id: string
}

/** 47 records, newest first; tests may add to them. */
let rows: Row[] = []
const fresh = (): Row[] => Array.from({ length: 47 }, (_, index) => ({ id: `r${47 - index}` }))

const sizeOf = (query: Readonly<Record<string, unknown>>): number => Math.min(MAX, Number(query.size ?? MAX))
const below = (id: unknown): number => (id === undefined ? 0 : rows.findIndex((row) => row.id === id) + 1)

/** A page after an id, as a token, URL or the last record's id names it. */
function older(query: Readonly<Record<string, unknown>>, from: unknown): { data: Row[]; more: boolean; last: string } {
  const start = below(from)
  const data = rows.slice(start, start + sizeOf(query))
  return { data, more: start + data.length < rows.length, last: data.at(-1)?.id ?? '' }
}

const nextUrl = (query: Readonly<Record<string, unknown>>, last: string): string =>
  `${upstream.url}/v1/rows?from=${last}&size=${sizeOf(query)}&note=${encodeURIComponent('a b+c')}`

/** How a real provider of each strategy answers. */
const PROVIDERS: Readonly<
  Record<string, { pagination: Pagination; method?: Partial<Method>; answer: (got: Received) => Reply }>
> = {
  cursor: {
    pagination: { strategy: 'cursor', after: 'after', before: 'before', has_more: 'more', limit: LIMIT },
    answer: ({ query }) => {
      if (query.before === undefined) return { body: older(query, query.after) }
      const end = below(query.before) - 1
      const start = Math.max(0, end - sizeOf(query))
      return { body: { data: rows.slice(start, end), more: start > 0 } }
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
      const first = `<${upstream.url}/v1/rows>; rel="first"`
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
      return { body: { data: rows.slice(start, start + size), pages: Math.ceil(rows.length / size) } }
    },
  },
  fixed_page: {
    pagination: { strategy: 'page', param: 'p', limit: { ...LIMIT, fixed: true } },
    answer: ({ query }) => ({ body: { data: rows.slice((Number(query.p) - 1) * MAX, Number(query.p) * MAX) } }),
  },
  offset: {
    pagination: { strategy: 'offset', param: 'offset', total: 'count', limit: LIMIT },
    answer: ({ query }) => {
      const start = Number(query.offset)
      return { body: { data: rows.slice(start, start + sizeOf(query)), count: rows.length } }
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
  none: { pagination: { strategy: 'none' }, answer: () => ({ body: { data: rows } }) },
}

const definition: Definition = {
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

let upstream: Upstream
let desk: Desk

beforeAll(async () => {
  upstream = await startUpstream()
  desk = openDesk(definition, upstream.url)
})
afterEach(() => upstream.reset())
afterAll(async () => {
  await desk.close()
  await upstream.close()
})

function list(resource: string, call: Partial<ProxyCall> = {}, options = {}): Promise<ListAnswer> {
  const { method } = PROVIDERS[resource]!
  const body = method?.verb === 'POST' ? { body: { q: 'x' } } : {}
  const whole: ProxyCall = { resource, method: 'list', query: {}, ...body, ...call }
  return onClock(desk, proxy(desk.context, desk.account, whole, callOptions(options))) as Promise<ListAnswer>
}

/** Follows next_cursor to the end with changing limits. */
async function readAll(
  resource: string,
  limits: readonly number[],
  between: () => void = () => undefined,
): Promise<unknown[]> {
  const all: unknown[] = []
  for (let [turn, cursor]: [number, string | null | undefined] = [0, undefined]; cursor !== null; turn += 1) {
    if (turn > 100) throw new Error('the list never ends')
    const answer = await list(resource, {
      limit: limits[turn % limits.length]!,
      ...(cursor === undefined ? {} : { cursor }),
    })
    all.push(...answer.result)
    expect(answer.isPartial).toBe(false)
    cursor = answer.nextCursor
    between()
  }
  return all
}

describe.each(Object.keys(PROVIDERS))('%s', (resource) => {
  it('gives each record once, in order, whatever the limits', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS[resource]!.answer(got)
    for (const limits of [[20], [1000], [3, 17, 1, 8], [10]]) expect(await readAll(resource, limits)).toEqual(rows)
  })

  it('an empty list is empty', async () => {
    rows = []
    upstream.script = (got) => PROVIDERS[resource]!.answer(got)
    expect(await list(resource)).toMatchObject({ result: [], nextCursor: null, prevCursor: null, isPartial: false })
  })
})

describe.each(['cursor', 'cursor_in_body', 'token', 'token_in_header', 'next_url', 'link', 'expression'])(
  '%s',
  (resource) => {
    it('loses and repeats nothing while records are added', async () => {
      rows = fresh()
      const before = rows
      upstream.script = (got) => PROVIDERS[resource]!.answer(got)
      let added = 100
      const all = await readAll(resource, [4, 13], () => {
        rows = [{ id: `r${added++}` }, ...rows]
      })
      expect(all).toEqual(before)
    })
  },
)

describe('limits', () => {
  it('above the maximum take several provider pages, below are passed down', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const many = await list('cursor', { limit: 25 })
    expect(many.report.upstreamRequests).toBe(3)
    expect(upstream.received.map(({ query }) => query.size)).toEqual(['10', '10', '5'])
    upstream.reset()
    await list('cursor', { limit: 4 })
    expect(upstream.received.map(({ query }) => query.size)).toEqual(['4'])
  })

  it('stop where the call may cost no more, and say so with a cursor', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const part = await list('cursor', { limit: 40 }, { maxRequests: 2 })
    expect(part).toMatchObject({ isPartial: true, result: rows.slice(0, 20) })
    const rest = await list('cursor', { limit: 40, cursor: part.nextCursor! })
    expect(rest.result).toEqual(rows.slice(20))
  })

  it('a number of pages is asked in one size, even when the limit changes on the way', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.page!.answer(got)
    await readAll('page', [7, 3])
    expect(new Set(upstream.received.map(({ query }) => query.size))).toEqual(new Set(['7']))
  })
})

describe('going back', () => {
  it('from the end to the start: everything once, also what was added', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    let at = await list('cursor', { limit: 16 })
    expect(at.prevCursor).toBeNull()
    while (at.nextCursor !== null) at = await list('cursor', { limit: 16, cursor: at.nextCursor })
    const pages = [at.result]
    rows = [{ id: 'new2' }, { id: 'new1' }, ...rows]
    while (at.prevCursor !== null) {
      at = await list('cursor', { limit: 13, cursor: at.prevCursor })
      pages.unshift(at.result)
    }
    expect(pages.flat()).toEqual(rows)
    const forward = await list('cursor', { limit: 13, cursor: at.nextCursor! })
    expect(forward.result).toEqual(rows.slice(at.result.length, at.result.length + 13))
  })

  it('where there is nothing before, next leads to the start', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const first = await list('cursor', { limit: 5 })
    const second = await list('cursor', { limit: 5, cursor: first.nextCursor! })
    rows = rows.slice(5)
    const none = await list('cursor', { limit: 5, cursor: second.prevCursor! })
    expect(none).toMatchObject({ result: [], prevCursor: null })
    expect((await list('cursor', { limit: 5, cursor: none.nextCursor! })).result).toEqual(rows.slice(0, 5))
  })

  it('is not offered by other strategies', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.token!.answer(got)
    const first = await list('token', { limit: 5 })
    expect((await list('token', { limit: 5, cursor: first.nextCursor! })).prevCursor).toBeNull()
  })
})

describe('a list that cannot be trusted fails', () => {
  const stuck: Row[] = [{ id: 'a' }, { id: 'b' }]
  const full = Array.from({ length: MAX }, (_, index) => ({ id: `f${index}` }))

  it.each([
    ['cursor', 'stuck_cursor', { data: stuck, more: true }],
    ['token', 'stuck_cursor', { data: stuck, next: 't' }],
    ['page', 'stuck_cursor', { data: full, pages: 9 }],
    ['offset', 'stuck_cursor', { data: stuck, count: 9 }],
    ['expression', 'stuck_cursor', { data: stuck, more: true, last: 'x' }],
    ['cursor', 'empty_page', { data: [], more: true }],
    ['token', 'empty_page', { data: [], next: 't' }],
    ['page', 'empty_page', { data: [], pages: 2 }],
    ['offset', 'empty_page', { data: [], count: 2 }],
    ['cursor', 'missing_path', { data: stuck }],
    ['cursor', 'missing_path', { items: stuck, more: false }],
    ['cursor', 'missing_path', { data: [{ name: 'x' }], more: true }],
    ['page', 'missing_path', { data: stuck }],
    ['next_url', 'foreign_next_url', { data: stuck, links: { next: 'https://evil.test/v1/rows' } }],
    ['next_url', 'foreign_next_url', { data: stuck, links: { next: '/admin' } }],
    ['cursor', 'provider_bad_response', '{"data": [{"id": "a"}, {"id'],
    ['cursor', 'provider_bad_response', '<html>sign in</html>'],
  ])('%s: %s', async (resource, code, body) => {
    upstream.script = () => ({ body })
    await expect(list(resource, { limit: 1000 })).rejects.toMatchObject({ code })
  })

  it('a foreign Link header is not followed, and no credential goes there', async () => {
    const other = await startUpstream(() => ({ body: { data: [] } }))
    upstream.script = () => ({ body: { data: stuck }, headers: { link: `<${other.url}/v1/rows>; rel="next"` } })
    await expect(list('link')).rejects.toMatchObject({ code: 'foreign_next_url' })
    expect(other.received).toHaveLength(0)
    await other.close()
  })
})

describe('cursors', () => {
  it('belong to their query, account and list, and cannot be made up', async () => {
    rows = fresh()
    upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const { nextCursor } = await list('cursor', { limit: 5 })
    const cursor = nextCursor!
    await expect(list('cursor', { limit: 5, cursor, query: { status: 'x' } })).rejects.toMatchObject({
      code: 'foreign_cursor',
    })
    await expect(list('token', { limit: 5, cursor })).rejects.toMatchObject({ code: 'foreign_cursor' })
    await expect(list('cursor', { cursor: `${cursor.slice(0, -3)}AAA` })).rejects.toMatchObject({
      code: 'invalid_cursor',
    })
    const other = { ...desk.account, id: 'acc_2' }
    const call = { resource: 'cursor', method: 'list', query: {}, cursor }
    await expect(proxy(desk.context, other, call, callOptions())).rejects.toMatchObject({ code: 'foreign_cursor' })
    expect(cursor).not.toContain('r43')
  })
})
