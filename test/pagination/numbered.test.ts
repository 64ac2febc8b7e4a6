import { describe, expect, it } from 'vitest'
import {
  canGoBack,
  pageInput,
  readPage,
  after as resumeAfter,
  before as resumeBefore,
  START,
  stability,
} from '../../engine/pagination/index.ts'
import { codeOf, page, rulesOf, things } from './support.ts'

const INPUT = { path: {}, query: { status: 'open' } }
const LIMIT = { param: 'limit', max: 100 }

const CURSOR = rulesOf({ strategy: 'cursor', after: 'after', before: 'before', has_more: 'has_more', limit: LIMIT })
const TOKEN = rulesOf({ strategy: 'token', param: 'page_token', next: 'next_page', limit: LIMIT })
const NEXT_URL = rulesOf({ strategy: 'next_url', next: 'links.next', limit: LIMIT })
const LINK = rulesOf({ strategy: 'link', limit: LIMIT })
const PAGE = rulesOf({ strategy: 'page', param: 'page', total: 'pages', limit: LIMIT })
const OFFSET = rulesOf({ strategy: 'offset', param: 'offset', total: 'count', limit: LIMIT })
const EXPRESSION = rulesOf({
  strategy: 'expression',
  next: "$response.more ? { 'query': { 'from': $response.data[-1].id } }",
  limit: LIMIT,
})

describe('page and offset', () => {
  it('count pages from the first to the total', () => {
    const input = pageInput(PAGE, START, 2, INPUT)
    expect(input.query).toEqual({ status: 'open', limit: 2, page: 1 })
    const read = readPage(PAGE, START, page(things(1, 2), { input, body: { pages: 2 } }))
    expect(read.next).toMatchObject({ k: 'page', n: 2, size: 2 })
    const last = readPage(PAGE, read.next ?? START, page(things(3), { input, body: { pages: 2 } }))
    expect(last.next).toBeNull()
  })

  it('a page keeps its size when the limit changes, so that nothing is lost in between', () => {
    const input = pageInput(PAGE, START, 10, INPUT)
    const read = readPage(PAGE, START, page(things(1, 2), { input, body: { pages: 2 } }))
    expect(pageInput(PAGE, read.next ?? START, 3, INPUT).query).toMatchObject({ limit: 10, page: 2 })
    const within = resumeAfter(PAGE, read.state, { record: {}, index: 0 })
    expect(pageInput(PAGE, within, 3, INPUT).query).toMatchObject({ limit: 10, page: 1 })
    expect(readPage(PAGE, within, page(things(1, 2), { input, body: { pages: 2 } })).records).toEqual(things(2))
  })

  it('count records by offset', () => {
    const read = readPage(OFFSET, START, page(things(1, 2), { body: { count: 3 } }))
    expect(pageInput(OFFSET, read.next ?? START, 5, INPUT).query).toEqual({ status: 'open', limit: 5, offset: 2 })
    expect(readPage(OFFSET, { k: 'offset', n: 2 }, page(things(3), { body: { count: 3 } })).next).toBeNull()
    expect(resumeAfter(OFFSET, START, { record: {}, index: 0 })).toEqual({ k: 'offset', n: 1 })
    expect(resumeAfter(OFFSET, { k: 'offset', n: 4 }, { record: {}, index: 1 })).toEqual({ k: 'offset', n: 6 })
  })

  it('a start other than 1, and no total: a full page means more', () => {
    const rules = rulesOf({ strategy: 'page', param: 'p', start: 0, limit: LIMIT })
    const input = pageInput(rules, START, 2, INPUT)
    expect(input.query).toMatchObject({ p: 0 })
    expect(readPage(rules, START, page(things(1, 2), { input })).next).toMatchObject({ n: 1 })
    expect(readPage(rules, START, page(things(1), { input })).next).toBeNull()
    expect(readPage(rules, { k: 'page', n: 1, size: 2 }, page([], { input })).next).toBeNull()
  })

  it.each([
    ['empty_page', PAGE, START, page([], { body: { pages: 3 } })],
    ['missing_path', PAGE, START, page(things(1), { body: {} })],
    ['empty_page', OFFSET, { k: 'offset', n: 2 }, page([], { body: { count: 5 } })],
    ['missing_path', OFFSET, START, page(things(1), { body: { count: 'many' } })],
  ] as const)('fails with %s', (code, rules, state, answer) => {
    expect(codeOf(() => readPage(rules, state, answer))).toBe(code)
  })

  it.each([
    [PAGE, { pages: 2 }],
    [OFFSET, { count: 4 }],
  ])('a provider that ignores the number is stuck', (rules, body) => {
    const first = readPage(rules, START, page(things(1, 2), { body }))
    expect(codeOf(() => readPage(rules, first.next ?? START, page(things(1, 2), { body })))).toBe('stuck_cursor')
  })
})

