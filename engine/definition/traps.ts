import type { Scalar } from 'yaml'

/** A line that YAML misreads, and the text with that line mended. */
export interface Mending {
  readonly text: string
  /** The mended line. */
  readonly line: string
  /** Where the value stands in the line as written, from 0. */
  readonly start: number
  readonly end: number
}

const KEY_AND_VALUE = /^(\s*(?:- +)*(?:'[^']*'|"[^"]*"|[^\s'"#{[:][^:#{[]*):\s+)(\S.*?)\s*$/

/** Quotes the value of a `key: value` line, which is what mends expressions that YAML misreads. */
export function mendLine(text: string, number: number): Mending | undefined {
  const lines = text.split('\n')
  const found = KEY_AND_VALUE.exec(lines[number - 1] ?? '')
  const [, head = '', value = ''] = found ?? []
  if (found === null || !looksLikeExpression(value)) return undefined
  const line = `${head}${quoted(value)}`
  const mended = [...lines.slice(0, number - 1), line, ...lines.slice(number)].join('\n')
  return { text: mended, line, start: head.length, end: head.length + value.length }
}

/** Whether a line writes a mapping or list in `{ }` or `[ ]`, where more texts need quotes. */
export const isFlow = (line: string): boolean => /(^|[\s:,[{-])[{[]\s*\S/.test(line.replace(/\{\{.*?\}\}/g, ''))

/** Whether a value is more likely an expression than broken YAML. */
function looksLikeExpression(value: string): boolean {
  if (/^[|>]/.test(value)) return false
  if (/^[[{]/.test(value) && !value.startsWith('{{')) return goesOn(value)
  return /^[`*%&@]/.test(value) || /\s[?&=<>+*^~-]|:\s|\$|^(['"]).*\1\s*\S/.test(value)
}

/** Whether anything follows the bracket that closes the first one: `[1, 2] ^ x` is no list of YAML. */
function goesOn(value: string): boolean {
  let depth = 0
  for (const [at, char] of [...value].entries()) {
    if ('[{'.includes(char)) depth += 1
    if (']}'.includes(char)) depth -= 1
    if (depth === 0) return /[^\s,]/.test(value.slice(at + 1))
  }
  return false
}

/** A text as a YAML scalar in quotes: single ones where the text has none. */
export const quoted = (text: string): string =>
  text.includes("'") ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `'${text}'`

/** Whether a plain scalar lost digits on the way: `01` is read as 1. */
export const isMisreadNumber = (node: Scalar): boolean =>
  typeof node.value === 'number' && node.type === 'PLAIN' && /^[-+]?0\d/.test(node.source ?? '')

/** The whole expression of which YAML read only the part up to a comma, since it stands inside of `{ }` or `[ ]`. */
export function cutByComma(text: string, start: number, end: number): string | undefined {
  if (!/^\s*,/.test(text.slice(end, end + 20))) return undefined
  const lineEnd = text.indexOf('\n', start)
  let depth = 0
  for (let at = start; at < (lineEnd === -1 ? text.length : lineEnd); at++) {
    const char = text[at] ?? ''
    if ('([{'.includes(char)) depth += 1
    if (')]}'.includes(char)) depth -= 1
    if (depth === 0 && at > end) return text.slice(start, at + 1)
    if (depth < 0 || (depth === 0 && at === end)) return undefined
  }
  return undefined
}

/** Whether a comment cuts an expression: JSONata binds positions with `#$name`, and YAML starts a comment at ` #`. */
export const cutByComment = (text: string, end: number): string | undefined =>
  /^[ \t]+(#\$[A-Za-z_][^\n]*)/.exec(text.slice(end, end + 500))?.[1]?.trimEnd()
