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
  const hint = HINTS[code ?? ''] ?? 'See docs/reference/functions.md for the language and its functions.'
  return { code: 'syntax', message: wordsOf(failure, code), ...placeOf(failure.position, token, source), hint }
}

/** The token that the position ends (the parser) or starts (the tokenizer); all of the source without a position. */
function placeOf(position: unknown, token: string, source: string): { offset: number; length: number } {
  if (typeof position !== 'number') return { offset: 0, length: source.length }
  const at = Math.min(position, source.length)
  if (token !== '' && source.slice(0, at).endsWith(token)) return { offset: at - token.length, length: token.length }
  return { offset: at, length: source.startsWith(token, at) ? token.length : 0 }
}

function wordsOf(failure: SyntaxFailure, code: string | undefined): string {
  if (failure.name === 'RangeError') return 'the expression is nested too deeply'
  const message = typeof failure.message === 'string' ? failure.message : 'it cannot be read'
  return code === undefined ? message : `${message} (${code})`
}
