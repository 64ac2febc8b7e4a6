import type { ApiEndpoint, ApiParameter, Pagination, Schemas } from '../../../engine/index.ts'
import { type Member, membersOf } from './answers.ts'

/** How a list is paged, as far as its parameters and answer tell, and what they are. */
export interface PagingGuess {
  readonly pagination: Pagination
  readonly because: string
}

/** An endpoint with what paging is told by. */
class Signs {
  readonly members: readonly Member[]
  readonly endpoint: ApiEndpoint
  readonly schemas: Schemas

  constructor(schemas: Schemas, endpoint: ApiEndpoint) {
    this.schemas = schemas
    this.endpoint = endpoint
    this.members = membersOf(schemas, endpoint.answer)
  }

  /** The first parameter of these names, as they are written. */
  parameter(...names: readonly string[]): ApiParameter | undefined {
    const given = this.endpoint.parameters.filter(({ in: where }) => where === 'query' || where === 'body')
    return names
      .map((name) => given.find((each) => plain(each.name) === plain(name)))
      .find((each) => each !== undefined)
  }

  /** The first member of the answer of these names, or of `parent.name`. */
  member(...names: readonly string[]): Member | undefined {
    const fits = (name: string) => (each: Member) => {
      const [parent, own] = name.includes('.') ? name.split('.') : [undefined, name]
      return plain(each.name) === plain(own ?? '') && (parent === undefined || plain(each.parent) === plain(parent))
    }
    return names.map((name) => this.members.find(fits(name))).find((each) => each !== undefined)
  }

  get hasMore(): { has_more?: string } {
    const found = this.member('has_more', 'has_next', 'has_next_page', 'more')
    return found === undefined ? {} : { has_more: found.path }
  }
}

/** Names are alike whatever their case and dividers. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

type Rule = (signs: Signs) => PagingGuess | undefined

/** Parameters that carry a token, each with the members of an answer that can hold the next one. */
const TOKENS: readonly (readonly [parameter: string, members: readonly string[]])[] = [
  ['cursor', ['next_cursor', 'cursor', 'cursors.after', 'end_cursor']],
  ['page_token', ['next_page_token', 'page_token']],
  ['next_token', ['next_token']],
  ['pagination_token', ['next_pagination_token', 'next_token']],
  ['continuation_token', ['continuation_token', 'next_continuation_token']],
  ['offset', ['next_offset']],
  ['page', ['next_page']],
  ['next_page', ['next_page']],
  ['after', ['cursors.after', 'end_cursor', 'next_cursor']],
  ['starting_after', ['next.starting_after']],
]

const byToken: Rule = (signs) => {
  for (const [name, members] of TOKENS) {
    const parameter = signs.parameter(name)
    const next = parameter === undefined ? undefined : signs.member(...members)
    if (parameter === undefined || next === undefined || looksLikeUrl(signs, next)) continue
    const where = parameter.in === 'body' ? { in: 'body' as const } : {}
    return {
      pagination: { strategy: 'token', ...where, param: parameter.name, next: next.path, ...signs.hasMore },
      because: `the parameter \`${parameter.name}\` and \`${next.path}\` in the answer`,
    }
  }
  return undefined
}

const looksLikeUrl = ({ schemas }: Signs, { name, schema }: Member): boolean =>
  /ur[il]$/i.test(name) || /^ur[il]/.test(String(schemas.fact(schema, 'format') ?? ''))

const byNextUrl: Rule = (signs) => {
  const links = [
    'next_url',
    'next_page_url',
    'next_link',
    'links.next',
    '_links.next',
    'pagination.next',
    'paging.next',
  ]
  const found =
    signs.member(...links) ?? signs.members.find((each) => each.name === 'next' && looksLikeUrl(signs, each))
  const listed = signs.members.find((each) => each.name === 'links' && isLinkList(signs, each))
  const bare = signs.parameter('cursor', 'page', 'from', 'after') === undefined ? undefined : signs.member('next')
  const next = found ?? bare
  if (next === undefined && listed === undefined) return undefined
  const isObject = next !== undefined && signs.schemas.members(next.schema).has('href')
  const path = next === undefined ? `${listed?.path}[rel='next'].href` : `${next.path}${isObject ? '.href' : ''}`
  return {
    pagination: { strategy: 'next_url', next: path },
    because: `the answer has a link to the next page at \`${path}\``,
  }
}

