import { compileExpression, compileTemplate, type ExpressionProblem } from '../expression/index.ts'
import type { IssueCode } from './codes.ts'
import type { Located } from './document.ts'
import type { Issue } from './issue.ts'
import type { Shape } from './schema-shape.ts'
import { quoted } from './traps.ts'
import { wholeExpression } from './words.ts'

const CODES: Readonly<Record<ExpressionProblem['code'], IssueCode>> = {
  syntax: 'expression_syntax',
  unknown_variable: 'unknown_variable',
  unknown_function: 'unknown_function',
  forbidden_function: 'forbidden_function',
}

/** Compiles a text that the schema marks as expression or template; the result is kept in the document by pointer. */
export function compileSlot(node: Located<string>, shape: Shape): Issue[] {
  const { document, pointer, value } = node
  const marked = shape['x-expression'] ?? shape['x-template']
  if (marked === undefined) return []
  const whole = wholeExpression(node)
  if (whole !== undefined) {
    const message = `YAML reads only \`${value}\` of this expression`
    return [node.issue('value', 'yaml_trap', { message, hint: `Quote it: ${quoted(whole)}` })]
  }
  const apart = document.isApart ? addressOf(node) : undefined
  if (shape['x-template'] !== undefined) {
    const result = compileTemplate(value, marked.scope, apart)
    if ('problems' in result) return result.problems.map((problem) => expressionIssue(node, problem))
    document.templates.set(pointer, result.template)
    return []
  }
  const result = compileExpression(value, marked.scope, apart)
  if ('problems' in result) return result.problems.map((problem) => expressionIssue(node, problem))
  document.expressions.set(pointer, result.expression)
  return []
}

function addressOf({ address: { file, line, column } }: Located<string>): string {
  return `${file}:${line}:${column}`
}

function expressionIssue(node: Located<string>, problem: ExpressionProblem): Issue {
  const { code, message, hint, valid } = problem
  if (code === 'unknown_variable' && node.value.startsWith('$credentials', problem.offset)) {
    const facts = {
      message: 'credentials are not readable here',
      hint: 'Only the slots of an auth method see `$credentials`.',
    }
    return node.issue('value', 'credentials_outside_auth', facts, problem)
  }
  return node.issue('value', CODES[code], { message, hint, valid }, problem)
}
