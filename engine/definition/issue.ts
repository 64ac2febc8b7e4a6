import type { IssueCode } from './codes.ts'
import { type SourceFile, shownPath } from './files.ts'
import { SourceText } from './source-text.ts'

/** An authoring problem: what, where and what to do. Lines and columns count from 1; `endColumn` is exclusive. */
export interface Issue {
  readonly code: IssueCode
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endColumn: number
  /** JSON pointer of the value in its file. */
  readonly pointer: string
  readonly message: string
  readonly hint: string
  /** What would be understood instead. */
  readonly valid?: readonly string[]
  /** The lines around it, with carets below the place. */
  readonly frame: string
}

/** What is known of an issue before its place. */
export interface IssueFacts {
  readonly message: string
  readonly hint: string
  readonly valid?: readonly string[] | undefined
  readonly severity?: 'error' | 'warning'
}

/** An issue about a range of a text. `hide` is a secret that the frame must not show. */
export function issueAt(
  source: SourceText,
  range: readonly [start: number, end: number],
  code: IssueCode,
  facts: IssueFacts,
  more: { pointer?: string; hide?: string } = {},
): Issue {
  const start = source.place(range[0])
  const end = source.place(Math.max(range[0], range[1]))
  const lineEnd = source.line(start.line).trimEnd().length + 1
  const endColumn = Math.max(start.column + 1, end.line === start.line ? end.column : lineEnd)
  const frame = source.frame(start.line, start.column, endColumn)
  return Object.freeze({
    code,
    severity: facts.severity ?? 'error',
    file: source.path,
    line: start.line,
    column: start.column,
    endColumn,
    pointer: more.pointer ?? '',
    message: facts.message,
    hint: facts.hint,
    ...(facts.valid === undefined ? {} : { valid: Object.freeze([...facts.valid]) }),
    frame: more.hide === undefined ? frame : frame.replaceAll(more.hide, '*'.repeat(more.hide.length)),
  })
}

/** An issue about the first place of a word in a file; about its start where the word is not there. */
export function issueNear(file: SourceFile, word: string, code: IssueCode, facts: IssueFacts): Issue {
  const at = file.text.indexOf(word)
  const range = at === -1 ? ([0, 0] as const) : ([at, at + word.length] as const)
  return issueAt(new SourceText(shownPath(file), file.text), range, code, facts)
}

/** Issues by file, line and column. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...issues].sort((a, b) => order(a.file, b.file) || a.line - b.line || a.column - b.column)
}

/** The issues as text for people, sorted by file and line, each with its frame and hint. Empty text for none. */
export function renderIssues(issues: readonly Issue[]): string {
  return sortIssues(issues).map(renderIssue).join('\n')
}

function renderIssue(issue: Issue): string {
  const [first] = issue.valid ?? []
  const isTold = first === undefined || issue.hint.includes(first)
  const valid = isTold ? '' : `\n  valid: ${listOf(issue.valid ?? [])}`
  const head = `${issue.file}:${issue.line}:${issue.column} ${issue.severity} ${issue.code}: ${issue.message}`
  return `${head}\n${issue.frame}\n  hint: ${issue.hint}${valid}\n`
}

const MOST_SHOWN = 40

function listOf(names: readonly string[]): string {
  const rest = names.length - MOST_SHOWN
  return `${names.slice(0, MOST_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
