import { EngineError, type ErrorCode } from '../errors.ts'
import type { Variables } from './contract.ts'
import { describe, someOf } from './library/arguments.ts'

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

interface Thrown {
  readonly code?: unknown
  readonly position?: unknown
  readonly token?: unknown
  readonly message?: unknown
  readonly value?: unknown
  readonly value2?: unknown
  readonly name?: unknown
}

/** The coded error for whatever an evaluation threw: what failed, what was there, which fields the record has. */
export function toEngineError(thrown: unknown, scene: Scene): EngineError {
  const failure = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Thrown
  const own = thrown instanceof EngineError ? thrown : undefined
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const offset = typeof failure.position === 'number' ? failure.position : undefined
  const jsonataCode = own === undefined ? text(failure.code) : undefined
  const cause: ExpressionFailure = { code: jsonataCode, offset, token: text(failure.token), source: scene.source }
  const at = offset === undefined ? '' : ` at offset ${offset}`
  const named = jsonataCode === undefined ? at : ` (${jsonataCode}${at})`
  const token = own !== undefined && cause.token !== undefined ? `$${cause.token}: ` : ''
  const message = `${quote(scene.source)} failed${named}: ${token}${wordsOf(failure)}`
  const there = whatIsThere(scene, offset)
  return new EngineError(codeOf(failure), there === '' ? message : `${message}. There: ${there}`, {
    hint: own?.details.hint ?? hintOf(failure),
    cause,
  })
}

/** The coded error for an expression that the time limit stopped. */
export function timedOut(source: string, limitMs: number): EngineError {
  return new EngineError('expression_limit', `${quote(source)} ran longer than ${limitMs} ms and was stopped`, {
    hint: 'Look for an endless recursion or a regular expression with nested repetition.',
    cause: { code: undefined, offset: undefined, token: undefined, source } satisfies ExpressionFailure,
  })
}

/** The coded error for an expression that used up what one evaluation may use. */
export function exhausted(source: string): EngineError {
  return new EngineError('expression_limit', `${quote(source)} does more than one evaluation may and was stopped`, {
    hint: 'Let the expression do less: bound recursion, ranges and nesting.',
    cause: { code: 'D1012', offset: undefined, token: undefined, source } satisfies ExpressionFailure,
  })
}

function codeOf(failure: Thrown): ErrorCode {
  return LIMIT_CODES.has(String(failure.code)) || failure.name === 'RangeError'
    ? 'expression_limit'
    : 'expression_failed'
}

function hintOf(failure: Thrown): string {
  if (codeOf(failure) === 'expression_limit') return 'Let the expression do less: bound recursion, ranges and nesting.'
  return 'Guard the part that can be missing: `x ? f(x) : null`.'
}

/** JSONata's message, with values of the record replaced by what they are: messages are logged, records are not. */
function wordsOf(failure: Thrown): string {
  let message = typeof failure.message === 'string' && failure.message !== '' ? failure.message : 'it threw'
  for (const value of [failure.value, failure.value2]) {
    const shown =
      typeof value === 'string' || (typeof value === 'object' && value !== null) ? stringify(value) : undefined
    if (shown !== undefined) message = message.replaceAll(shown, describe(value))
  }
  return message.replace(/\.\s*$/, '')
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function whatIsThere(scene: Scene, offset: number | undefined): string {
  const atSite = offset === undefined ? undefined : scene.sites.get(offset)
  const paths = (atSite ?? scene.reads).filter((path) => path !== '' && path !== '*')
  const shown = paths.slice(0, MOST_PATHS).map((path) => `\`${path}\` is ${describePath(path, scene)}`)
  const rest = paths.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

function describePath(path: string, { record, variables }: Scene): string {
  const isVariable = path.startsWith('$')
  let holder: unknown = isVariable ? variables : record
  let reached = isVariable ? '' : 'the record'
  for (const segment of (isVariable ? path.slice(1) : path).match(/`[^`]*`|[^.]+/g) ?? []) {
    if (Array.isArray(holder)) return `below ${reached}, ${describe(holder)}`
    if (typeof holder !== 'object' || holder === null) return `missing: ${reached} is ${describe(holder)}`
    const key = segment.replaceAll('`', '')
    const fields = holder as Record<string, unknown>
    if (!Object.hasOwn(fields, key)) return reached === '' ? 'missing' : `missing: ${reached} has ${keysOf(fields)}`
    holder = fields[key]
    reached = reached === 'the record' || reached === '' ? segment : `${reached}.${segment}`
  }
  return describe(holder)
}

const keysOf = (holder: object): string => someOf(Object.keys(holder)) || 'no fields'

const quote = (source: string): string => `\`${source.length > 120 ? `${source.slice(0, 119)}…` : source}\``
