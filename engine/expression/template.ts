import { EngineError } from '../errors.ts'
import { compileExpression, endOfExpression } from './compile.ts'
import type { Compiled, CompiledTemplate, ExpressionProblem, OnMissing, Variables } from './contract.ts'
import { describe } from './library/arguments.ts'

/** A compiled template, or all reasons why there is none; offsets count in the whole template. */
export type TemplateResult =
  | { readonly template: CompiledTemplate }
  | { readonly problems: readonly ExpressionProblem[] }

interface Piece {
  readonly text: string
  readonly isExpression: boolean
  readonly offset: number
}

/**
 * Compiles text with `{{ expression }}` parts, each as compileExpression does. A part ends where JSONata's own parser meets
 * a `}}` that closes nothing.
 */
export function compileTemplate(source: string, scope: readonly string[], apart?: string): TemplateResult {
  const { pieces, problem } = cut(source)
  const problems: ExpressionProblem[] = []
  const parts = pieces.map(({ text, isExpression, offset }): string | Compiled => {
    const result = isExpression ? compileExpression(text, scope, apart) : { expression: text }
    if ('expression' in result) return result.expression
    problems.push(...result.problems.map((found) => ({ ...found, offset: found.offset + offset })))
    return text
  })
  if (problem !== undefined) problems.push(problem)
  if (problems.length > 0) return { problems }
  return { template: templateOf(source, parts) }
}

const made = new WeakSet<object>()

/** Whether a value is a compiled template. */
export const isTemplate = (value: object): value is CompiledTemplate => made.has(value)

/** The template of parts that were cut and compiled before. */
export function templateOf(source: string, parts: readonly (string | Compiled)[]): CompiledTemplate {
  let variables: readonly string[] | undefined
  const template: CompiledTemplate = Object.freeze({
    source,
    parts: Object.freeze(parts),
    get variables() {
      const used = (): string[] => parts.flatMap((part) => (typeof part === 'string' ? [] : part.variables))
      variables ??= Object.freeze([...new Set(used())].sort())
      return variables
    },
    isLiteral: parts.every((part) => typeof part === 'string'),
    render: (record: unknown, given: Variables, map = (value: string) => value, onMissing: OnMissing = 'undefined') => {
      let text = ''
      for (const part of parts) {
        const value = typeof part === 'string' ? part : textOf(part.evaluate(record, given), part)
        if (value === undefined && onMissing === 'undefined') return undefined
        text += value === undefined || typeof part === 'string' ? (value ?? '') : map(value)
      }
      return text
    },
  })
  made.add(template)
  return template
}

function textOf(value: unknown, part: Compiled): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new EngineError(
    'expression_failed',
    `\`{{ ${part.source} }}\` gives ${describe(value)}, which is not one text`,
    {
      hint: 'Choose one field of it, or join an array with $join.',
    },
  )
}

/** Cuts a template into literal text and expressions, up to the first part whose end cannot be found. */
function cut(source: string): { pieces: Piece[]; problem?: ExpressionProblem } {
  const pieces: Piece[] = []
  let at = 0
  while (at < source.length) {
    const open = source.indexOf('{{', at)
    const literal = source.slice(at, open === -1 ? source.length : open)
    if (literal !== '') pieces.push({ text: literal, isExpression: false, offset: at })
    if (open === -1) break
    const offset = open + 2
    const end = endOf(source, offset)
    if (typeof end === 'object') return { pieces, problem: { ...end, offset: end.offset + offset } }
    const blanks = source.slice(offset, end).search(/[^ \t\n\r\v]|$/)
    pieces.push({ text: source.slice(offset + blanks, end).trimEnd(), isExpression: true, offset: offset + blanks })
    at = end + 2
  }
  return { pieces }
}

/** Where the `}}` of a part stands, or the problem with an offset from the part's start. */
function endOf(source: string, start: number): number | ExpressionProblem {
  const rest = source.slice(start)
  const found = endOfExpression(rest)
  if (found === undefined) {
    return open(rest.length, 'Close the expression with `}}`.')
  }
  if ('end' in found) {
    if (rest.startsWith('}}', found.end)) return start + found.end
    return open(found.end, 'A single `}` closes nothing here; an expression ends with `}}`.')
  }
  const isEmpty = rest.trimStart().startsWith('}}')
  const hint = 'Write an expression between `{{` and `}}`.'
  return isEmpty ? { ...found.problem, message: 'the expression is empty', hint } : found.problem
}

const open = (offset: number, hint: string): ExpressionProblem => ({
  code: 'syntax',
  message: 'the `{{` is not closed',
  offset,
  length: 0,
  hint,
})
