import { Document, isNode, isPair, isSeq, type Node, parseDocument, visit } from 'yaml'
import { EngineError } from '../../engine/index.ts'

const MODELINE = '# yaml-language-server: $schema=../../../engine/schema/json/case.schema.json\n'
const WIDTH = 116
/** Objects and lists of at most this many characters stand in braces, as cases are written. */
const MOST_IN_BRACES = 90

/** YAML of a value, indented; every line but the first begins with the indent. */
function yamlOf(value: unknown, indent: number): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Collection: (_key, node) => {
      if (JSON.stringify(node).length > MOST_IN_BRACES) return
      node.flow = true
      return visit.SKIP
    },
  })
  const text = document.toString({ lineWidth: Math.max(40, WIDTH - indent), singleQuote: true }).trimEnd()
  return text.split('\n').join(`\n${' '.repeat(indent)}`)
}

/** A file of cases with one more at the end of its cases; without a file, a new one. The note is put above it. */
export function appendCase(text: string | undefined, each: object, note: string): string {
  const item = `  # ${note}\n  - ${yamlOf(each, 4)}\n`
  if (text === undefined) return `${MODELINE}cases:\n${item}`
  const cases = parsed(text).get('cases', true)
  if (!isSeq(cases)) return `${text.trimEnd()}\n\ncases:\n${item}`
  const end = cases.range?.[1] ?? text.length
  const [before, after] = [text.slice(0, end).trimEnd(), text.slice(end).replace(/^\s*\n/, '')]
  return `${before}\n\n${item}${after === '' ? '' : `\n${after}`}`
}

/** A file in which the case at a JSON pointer is another one. */
export function replaceCase(text: string, pointer: string, each: object): string {
  return replaceNode(text, nodeAt(text, pointer), (indent) => yamlOf(each, indent))
}

/** A file in which the case at a JSON pointer expects something else; everything but that stays as it was written. */
export function replaceExpectation(text: string, pointer: string, expect: object): string {
  const node = nodeAt(text, `${pointer}/expect`)
  return replaceNode(text, node, (indent, isInline) => {
    const inner = isInline ? indent + 2 : indent
    return `${isInline ? `\n${' '.repeat(inner)}` : ''}${yamlOf(expect, inner)}`
  })
}

/** Puts a text in the place of a node; the indent is that of its line, and of the node where it begins the line. */
function replaceNode(text: string, { range }: Node, write: (indent: number, isInline: boolean) => string): string {
  const [start, end] = range ?? [0, 0]
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const isInline = /[^\s-]/.test(line)
  const indent = isInline ? (/^[\s-]*/.exec(line)?.[0].length ?? 0) : line.length
  const old = text.slice(start, end)
  const tail = old.slice(old.trimEnd().length)
  const before = isInline ? text.slice(0, start).trimEnd() : text.slice(0, start)
  const written = write(indent, isInline)
  return `${before}${isInline && !written.startsWith('\n') ? ' ' : ''}${written}${tail}${text.slice(end)}`
}

function nodeAt(text: string, pointer: string): Node {
  const path = pointer
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
  const node = parsed(text).getIn(path, true)
  if (isNode(node) && !isPair(node)) return node
  throw new EngineError('definition_invalid', `There is nothing at ${pointer} of the file any more`)
}

const parsed = (text: string) => parseDocument(text, { version: '1.2', merge: false })
