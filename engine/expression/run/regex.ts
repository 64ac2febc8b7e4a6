import { apply, Fn } from './function.ts'
import { callable } from './iterate.ts'
import { built, mayMatch, odd, Sequence } from './values.ts'

/** What a regular expression found, and how to find the next. */
interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: readonly unknown[]
  readonly next: Fn
}

/** How the time of a match grows: `choices * length ** power` is more than it can need. */
export interface RegexCost {
  readonly choices: number
  readonly power: number
}

const MOST_WORK = 50_000_000

/** A regular expression as a function of a text. Left to the interpreter, which watches the time, where it could take long. */
export function regex(pattern: RegExp, { choices, power }: RegexCost): Fn {
  const own = new RegExp(pattern.source, pattern.flags)
  const matcher = ([text, from]: readonly unknown[]): unknown => {
    if (typeof text !== 'string') return odd()
    const work = choices * (text.length + 1) ** power
    if (work > MOST_WORK || !mayMatch(work)) return odd()
    own.lastIndex = typeof from === 'number' ? from : 0
    const found = own.exec(text)
    if (found === null) return undefined
    const next = (): unknown => {
      if (own.lastIndex >= text.length) return undefined
      const after = matcher([text, own.lastIndex]) as Match | undefined
      return after?.match === '' ? odd() : after
    }
    const [match, ...groups] = found
    return { match, start: found.index, end: found.index + match.length, groups, next: new Fn('host', 0, next) }
  }
  return new Fn('host', 2, matcher)
}

/** All matches of a regular expression, at most `limit`. Matchers that are written in the language are left alone. */
function matches(text: string, matcher: unknown, limit: unknown): Match[] {
  if (!(matcher instanceof Fn)) return odd()
  const found: Match[] = []
  const most = typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
  let match = matcher.body([text]) as Match | undefined
  while (match !== undefined && found.length < most) {
    if (typeof match !== 'object' || !(match.next instanceof Fn) || match.next.kind !== 'host') return odd()
    found.push(match)
    match = match.next.body([]) as Match | undefined
  }
  return found
}

const isBadLimit = (limit: unknown): boolean => typeof limit === 'number' && limit < 0

/** $contains */
export function contains([text, token]: readonly unknown[]): unknown {
  if (text === undefined || token === undefined) return undefined
  if (typeof token === 'string') return (text as string).includes(token)
  return matches(text as string, token, 1).length > 0
}

/** $match */
export function match([text, pattern, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined
  if (isBadLimit(limit)) return odd()
  const results = new Sequence()
  if (limit === 0) return results
  for (const { match, start, groups } of matches(text as string, pattern, limit)) {
    results.push({ match, index: start, groups })
  }
  return results
}

/** $split */
export function split([text, separator, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined
  if (isBadLimit(limit)) return odd()
  if (typeof limit === 'number' && !(limit > 0)) return []
  if (typeof separator === 'string') return (text as string).split(separator, limit as number | undefined)
  const parts: string[] = []
  const found = matches(text as string, separator, limit)
  let at = 0
  for (const { start, end } of found) {
    parts.push((text as string).slice(at, start))
    at = end
  }
  if (limit === undefined || found.length === 0 || found.length < (limit as number))
    parts.push((text as string).slice(at))
  return parts
}

/** $replace */
export function replace([text, pattern, replacement, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined
  const fn = typeof replacement === 'string' ? undefined : callable(replacement)
  if (pattern === '' || isBadLimit(limit) || (fn !== undefined && typeof pattern === 'string')) return odd()
  if (typeof limit === 'number' && !(limit > 0)) return text
  const found =
    typeof pattern === 'string' ? places(text as string, pattern, limit) : matches(text as string, pattern, limit)
  let [result, at] = ['', 0]
  for (const one of found) {
    result = built(result + (text as string).slice(at, one.start))
    const filling = fn === undefined ? replacement : apply(fn, [one], null)
    if (typeof filling !== 'string') return odd()
    result = built(
      result + (fn === undefined && typeof pattern !== 'string' ? filledIn(filling, one as Match) : filling),
    )
    at = one.start + one.match.length
  }
  return result + (text as string).slice(at)
}

function places(text: string, part: string, limit: unknown): { start: number; match: string }[] {
  const most = typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
  const found: { start: number; match: string }[] = []
  for (let at = text.indexOf(part); at !== -1 && found.length < most; at = text.indexOf(part, at + part.length)) {
    found.push({ start: at, match: part })
  }
  return found
}

/** A replacement with `$0`, `$1`... filled in; `$$` is a dollar sign. */
function filledIn(replacement: string, { match, groups }: Match): string {
  const digits = groups.length === 0 ? 1 : Math.floor(Math.log(groups.length) * Math.LOG10E) + 1
  let [result, at] = ['', 0]
  for (let dollar = replacement.indexOf('$'); dollar !== -1; dollar = replacement.indexOf('$', at)) {
    result += replacement.slice(at, dollar)
    at = dollar + 1
    const sign = replacement.charAt(at)
    built(result)
    if (sign === '$' || sign === '0') {
      result += sign === '$' ? '$' : match
      at++
      continue
    }
    const number = groupNumber(replacement, at, digits, groups.length)
    if (Number.isNaN(number)) {
      result += '$'
      continue
    }
    result += groups[number - 1] ?? ''
    at += String(number).length
  }
  return result + replacement.slice(at)
}

function groupNumber(replacement: string, at: number, digits: number, count: number): number {
  const number = Number.parseInt(replacement.slice(at, at + digits), 10)
  return digits > 1 && number > count ? Number.parseInt(replacement.slice(at, at + digits - 1), 10) : number
}
