import { EngineError, type ErrorCode } from '../errors.ts'
import type { Variables } from './contract.ts'
import { repairOf, type Thrown, whatFailed } from './failure-words.ts'
import { describe, someOf } from './library/arguments.ts'
import { FUNCTIONS } from './library/index.ts'
import { nearest } from './suggest.ts'

/** What JSONata said of a failure: the `cause` of the EngineError. `offset` is the end of the token that failed. */
export interface ExpressionFailure {
  readonly code: string | undefined
  readonly offset: number | undefined
  readonly token: string | undefined
  readonly source: string
}

/** Where an expression failed and over what. */
export interface Scene {
  readonly source: string
  readonly record: unknown
  readonly variables: Variables
  /** What is read at a position (variables with `$`), and what the whole expression reads. */
  readonly sites: ReadonlyMap<number, readonly string[]>
  readonly reads: readonly string[]
}

const LIMIT_CODES = new Set(['D1011', 'D1012', 'D2014', 'D2015', 'depth', 'text', 'size'])
const MOST_PATHS = 6
/** Items of an array that are looked at, and different kinds that are shown. */
const MOST_ITEMS = 100
const MOST_KINDS = 3
/** Keys among which a misspelt one is looked for. */
const MOST_KEYS = 500

/** The coded error for whatever an evaluation threw: what failed, what was there, which fields the record has, what to do. */
export function toEngineError(thrown: unknown, scene: Scene): EngineError {
  const failure = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Thrown
  const own = thrown instanceof EngineError ? thrown : undefined
  const jsonataCode = own === undefined ? text(failure.code) : undefined
  if (jsonataCode === 'D1012') return stopped(scene.source)
  const offset = typeof failure.position === 'number' ? failure.position : undefined
  const cause: ExpressionFailure = { code: jsonataCode, offset, token: text(failure.token), source: scene.source }
  const at = offset === undefined ? '' : ` at offset ${offset}`
  const named = jsonataCode === undefined ? at : ` (${jsonataCode}${at})`
  const token = own !== undefined && cause.token !== undefined ? `$${cause.token}: ` : ''
  const what = own === undefined ? whatFailed(failure, scene.source) : own.message
  const paths = pathsAt(scene, offset)
  const hint =
    own === undefined ? hintOf(failure, culprit(failure, paths, scene)) : (own.details.hint ?? usageHint(cause.token))
  const there = whatIsThere(paths, scene)
  const parts = [`${quote(scene.source)} failed${named}: ${token}${what}`, ...(there === '' ? [] : [`There: ${there}`])]
  return new EngineError(codeOf(failure), `${parts.join('. ')}. ${hint}`, { hint, cause })
}

/** How a function of the library is called. */
function usageHint(name: string | undefined): string {
  const signature = FUNCTIONS.get(name ?? '')?.signature
  return signature === undefined ? 'Guard the part that can be missing: `x ? f(x) : null`.' : `Write \`${signature}\`.`
}

const LESS = 'Let the expression do less: bound recursion, ranges, nesting and repetition in regular expressions.'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The coded error for an expression that used up its time, or what else one evaluation may use. */
export function stopped(source: string): EngineError {
  const message = `${quote(source)} does more than one evaluation may and was stopped. ${LESS}`
  const cause = { code: 'D1012', offset: undefined, token: undefined, source } satisfies ExpressionFailure
  return new EngineError('expression_limit', message, { hint: LESS, cause })
}

function codeOf(failure: Thrown): ErrorCode {
  return LIMIT_CODES.has(String(failure.code)) || failure.name === 'RangeError'
    ? 'expression_limit'
    : 'expression_failed'
}

function hintOf(failure: Thrown, part: string | undefined): string {
  return codeOf(failure) === 'expression_limit' ? LESS : repairOf(failure, part)
}

/** The paths that are read where it failed, or anywhere in the expression. */
function pathsAt({ sites, reads }: Scene, offset: number | undefined): readonly string[] {
  const atSite = offset === undefined ? undefined : sites.get(offset)
  return (atSite ?? reads).filter((path) => path !== '' && path !== '*')
}

/** The one path that has the value which failed; a copy of an object is known by what it is. */
function culprit({ value }: Thrown, paths: readonly string[], scene: Scene): string | undefined {
  if (value === undefined) return undefined
  const isSame = (there: unknown): boolean =>
    typeof value === 'object' && value !== null ? describe(there) === describe(value) : there === value
  const alike = paths.filter((path) => isSame(valueAt(path, scene)))
  return alike.length === 1 ? alike[0] : undefined
}

/** What stands at a path; undefined below arrays, which have several values there. */
function valueAt(path: string, { record, variables }: Scene): unknown {
  let value: unknown = path.startsWith('$') ? variables : record
  for (const key of keysIn(path)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** The keys of a path, without the quotes that some have. */
const keysIn = (path: string): string[] =>
  (path.replace(/^\$/, '').match(/`[^`]*`|[^.]+/g) ?? []).map((segment) => segment.replaceAll('`', ''))

function whatIsThere(paths: readonly string[], scene: Scene): string {
  const shown = paths.slice(0, MOST_PATHS).map((path) => `\`${path}\` is ${describePath(path, scene)}`)
  const rest = paths.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

function describePath(path: string, { record, variables }: Scene): string {
  const isVariable = path.startsWith('$')
  return describeBelow(isVariable ? variables : record, isVariable ? '' : 'the record', keysIn(path))
}

/** What is at a path below a value that was reached so. */
function describeBelow(value: unknown, reached: string, keys: readonly string[]): string {
  const [key, ...rest] = keys
  if (key === undefined) return describe(value)
  if (Array.isArray(value)) return describeItems(value, reached, keys)
  if (typeof value !== 'object' || value === null) return `missing: ${reached} is ${describe(value)}`
  const fields = value as Record<string, unknown>
  if (!Object.hasOwn(fields, key)) return reached === '' ? 'missing' : `missing: ${reached} has ${keysOf(fields, key)}`
  return describeBelow(fields[key], reached === 'the record' || reached === '' ? key : `${reached}.${key}`, rest)
}

/** What the items of an array have at a path: each kind once. */
function describeItems(items: readonly unknown[], reached: string, keys: readonly string[]): string {
  const kinds = new Set(items.slice(0, MOST_ITEMS).map((item) => describeBelow(item, 'an item', keys)))
  const shown = [...kinds].slice(0, MOST_KINDS).join('; ')
  return `below ${reached}, ${describe(items)}${shown === '' ? '' : `: ${shown}`}${kinds.size > MOST_KINDS ? '; ...' : ''}`
}

/** The fields of an object, with the one that may have been meant. */
function keysOf(holder: object, wanted: string): string {
  const keys = Object.keys(holder)
  const near = nearest(
    wanted,
    keys.slice(0, MOST_KEYS).filter(({ length }) => length < 2 * wanted.length),
  )
  return `${someOf(keys) || 'no fields'}${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`
}

const quote = (source: string): string => `\`${source.length > 120 ? `${source.slice(0, 119)}…` : source}\``