describe('expression and none', () => {
  it('adds what the expression gives', () => {
    const read = readPage(EXPRESSION, START, page(things(1, 2), { body: { more: true, data: things(1, 2) } }))
    expect(pageInput(EXPRESSION, read.next ?? START, 5, INPUT).query).toEqual({ status: 'open', limit: 5, from: 2 })
    expect(readPage(EXPRESSION, START, page(things(1), { body: { more: false } })).next).toBeNull()
  })

  it('can read what was sent, and set body and headers', () => {
    const rules = rulesOf({
      strategy: 'expression',
      next: "{ 'body': { 'n': $body.n + 1 }, 'headers': { 'x-n': 'b' }, 'query': { 'q': $query.q & '!' } }",
    })
    const input = { path: {}, query: { q: 'a' }, body: { n: 1, s: 'kept' } }
    const read = readPage(rules, START, page(things(1), { input }))
    expect(pageInput(rules, read.next ?? START, 5, input)).toEqual({
      path: {},
      query: { q: 'a!' },
      body: { n: 2, s: 'kept' },
      headers: { 'x-n': 'b' },
    })
  })

  it('the same step again is stuck, and no object is a missing path', () => {
    const state = { k: 'delta', delta: { query: { from: 2 } } } as const
    const answer = page(things(1, 2), { body: { more: true, data: things(1, 2) } })
    expect(codeOf(() => readPage(EXPRESSION, state, answer))).toBe('stuck_cursor')
    const text = rulesOf({ strategy: 'expression', next: "'x'" })
    expect(codeOf(() => readPage(text, START, page(things(1))))).toBe('missing_path')
  })

  it('none is one page', () => {
    const rules = rulesOf({ strategy: 'none' })
    expect(pageInput(rules, START, 5, INPUT)).toEqual(INPUT)
    expect(readPage(rules, START, page(things(1, 2)))).toMatchObject({
      records: things(1, 2),
      next: null,
      hasMore: false,
    })
    expect(readPage(rules, resumeAfter(rules, START, { record: {}, index: 0 }), page(things(1, 2))).records).toEqual(
      things(2),
    )
  })
})

describe('states', () => {
  it('are plain JSON', () => {
    const read = readPage(
      PAGE,
      START,
      page(things(1, 2), { body: { pages: 4 }, input: { path: {}, query: { limit: 2 } } }),
    )
    expect(JSON.parse(JSON.stringify(read.next))).toEqual(read.next)
  })

  it('of another strategy are refused', () => {
    expect(codeOf(() => pageInput(CURSOR, { k: 'page', n: 2 }, 5, INPUT))).toBe('invalid_cursor')
    expect(codeOf(() => pageInput(PAGE, { k: 'url', url: '/x' }, 5, INPUT))).toBe('invalid_cursor')
  })

  it('numbered lists are best effort and cannot go back', () => {
    expect([CURSOR, TOKEN, NEXT_URL, LINK].map(stability)).toEqual(['keyset', 'keyset', 'keyset', 'keyset'])
    expect([PAGE, OFFSET].map(stability)).toEqual(['best_effort', 'best_effort'])
    expect([TOKEN, NEXT_URL, LINK, PAGE, OFFSET, EXPRESSION].map(canGoBack)).toEqual(Array(6).fill(false))
    expect(resumeBefore(PAGE, START, { record: {}, index: 0 })).toBeNull()
  })
})
