import type { PaginationRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { findLink } from './link.ts'
import { pageSize, sentSize, wanted, withParameter, withSize } from './parameters.ts'
import type { Delta, PageAnswer, PageInput, PageState } from './state.ts'
import { sameOriginTarget } from './target.ts'

/** One way to page. Both functions are pure; `next` is null at the end of the list. */
export interface Strategy {
  input(rules: PaginationRules, state: PageState, limit: number, input: PageInput): PageInput
  /** `more` is what the answer declares, undefined when the rules name no such place. */
  next(rules: PaginationRules, state: PageState, answer: PageAnswer, more: boolean | undefined): PageState | null
}

const sized = (rules: PaginationRules, limit: number, input: PageInput): PageInput =>
  withSize(rules, input, pageSize(rules, limit))

/** Without a word from the provider there is more exactly when the page is full. */
function isFull(rules: PaginationRules, answer: PageAnswer): boolean {
  const size = sentSize(rules, answer.input)
  return size === undefined ? answer.records.length > 0 : answer.records.length >= size
}

/** What expressions over an answer see. */
export const variablesOf = (answer: PageAnswer): Readonly<Record<string, unknown>> => ({
  response: answer.body,
  headers: answer.headers,
  http_status: answer.status,
  query: answer.input.query,
  body: answer.input.body,
})

const nextValue = (rules: PaginationRules, answer: PageAnswer): unknown => {
  const value = rules.next?.evaluate(answer.body, variablesOf(answer))
  return value === '' || value === false ? undefined : (value ?? undefined)
}

/** A next page that the answer must name when it says that there is more. */
function named(value: unknown, more: boolean | undefined): boolean {
  if (more === false) return false
  if (value !== undefined) return true
  if (more === undefined) return false
  throw new EngineError('missing_path', 'The answer says there is more and does not name the next page')
}

const keyIn = (rules: PaginationRules, record: unknown): unknown =>
  rules.key === undefined ? Object(record).id : rules.key.evaluate(record, {})

/** The key of a record in a keyset list. Throws missing_path when it has none. */
export const keyOf = (rules: PaginationRules, record: unknown): string | number =>
  requireKey(rules, keyIn(rules, record))

function requireKey(rules: PaginationRules, key: unknown): string | number {
  if (typeof key === 'number' || (typeof key === 'string' && key !== '')) return key
  const path = rules.key?.source ?? 'id'
  throw new EngineError('missing_path', `A record of the list has no \`${path}\` to page by`, { where: path })
}

function refuseRepeat(rules: PaginationRules, state: PageState, answer: PageAnswer): void {
  if (state.k !== 'after' && state.k !== 'before') return
  const keys = answer.records.map((record) => keyIn(rules, record))
  const wasThere = keys.some((key) => requireKey(rules, key) === state.key)
  if (wasThere) throw new EngineError('stuck_cursor', 'The page holds the record that it was to start from')
}

const cursor: Strategy = {
  input(rules, state, limit, input) {
    const base = sized(rules, limit, input)
    if (state.k !== 'after' && state.k !== 'before') return base
    const [used, other] = state.k === 'before' ? [rules.before, rules.after] : [rules.after, rules.before]
    const cleared = other === undefined ? base : withParameter(rules, base, other, undefined)
    const name = wanted(used, `parameter for records ${state.k} a key`)
    return withParameter(rules, cleared, name, state.key)
  },
  next(rules, state, answer, more) {
    refuseRepeat(rules, state, answer)
    const edge = state.k === 'before' ? answer.records[0] : answer.records.at(-1)
    if (!(more ?? isFull(rules, answer)) || edge === undefined) return null
    return { k: state.k === 'before' ? 'before' : 'after', key: keyOf(rules, edge) }
  },
}

const token: Strategy = {
  input(rules, state, limit, input) {
    const base = sized(rules, limit, input)
    return state.k === 'token' ? withParameter(rules, base, wanted(rules.param, 'token parameter'), state.token) : base
  },
  next(rules, _state, answer, more) {
    const value = nextValue(rules, answer)
    if (!named(value, more)) return null
    if (typeof value === 'string' || typeof value === 'number') return { k: 'token', token: value }
    throw new EngineError('missing_path', 'The token of the next page is neither text nor a number')
  },
}

/** Pages by a URL that `read` finds in the answer. */
const byUrl = (read: (rules: PaginationRules, answer: PageAnswer) => unknown): Strategy => ({
  input(rules, state, limit, input) {
    return state.k === 'url' ? { ...input, url: state.url } : sized(rules, limit, input)
  },
  next(rules, _state, answer, more) {
    const value = read(rules, answer)
    if (!named(value, more)) return null
    const url = sameOriginTarget(value, answer)
    const isItself = new URL(answer.base.replace(/\/$/, '') + url).href === new URL(answer.url).href
    if (isItself) throw new EngineError('stuck_cursor', 'The URL of the next page is the one that was asked')
    return { k: 'url', url }
  },
})

function totalOf(rules: PaginationRules, answer: PageAnswer): number | undefined {
  if (rules.total === undefined) return undefined
  const total = Number(rules.total.evaluate(answer.body, variablesOf(answer)) ?? Number.NaN)
  if (Number.isFinite(total)) return total
  if (answer.records.length === 0 && rules.omitsPathWhenEmpty) return 0
  throw new EngineError('missing_path', `The answer has no number at \`${rules.total.source}\``, {
    where: rules.total.source,
  })
}

const page: Strategy = {
  input(rules, state, limit, input) {
    const size = state.k === 'page' ? (state.size ?? pageSize(rules, limit)) : pageSize(rules, limit)
    const n = state.k === 'page' ? state.n : rules.start
    return withParameter(rules, withSize(rules, input, size), wanted(rules.param, 'page parameter'), n)
  },
  next(rules, state, answer, more) {
    const n = state.k === 'page' ? state.n : rules.start
    const pages = totalOf(rules, answer)
    const hasNext =
      pages === undefined ? (more ?? isFull(rules, answer)) : n - rules.start + 1 < pages && more !== false
    const size = sentSize(rules, answer.input)
    return hasNext ? { k: 'page', n: n + 1, ...(size === undefined ? {} : { size }) } : null
  },
}

const offset: Strategy = {
  input(rules, state, limit, input) {
    const n = state.k === 'offset' ? state.n : 0
    return withParameter(rules, sized(rules, limit, input), wanted(rules.param, 'offset parameter'), n)
  },
  next(rules, state, answer, more) {
    const n = (state.k === 'offset' ? state.n : 0) + answer.records.length
    const total = totalOf(rules, answer)
    const hasNext = total === undefined ? (more ?? isFull(rules, answer)) : n < total && more !== false
    return hasNext ? { k: 'offset', n } : null
  },
}

function deltaOf(value: unknown): Delta {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isObject) return value as Delta
  throw new EngineError('missing_path', 'The next page must be an object with query, body or headers')
}

const expression: Strategy = {
  input(rules, state, limit, input) {
    const base = sized(rules, limit, input)
    if (state.k !== 'delta') return base
    const { query, body, headers } = state.delta
    return {
      ...base,
      query: { ...base.query, ...query },
      ...(body === undefined ? {} : { body: { ...Object(base.body), ...body } }),
      ...(headers === undefined ? {} : { headers: { ...base.headers, ...headers } }),
    }
  },
  next(rules, _state, answer, more) {
    const value = nextValue(rules, answer)
    return named(value, more) ? { k: 'delta', delta: deltaOf(value) } : null
  },
}

const none: Strategy = { input: (_rules, _state, _limit, input) => input, next: () => null }

/** Every strategy of the language. */
export const STRATEGIES: Readonly<Record<PaginationRules['strategy'], Strategy>> = Object.freeze({
  cursor,
  token,
  next_url: byUrl(nextValue),
  link: byUrl((_rules, answer) => findLink(answer.headers.link, 'next')),
  page,
  offset,
  expression,
  none,
})