const isLinkList = ({ schemas }: Signs, { schema }: Member): boolean => {
  const members = schemas.members(schemas.elements(schema))
  return members.has('href') && members.has('rel')
}

const byCursor: Rule = (signs) => {
  const after = signs.parameter('starting_after', 'after', 'after_id', 'last_id', 'since_id')
  if (after === undefined || signs.hasMore.has_more === undefined) return undefined
  const before = signs.parameter('ending_before', 'before', 'before_id')
  const more = before === undefined ? {} : { before: before.name }
  return {
    pagination: { strategy: 'cursor', after: after.name, ...more, key: 'id', ...signs.hasMore },
    because: `the parameter \`${after.name}\` and \`${signs.hasMore.has_more}\` in the answer`,
  }
}

const byHeader: Rule = ({ endpoint }) =>
  endpoint.answerHeaders.some((name) => name.toLowerCase() === 'link')
    ? { pagination: { strategy: 'link' }, because: 'the answer has a Link header' }
    : undefined

const byPage: Rule = (signs) => {
  const page = signs.parameter('page', 'page_number', 'page[number]', 'page_no', 'current_page')
  if (page === undefined) return undefined
  const total = signs.member('total_pages', 'page_count', 'pages', 'last_page')
  const start = page.minimum === 0 || page.byDefault === 0 ? { start: 0 } : {}
  return {
    pagination: { strategy: 'page', param: page.name, ...start, ...(total === undefined ? {} : { total: total.path }) },
    because: `the parameter \`${page.name}\``,
  }
}

const byOffset: Rule = (signs) => {
  const offset = signs.parameter('offset', 'skip', 'page[offset]', 'start_index', 'start')
  if (offset === undefined) return undefined
  const total = signs.member('total_count', 'total', 'total_items', 'total_results')
  return {
    pagination: { strategy: 'offset', param: offset.name, ...(total === undefined ? {} : { total: total.path }) },
    because: `the parameter \`${offset.name}\``,
  }
}

const RULES: readonly Rule[] = [byToken, byNextUrl, byCursor, byHeader, byPage, byOffset]

/** Guesses how a list is paged; one page where nothing tells. */
export function pagingOf(schemas: Schemas, endpoint: ApiEndpoint): PagingGuess {
  const signs = new Signs(schemas, endpoint)
  const found = RULES.map((rule) => rule(signs)).find((each) => each !== undefined)
  if (found === undefined)
    return { pagination: { strategy: 'none' }, because: 'no parameter and no part of the answer tells of pages' }
  const limit = limitOf(signs)
  return limit === undefined ? found : { ...found, pagination: { ...found.pagination, limit } }
}

const LIMITS = ['limit', 'page_size', 'per_page', 'page[size]', 'page[limit]', 'max_results', 'count', 'size', 'take']
const UNKNOWN_MOST = 100

/** The page size parameter. Its bounds are facts that many documents state in words only. */
function limitOf(signs: Signs): Pagination['limit'] {
  const parameter = signs.parameter(...LIMITS)
  if (parameter === undefined) return undefined
  const { name, maximum, byDefault, prose } = parameter
  const inWords = /between\D{1,3}\d+ (?:and|to) (\d+)|max(?:imum)?(?: value)?(?: of| is|:)? (\d+)|up to (\d+)/i.exec(
    prose,
  )
  const told = inWords?.slice(1).find((each) => each !== undefined)
  const usual = /default(?:s)?(?: value)?(?: of| is| to|:)? (\d+)/i.exec(prose)?.[1]
  const standard = typeof byDefault === 'number' ? byDefault : usual === undefined ? undefined : Number(usual)
  const max = Math.max(1, maximum ?? (told === undefined ? UNKNOWN_MOST : Number(told)))
  return { param: name, max, ...(standard === undefined || standard < 1 ? {} : { default: Math.min(standard, max) }) }
}
