import { beforeAll, describe, expect, it } from 'vitest'
import { proxy } from '../../engine/execute/proxy.ts'
import type { ListAnswer, ProxyCall } from '../../engine/index.ts'
import { callOptions, onClock } from '../support/calls.ts'
import { startUpstream } from '../support/upstream.ts'
import { useDesk } from './desk.ts'
import { fresh, held, LISTS, MAX, PROVIDERS, type Row } from './providers.ts'

const stand = useDesk(LISTS)
beforeAll(() => {
  held.url = stand.upstream.url
})

function list(resource: string, call: Partial<ProxyCall> = {}, options = {}): Promise<ListAnswer> {
  const { method } = PROVIDERS[resource]!
  const body = method?.verb === 'POST' ? { body: { q: 'x' } } : {}
  const whole: ProxyCall = { resource, method: 'list', query: {}, ...body, ...call }
  return onClock(
    stand.desk,
    proxy(stand.desk.context, stand.desk.account, whole, callOptions(options)),
  ) as Promise<ListAnswer>
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
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS[resource]!.answer(got)
    for (const limits of [[20], [1000], [3, 17, 1, 8], [10]]) expect(await readAll(resource, limits)).toEqual(held.rows)
  })

  it('an empty list is empty', async () => {
    held.rows = []
    stand.upstream.script = (got) => PROVIDERS[resource]!.answer(got)
    expect(await list(resource)).toMatchObject({ result: [], nextCursor: null, prevCursor: null, isPartial: false })
  })
})

describe.each(['cursor', 'cursor_in_body', 'token', 'token_in_header', 'next_url', 'link', 'expression'])(
  '%s',
  (resource) => {
    it('loses and repeats nothing while records are added', async () => {
      held.rows = fresh()
      const before = held.rows
      stand.upstream.script = (got) => PROVIDERS[resource]!.answer(got)
      let added = 100
      const all = await readAll(resource, [4, 13], () => {
        held.rows = [{ id: `r${added++}` }, ...held.rows]
      })
      expect(all).toEqual(before)
    })
  },
)

describe('limits', () => {
  it('above the maximum take several provider pages, below are passed down', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const many = await list('cursor', { limit: 25 })
    expect(many.report.upstreamRequests).toBe(3)
    expect(stand.upstream.received.map(({ query }) => query.size)).toEqual(['10', '10', '5'])
    stand.upstream.reset()
    await list('cursor', { limit: 4 })
    expect(stand.upstream.received.map(({ query }) => query.size)).toEqual(['4'])
  })

  it('stop where the call may cost no more, and say so with a cursor', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const part = await list('cursor', { limit: 40 }, { maxRequests: 2 })
    expect(part).toMatchObject({ isPartial: true, result: held.rows.slice(0, 20) })
    const rest = await list('cursor', { limit: 40, cursor: part.nextCursor! })
    expect(rest.result).toEqual(held.rows.slice(20))
  })

  it('a number of pages is asked in one size, even when the limit changes on the way', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.page!.answer(got)
    await readAll('page', [7, 3])
    expect(new Set(stand.upstream.received.map(({ query }) => query.size))).toEqual(new Set(['7']))
  })
})

describe('going back', () => {
  it('from the end to the start: everything once, also what was added', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    let at = await list('cursor', { limit: 16 })
    expect(at.prevCursor).toBeNull()
    while (at.nextCursor !== null) at = await list('cursor', { limit: 16, cursor: at.nextCursor })
    const pages = [at.result]
    held.rows = [{ id: 'new2' }, { id: 'new1' }, ...held.rows]
    while (at.prevCursor !== null) {
      at = await list('cursor', { limit: 13, cursor: at.prevCursor })
      pages.unshift(at.result)
    }
    expect(pages.flat()).toEqual(held.rows)
    const forward = await list('cursor', { limit: 13, cursor: at.nextCursor! })
    expect(forward.result).toEqual(held.rows.slice(at.result.length, at.result.length + 13))
  })

  it('where there is nothing before, next leads to the start', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const first = await list('cursor', { limit: 5 })
    const second = await list('cursor', { limit: 5, cursor: first.nextCursor! })
    held.rows = held.rows.slice(5)
    const none = await list('cursor', { limit: 5, cursor: second.prevCursor! })
    expect(none).toMatchObject({ result: [], prevCursor: null })
    expect((await list('cursor', { limit: 5, cursor: none.nextCursor! })).result).toEqual(held.rows.slice(0, 5))
  })

  it('is not offered by other strategies', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.token!.answer(got)
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
    stand.upstream.script = () => ({ body })
    await expect(list(resource, { limit: 1000 })).rejects.toMatchObject({ code })
  })

  it('a foreign Link header is not followed, and no credential goes there', async () => {
    const other = await startUpstream(() => ({ body: { data: [] } }))
    stand.upstream.script = () => ({ body: { data: stuck }, headers: { link: `<${other.url}/v1/rows>; rel="next"` } })
    await expect(list('link')).rejects.toMatchObject({ code: 'foreign_next_url' })
    expect(other.received).toHaveLength(0)
    await other.close()
  })
})

describe('cursors', () => {
  it('belong to their query, account and list, and cannot be made up', async () => {
    held.rows = fresh()
    stand.upstream.script = (got) => PROVIDERS.cursor!.answer(got)
    const { nextCursor } = await list('cursor', { limit: 5 })
    const cursor = nextCursor!
    await expect(list('cursor', { limit: 5, cursor, query: { status: 'x' } })).rejects.toMatchObject({
      code: 'foreign_cursor',
    })
    await expect(list('token', { limit: 5, cursor })).rejects.toMatchObject({ code: 'foreign_cursor' })
    await expect(list('cursor', { cursor: `${cursor.slice(0, -3)}AAA` })).rejects.toMatchObject({
      code: 'invalid_cursor',
    })
    const other = { ...stand.desk.account, id: 'acc_2' }
    const call = { resource: 'cursor', method: 'list', query: {}, cursor }
    await expect(proxy(stand.desk.context, other, call, callOptions())).rejects.toMatchObject({
      code: 'foreign_cursor',
    })
    expect(cursor).not.toContain('r43')
  })
})
