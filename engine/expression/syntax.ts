import type { ExpressionProblem } from './contract.ts'

/** What JSONata's parser throws. */
interface SyntaxFailure {
  readonly code?: unknown
  readonly position?: unknown
  readonly token?: unknown
  readonly message?: unknown
  readonly name?: unknown
}

const HINTS: Readonly<Record<string, string>> = {
  S0101: 'Close the text with the quote that opens it.',
  S0103: 'Inside quotes only \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are escapes.',
  S0105: 'Close the quoted name with a backtick.',
  S0106: 'Close the comment with */.',
  S0203: 'Something is left open: count parentheses, brackets and braces.',
  S0207: 'The expression ends where a value must follow.',
  S0301: 'Write a pattern between the slashes.',
  S0302: 'Close the regular expression with a slash.',
}

/** The problem for a failure of the parser, which names the end of the token that it cannot take. */
export function syntaxProblem(thrown: unknown, source: string): ExpressionProblem {
  const failure = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SyntaxFailure
  const code = typeof failure.code === 'string' ? failure.code : undefined
  const token = typeof failure.token === 'string' ? failure.token : ''
  const end = Math.min(typeof failure.position === 'number' ? failure.position : source.length, source.length)
  const isToken = token !== '' && source.slice(0, end).endsWith(token)
  const offset = isToken ? end - token.length : end
  const hint = HINTS[code ?? ''] ?? 'See docs/reference/functions.md for the language and its functions.'
  return { code: 'syntax', message: wordsOf(failure, code), offset, length: isToken ? token.length : 0, hint }
}

function wordsOf(failure: SyntaxFailure, code: string | undefined): string {
  if (failure.name === 'RangeError') return 'the expression is nested too deeply'
  const message = typeof failure.message === 'string' ? failure.message : 'it cannot be read'
  return code === undefined ? message : `${message} (${code})`
}
