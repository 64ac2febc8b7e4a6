import { EngineError } from '../errors.ts'
import { encodeText } from './fields.ts'

const refused = (why: string): EngineError =>
  new EngineError('path_not_allowed', `The path is not allowed: ${why}`, {
    hint: 'Give the path as the provider documents it, starting with one slash.',
  })

/** `.` and `..`, also with path parameters behind (`..;x`). */
const isDots = (segment: string): boolean => /^\.\.?(;|$)/.test(segment)

/**
 * The one percent-encoded segment that an id fills. Throws path_not_allowed for what a server could read as a way
 * out of it: nothing, `.`, `..`, or these between slashes or backslashes, also percent-encoded, once or more.
 */
export function encodeSegment(id: string): string {
  if (id === '') throw refused('an id is empty')
  const plain = id.includes('%') ? decodeFully(id) : id
  if (plain.includes('.') && plain.split(/[/\\]/).some(isDots)) throw refused('an id holds a dot segment')
  return encodeText(id)
}

/** Checks a path that was put together from a template: literal parts and encoded ids. Throws path_not_allowed. */
export function checkBuiltPath(path: string): string {
  if (!path.startsWith('/') || path.includes('//')) throw refused('it has an empty segment')
  if (path.includes('/.') && path.split('/').some(isDots)) throw refused('it has a dot segment')
  return path
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw refused('it has a broken percent-encoding')
  }
}

const MOST_DECODINGS = 4

/** Decodes ASCII again and again, as servers in a row may do. Throws path_not_allowed when it does not come to an end. */
function decodeFully(decoded: string): string {
  let text = decoded
  for (let round = 0; text.includes('%'); round += 1) {
    const next = text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === text) return text
    if (round === MOST_DECODINGS) throw refused('it is encoded too many times')
    text = next
  }
  return text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/

/** A checked target of a caller: path as written, decoded segments for matching, query with its `?` or empty. */
export interface Target {
  readonly path: string
  readonly segments: readonly string[]
  readonly query: string
}

/** Targets with nothing to decode or refuse: most of them. */
const PLAIN = /^((?:\/[A-Za-z0-9_~:@!$&'()*+,=-][\w.~:@!$&'()*+,=-]*)+)(\?[\x21\x22\x24-\x7e]*)?$/

/**
 * Takes apart the target of a forwarded request. Throws path_not_allowed for absolute forms, `//`, backslashes, dot
 * segments, control characters and fragments, also percent-encoded, once or more; and for an encoded slash, which
 * would make the path match another operation here than at the provider.
 */
export function parseTarget(target: string): Target {
  const easy = PLAIN.exec(target)
  if (easy?.[1] !== undefined) return { path: easy[1], segments: easy[1].slice(1).split('/'), query: easy[2] ?? '' }
  if (!target.startsWith('/')) throw refused('it does not start with a slash')
  if (!/^[\x21-\x7e]*$/.test(target)) throw refused('it holds a character that must be percent-encoded')
  if (target.includes('#')) throw refused('it has a fragment')
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const decoded = path.includes('%') ? decode(path) : path
  const plain = decodeFully(decoded)
  if (plain.includes('\\')) throw refused('it has a backslash')
  if (plain.includes('//')) throw refused('it has an empty segment')
  if (CONTROL.test(plain)) throw refused('it holds a control character')
  const parts = plain.split('/')
  if (parts.some(isDots)) throw refused('it has a dot segment')
  if (parts.length !== path.split('/').length) throw refused('it has an encoded slash')
  return { path, segments: decoded.slice(1).split('/'), query: mark < 0 ? '' : target.slice(mark) }
}
