import { describe, expect, it } from 'vitest'
import {
  canGoBack,
  pageInput,
  pageSize,
  readPage,
  after as resumeAfter,
  before as resumeBefore,
  START,
} from '../../engine/pagination/index.ts'
import type { Pagination } from '../../engine/schema/generated.ts'
import { codeOf, page, rulesOf, things } from './support.ts'

const INPUT = { path: {}, query: { status: 'open' } }
const LIMIT = { param: 'limit', max: 100 }

const CURSOR = rulesOf({ strategy: 'cursor', after: 'after', before: 'before', has_more: 'has_more', limit: LIMIT })
const TOKEN = rulesOf({ strategy: 'token', param: 'page_token', next: 'next_page', limit: LIMIT })
const NEXT_URL = rulesOf({ strategy: 'next_url', next: 'links.next', limit: LIMIT })
const LINK = rulesOf({ strategy: 'link', limit: LIMIT })

describe('the page size', () => {
  it.each([
    [{ strategy: 'link', limit: LIMIT }, 20, 20],
    [{ strategy: 'link', limit: LIMIT }, 1000, 100],
    [{ strategy: 'link', limit: { ...LIMIT, fixed: true } }, 20, 100],
    [{ strategy: 'none' }, 20, undefined],
  ] satisfies [Pagination, number, number | undefined][])('of %j for %d is %s', (pagination, limit, size) => {
    expect(pageSize(rulesOf(pagination), limit)).toBe(size)
  })

  it('is passed down, cut to the maximum, and not sent where it is fixed', () => {
    expect(pageInput(CURSOR, START, 7, INPUT).query).toEqual({ status: 'open', limit: 7 })
    expect(pageInput(CURSOR, START, 700, INPUT).query).toEqual({ status: 'open', limit: 100 })
    const fixed = rulesOf({ strategy: 'page', param: 'page', limit: { ...LIMIT, fixed: true } })
    expect(pageInput(fixed, START, 7, INPUT).query).toEqual({ status: 'open', page: 1 })
  })

  it('goes into the body or a header where paging does', () => {
    const body = rulesOf({
      strategy: 'token',
      in: 'body',
      param: 'paging.token',
      next: 'next',
      limit: { param: 'paging.size', max: 50 },
    })
    const input = pageInput(body, { k: 'token', token: 't' }, 9, {
      path: {},
      query: {},
      body: { q: 1, paging: { sort: 'id' } },
    })
    expect(input.body).toEqual({ q: 1, paging: { sort: 'id', token: 't', size: 9 } })
    const header = rulesOf({
      strategy: 'token',
      in: 'header',
      param: 'X-Token',
      next: 'next',
      limit: { param: 'X-Size', max: 50 },
    })
    expect(pageInput(header, { k: 'token', token: 't' }, 9, INPUT).headers).toEqual({ 'X-Token': 't', 'X-Size': '9' })
  })
})

describe('cursor by the last record', () => {
  it('asks after the last record while there is more', () => {
    const read = readPage(CURSOR, START, page(things('c', 'b'), { body: { has_more: true } }))
    expect(read).toMatchObject({ next: { k: 'after', key: 'b' }, hasMore: true })
    expect(pageInput(CURSOR, { k: 'after', key: 'b' }, 5, INPUT).query).toEqual({
      status: 'open',
      limit: 5,
      after: 'b',
    })
    expect(readPage(CURSOR, START, page(things('c', 'b'), { body: { has_more: false } })).next).toBeNull()
  })

  it('goes back from the first record, and forward again from any', () => {
    expect(canGoBack(CURSOR)).toBe(true)
    const back = resumeBefore(CURSOR, START, { record: { id: 'b' }, index: 0 })
    expect(back).toEqual({ k: 'before', key: 'b' })
    const input = { path: {}, query: { after: 'x' } }
    expect(pageInput(CURSOR, { k: 'before', key: 'b' }, 5, input).query).toEqual({ limit: 5, before: 'b' })
    const read = readPage(CURSOR, { k: 'before', key: 'b' }, page(things('d', 'c'), { body: { has_more: true } }))
    expect(read.next).toEqual({ k: 'before', key: 'd' })
    expect(resumeAfter(CURSOR, START, { record: { id: 'c' }, index: 3 })).toEqual({ k: 'after', key: 'c' })
  })

  it('reads a key by its expression, in a POST body', () => {
    const rules = rulesOf({ strategy: 'cursor', in: 'body', after: 'page.after', key: 'meta.key', has_more: 'more' })
    const read = readPage(rules, START, page([{ meta: { key: 7 } }], { body: { more: true } }))
    expect(pageInput(rules, read.next ?? START, 5, { path: {}, query: {}, body: { q: 'x' } }).body).toEqual({
      q: 'x',
      page: { after: 7 },
    })
  })

  it('without a word from the provider there is more exactly when the page is full', () => {
    const rules = rulesOf({ strategy: 'cursor', after: 'after', limit: LIMIT })
    const input = pageInput(rules, START, 2, INPUT)
    expect(readPage(rules, START, page(things(1, 2), { input })).next).toEqual({ k: 'after', key: 2 })
    expect(readPage(rules, START, page(things(1), { input })).next).toBeNull()
    expect(readPage(rules, { k: 'after', key: 2 }, page([], { input })).next).toBeNull()
  })

  it.each([
    ['stuck_cursor', { k: 'after', key: 'b' }, page(things('b', 'a'), { body: { has_more: true } })],
    ['stuck_cursor', { k: 'after', key: 'b' }, page(things('c', 'b'), { body: { has_more: false } })],
    ['stuck_cursor', { k: 'before', key: 'b' }, page(things('c', 'b'), { body: { has_more: true } })],
    ['empty_page', { k: 'start' }, page([], { body: { has_more: true } })],
    ['missing_path', { k: 'start' }, page(things('a'), { body: {} })],
    ['missing_path', { k: 'start' }, page([], { body: {} })],
    ['missing_path', { k: 'start' }, page([{ name: 'no id' }], { body: { has_more: true } })],
    ['missing_path', { k: 'start' }, page([{ id: null }], { body: { has_more: true } })],
  ] as const)('fails with %s on %j', (code, state, answer) => {
    expect(codeOf(() => readPage(CURSOR, state, answer))).toBe(code)
  })

  it('an absent path ends the list only where the definition says so', () => {
    const rules = rulesOf({ strategy: 'cursor', after: 'a', has_more: 'has_more', omits_path_when_empty: true })
    expect(readPage(rules, START, page([], { body: {} }))).toMatchObject({ next: null, hasMore: false })
    expect(codeOf(() => readPage(rules, START, page(things('a'), { body: {} })))).toBe('missing_path')
  })
})

