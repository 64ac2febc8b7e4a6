import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PaginationRules } from '../../engine/definition/catalog.ts'
import {
  type PageAnswer,
  type PageInput,
  type PageState,
  pageInput,
  readPage,
  after as resumeAfter,
  before as resumeBefore,
  START,
} from '../../engine/pagination/index.ts'
import { page, rulesOf } from './support.ts'

interface Row {
  readonly id: number
}

/** A provider that lists newest first and to which records are added all the time. */
class Provider {
  #rows: Row[]
  readonly #max: number

  constructor(count: number, max: number) {
    this.#rows = Array.from({ length: count }, (_, index) => ({ id: count - index }))
    this.#max = max
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  add(count: number): void {
    for (let added = 0; added < count; added += 1) this.#rows = [{ id: this.#rows.length + 1 }, ...this.#rows]
  }

  /** The rows older than a key, or the ones right before it; at most as many as asked for. */
  #slice(from: number | undefined, size: number): { rows: Row[]; more: boolean } {
    const older = this.#rows.filter(({ id }) => from === undefined || id < from)
    return { rows: older.slice(0, size), more: older.length > size }
  }

  #before(key: number, size: number): { rows: Row[]; more: boolean } {
    const newer = this.#rows.filter(({ id }) => id > key)
    return { rows: newer.slice(Math.max(0, newer.length - size)), more: newer.length > size }
  }

  answer(input: PageInput): PageAnswer {
    const query =
      input.url === undefined ? input.query : Object.fromEntries(new URLSearchParams(input.url.split('?')[1]))
    const size = Math.min(this.#max, Number(query.limit ?? this.#max))
    const from = query.after ?? query.token ?? query.from
    const isBack = query.before !== undefined
    const { rows, more } = isBack
      ? this.#before(Number(query.before), size)
      : this.#slice(from === undefined ? undefined : Number(from), size)
    const last = rows.at(-1)?.id
    const url = more ? `https://api.acme.test/v1/things?from=${last}&limit=${size}` : undefined
    return page(rows, {
      input,
      body: { more, ...(more ? { token: last, url } : {}) },
      headers: url === undefined ? {} : { link: `<${url}>; rel="next"` },
    })
  }
}

const MAX = 7
const LIMIT = { param: 'limit', max: MAX }
const KEYSETS: readonly (readonly [string, PaginationRules])[] = [
  ['cursor', rulesOf({ strategy: 'cursor', after: 'after', before: 'before', has_more: 'more', limit: LIMIT })],
  ['token', rulesOf({ strategy: 'token', param: 'token', next: 'token', has_more: 'more', limit: LIMIT })],
  ['next_url', rulesOf({ strategy: 'next_url', next: 'url', limit: LIMIT })],
  ['link', rulesOf({ strategy: 'link', limit: LIMIT })],
  [
    'expression',
    rulesOf({
      strategy: 'expression',
      next: "$response.token ? { 'query': { 'from': $response.token } }",
      limit: LIMIT,
    }),
  ],
]

/** One step of a reader: how many records it wants, and how many are added before its next step. */
const steps = fc.array(fc.record({ want: fc.integer({ min: 1, max: 20 }), add: fc.nat(3) }), {
  minLength: 1,
  maxLength: 8,
})
const INPUT: PageInput = { path: {}, query: {} }
const stored = (state: PageState): PageState => JSON.parse(JSON.stringify(state))

/** Reads to the end in steps of changing size; each step starts from a state that was stored as JSON. */
function readAll(
  rules: PaginationRules,
  provider: Provider,
  start: PageState,
  plan: readonly { want: number; add: number }[],
) {
  const isBack = start.k === 'before'
  let rows: Row[] = []
  let state: PageState | null = start
  for (let step = 0; state !== null; step += 1) {
    if (step > 2000) throw new Error('the list never ends')
    const { want, add } = plan[step % plan.length] ?? { want: 1, add: 0 }
    const read = readPage(rules, state, provider.answer(pageInput(rules, state, want, INPUT)))
    const records = read.records as Row[]
    const taken = isBack ? records.slice(-want) : records.slice(0, want)
    const isWhole = taken.length === records.length
    rows = isBack ? [...taken, ...rows] : [...rows, ...taken]
    const index = isBack ? records.length - taken.length : taken.length - 1
    const resume = isBack ? resumeBefore : resumeAfter
    const next: PageState | null = isWhole ? read.next : resume(rules, read.state, { record: records[index], index })
    state = next === null ? null : stored(next)
    if (state === null) return rows
    provider.add(step < 200 ? add : 0)
  }
  return rows
}

describe.each(KEYSETS)('%s', (_name, rules) => {
  it('reads to the end, with any page sizes and while records are added, and loses or repeats nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), steps, (count, plan) => {
        const provider = new Provider(count, MAX)
        const before = [...provider.rows]
        expect(readAll(rules, provider, START, plan)).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })
})

describe('cursor', () => {
  const [, rules] = KEYSETS[0]!

  it('reads back to the start from any record: all that was there, then what was added, each once and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), steps, steps, fc.nat(), (count, plan, backPlan, at) => {
        const provider = new Provider(count, MAX)
        const forward = readAll(rules, provider, START, plan)
        const index = at % forward.length
        const start = resumeBefore(rules, START, { record: forward[index], index })
        const back = readAll(rules, provider, start!, backPlan)
        expect(back).toEqual(provider.rows.filter(({ id }) => id > forward[index]!.id))
      }),
      { numRuns: 200 },
    )
  })

  it('turning round anywhere, again and again, stays in place', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2 }),
        (count, wants) => {
          const provider = new Provider(count, MAX)
          let at = Math.floor(count / 2)
          for (const [turn, want] of wants.entries()) {
            const record = provider.rows[at]
            const isBack = turn % 2 === 1
            const state = isBack
              ? resumeBefore(rules, START, { record, index: 0 })!
              : resumeAfter(rules, START, { record, index: 0 })
            const { records } = readPage(rules, state, provider.answer(pageInput(rules, state, want, INPUT)))
            const size = Math.min(want, MAX)
            const expected = isBack
              ? provider.rows.slice(Math.max(0, at - size), at)
              : provider.rows.slice(at + 1, at + 1 + size)
            expect(records).toEqual(expected)
            provider.add(turn % 3)
            const anchor = records[isBack ? 0 : records.length - 1] ?? record
            at = provider.rows.indexOf(anchor as Row)
          }
        },
      ),
    )
  })
})

describe('numbered pages', () => {
  it.each([
    ['page', rulesOf({ strategy: 'page', param: 'page', limit: LIMIT })],
    ['offset', rulesOf({ strategy: 'offset', param: 'offset', limit: LIMIT })],
  ] as const)('%s: while nothing changes, any sizes and any stops lose and repeat nothing', (strategy, rules) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), steps, (count, plan) => {
        const rows = Array.from({ length: count }, (_, id) => ({ id }))
        const provider = new Provider(0, MAX)
        provider.answer = (input) => {
          const size = Number(input.query.limit)
          const from = strategy === 'page' ? (Number(input.query.page) - 1) * size : Number(input.query.offset)
          return page(rows.slice(from, from + size), { input })
        }
        expect(readAll(rules, provider, START, plan)).toEqual(rows)
      }),
      { numRuns: 200 },
    )
  })
})
