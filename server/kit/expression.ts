import { type Compiled, compileExpression, EngineError } from '../../engine/index.ts'

/** What an expression is evaluated over. */
export interface ExpressionInput {
  readonly source: string
  readonly record: unknown
  /** By name without `$`. */
  readonly variables: Readonly<Record<string, unknown>>
}

/** What came of an expression. */
export interface Evaluated {
  readonly value: unknown
  readonly backend: Compiled['backend']
  readonly reason: string | undefined
  readonly paths: readonly string[]
  /** Paths that lead nowhere, with the keys that are there. */
  readonly missing: readonly string[]
}

/** Names that expressions of mappings know, besides those given. */
const USUAL = [
  'response',
  'query',
  'headers',
  'http_status',
  'connection',
  'account',
  'parent',
  'lookup',
  'source',
  'api_version',
  'money_form',
]

/** Evaluates an expression. Throws EngineError expression_failed with its place, also for one that does not compile. */
export function evaluate({ source, record, variables }: ExpressionInput): Evaluated {
  const compiled = compileExpression(source, [...new Set([...USUAL, ...Object.keys(variables)])])
  if ('problems' in compiled) {
    const [first] = compiled.problems
    const told = compiled.problems.map(({ message, offset, length }) => {
      return `${message}\n  ${source}\n  ${' '.repeat(offset)}${'^'.repeat(Math.max(1, length))}`
    })
    throw new EngineError('expression_failed', told.join('\n'), { hint: first?.hint, valid: first?.valid })
  }
  const { expression } = compiled
  const value = expression.evaluate(record, variables)
  const missing = expression.paths.flatMap((path) => (path === '*' ? [] : missingAt(record, path)))
  return { value, backend: expression.backend, reason: expression.reason, paths: expression.paths, missing }
}

/** Where a path leads nowhere, and the keys that are there; lists are looked through by their first item. */
function missingAt(record: unknown, path: string): string[] {
  let here: unknown = record
  let reached = ''
  for (const key of path.match(/`[^`]*`|[^.]+/g) ?? []) {
    const name = key.replaceAll('`', '')
    while (Array.isArray(here)) here = here[0]
    if (here === null || here === undefined) return []
    if (typeof here !== 'object' || !Object.hasOwn(here, name)) {
      const keys = typeof here === 'object' ? Object.keys(here).join(', ') || 'no keys' : `a ${typeof here}`
      return [`\`${path}\` is missing: ${reached === '' ? 'the record' : `\`${reached}\``} has ${keys}`]
    }
    here = (here as Record<string, unknown>)[name]
    reached = reached === '' ? key : `${reached}.${key}`
  }
  return []
}

/** What stands at a dotted path of a value, where numbers count items of lists. Throws invalid_parameter naming the keys. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((here, key) => {
    if (typeof here === 'object' && here !== null && Object.hasOwn(here, key))
      return (here as Record<string, unknown>)[key]
    const keys = typeof here === 'object' && here !== null ? Object.keys(here).join(', ') : String(here)
    throw new EngineError('invalid_parameter', `There is no ${key} in ${path}`, {
      where: '--at',
      hint: `There is ${keys}.`,
    })
  }, value)
}