describe('token', () => {
  it('sends the token of the answer and ends without one', () => {
    const read = readPage(TOKEN, START, page(things(1), { body: { next_page: 't2' } }))
    expect(pageInput(TOKEN, read.next ?? START, 5, INPUT).query).toEqual({ status: 'open', limit: 5, page_token: 't2' })
    for (const last of [{}, { next_page: null }, { next_page: '' }]) {
      expect(readPage(TOKEN, START, page(things(1), { body: last })).next).toBeNull()
    }
  })

  it.each([
    ['stuck_cursor', page(things(1), { body: { next_page: 't2' } })],
    ['empty_page', page([], { body: { next_page: 't3' } })],
    ['missing_path', page(things(1), { body: { next_page: { a: 1 } } })],
  ])('fails with %s', (code, answer) => {
    expect(codeOf(() => readPage(TOKEN, { k: 'token', token: 't2' }, answer))).toBe(code)
  })

  it('more to come without a token is a missing path', () => {
    const rules = rulesOf({ strategy: 'token', param: 'p', next: 'next', has_more: 'more' })
    expect(codeOf(() => readPage(rules, START, page(things(1), { body: { more: true } })))).toBe('missing_path')
    expect(readPage(rules, START, page(things(1), { body: { more: false, next: 't' } })).next).toBeNull()
  })

  it('resumes within a page, and beyond it when pages got smaller', () => {
    const state = resumeAfter(TOKEN, { k: 'token', token: 't2' }, { record: {}, index: 2 })
    expect(state).toEqual({ k: 'token', token: 't2', skip: 3 })
    expect(pageInput(TOKEN, state, 5, INPUT).query).toMatchObject({ limit: 8 })
    const whole = readPage(TOKEN, state, page(things(1, 2, 3, 4, 5), { body: {} }))
    expect(whole.records).toEqual(things(4, 5))
    const small = readPage(TOKEN, state, page(things(1, 2), { body: { next_page: 't3' } }))
    expect(small).toMatchObject({ records: [], next: { k: 'token', token: 't3', skip: 1 } })
    expect(resumeAfter(TOKEN, state, { record: {}, index: 0 })).toEqual({ k: 'token', token: 't2', skip: 4 })
  })
})

describe.each([
  ['next_url', NEXT_URL, (next: unknown) => page(things(1), { body: { links: { next } } })],
  [
    'link',
    LINK,
    (next: unknown) => page(things(1), { headers: next === null ? {} : { link: `<${next}>; rel="next"` } }),
  ],
] as const)('%s', (_name, rules, answer) => {
  it.each([
    ['https://api.acme.test/v1/things?page=2&a=%20b', '/things?page=2&a=%20b'],
    ['/v1/things?page=2', '/things?page=2'],
    ['?page=2', '/things?page=2'],
    ['https://api.acme.test/v1', '/'],
  ])('follows %s', (next, url) => {
    const read = readPage(rules, START, answer(next))
    expect(pageInput(rules, read.next ?? START, 5, INPUT)).toEqual({ ...INPUT, url })
  })

  it('ends without one', () => {
    expect(readPage(rules, START, answer(null))).toMatchObject({ next: null, hasMore: false })
  })

  it.each([
    'https://evil.test/v1/things?page=2',
    'http://api.acme.test/v1/things?page=2',
    'https://api.acme.test:8443/v1/things',
    '//evil.test/v1/things',
    'https://user:pw@api.acme.test/v1/things?page=2',
    'https://api.acme.test/v2/things?page=2',
    'https://api.acme.test/v10/things',
    '/v1/../admin?page=2',
    'javascript:alert(1)',
  ])('refuses %s as foreign', (next) => {
    expect(codeOf(() => readPage(rules, START, answer(next)))).toBe('foreign_next_url')
  })

  it('fails on the same URL again and on an empty page', () => {
    expect(codeOf(() => readPage(rules, START, answer('/v1/things')))).toBe('stuck_cursor')
    expect(codeOf(() => readPage(rules, { k: 'url', url: '/things?p=2' }, answer('/v1/things?p=2')))).toBe(
      'stuck_cursor',
    )
    expect(codeOf(() => readPage(rules, START, { ...answer('/v1/things?p=2'), records: [] }))).toBe('empty_page')
  })
})
