import type { PaginationRules } from '../definition/catalog.ts'
import type { OperationInput } from '../types.ts'

/** Input of one page. `url` (path and query below the host's base) replaces the operation's own path and query. */
export interface PageInput extends OperationInput {
  readonly url?: string
}

interface Skip {
  /** Records of the page that were already delivered. */
  readonly skip?: number
}

/**
 * Where a list stands: plain JSON, to be stored as it is and treated as opaque. `start` is the beginning; the other kinds
 * belong to one strategy each.
 */
export type PageState =
  | ({ readonly k: 'start' } & Skip)
  | { readonly k: 'after'; readonly key: string | number }
  | { readonly k: 'before'; readonly key: string | number }
  | ({ readonly k: 'token'; readonly token: string | number } & Skip)
  | ({ readonly k: 'url'; readonly url: string } & Skip)
  | ({ readonly k: 'page'; readonly n: number; readonly size?: number; readonly seen?: string } & Skip)
  | { readonly k: 'offset'; readonly n: number; readonly seen?: string }
  | ({ readonly k: 'delta'; readonly delta: Delta } & Skip)

/** What an `expression` strategy adds to the input of the next page. */
export interface Delta {
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The start of every list. */
export const START: PageState = Object.freeze({ k: 'start' })

/** One answered page: the parsed body, its records in list order, and what it was asked with. */
export interface PageAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly records: readonly unknown[]
  /** The input as sent, paging parameters included. */
  readonly input: PageInput
  /** Absolute URL of the request, without credentials. */
  readonly url: string
  /** Origin and base path of the host, which every page must keep. */
  readonly base: string
}

/** Kinds of state that each strategy can resume from, besides `start`. */
const KINDS: Readonly<Record<PaginationRules['strategy'], readonly PageState['k'][]>> = {
  cursor: ['after', 'before'],
  token: ['token'],
  next_url: ['url'],
  link: ['url'],
  page: ['page'],
  offset: ['offset'],
  expression: ['delta'],
  none: [],
}

/** Whether a state, say from an old cursor, belongs to these rules. */
export const fits = (rules: PaginationRules, state: PageState): boolean =>
  state.k === 'start' || KINDS[rules.strategy].includes(state.k)

/** Records of the page to leave out because they were delivered before. */
export const skipOf = (state: PageState): number => ('skip' in state ? (state.skip ?? 0) : 0)

/** The same page with another number of records to leave out. */
export function withSkip(state: PageState, skip: number): PageState {
  if (state.k === 'after' || state.k === 'before') return state
  if (state.k === 'offset') return skip === 0 ? state : { ...state, n: state.n + skip }
  const { skip: _old, ...rest } = state
  return skip === 0 ? rest : { ...rest, skip }
}

/** Whether two states ask for the same page. */
export function samePage(one: PageState, other: PageState): boolean {
  return place(one) === place(other)
}

function place(state: PageState): string {
  if (state.k === 'page' || state.k === 'offset') return `${state.k} ${state.n}`
  return JSON.stringify(withSkip(state, 0))
}
