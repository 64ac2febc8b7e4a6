import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, parseDocument, type YAMLError } from 'yaml'
import { type Document, type Place, pointerTo } from './document.ts'
import { type FileKind, type SourceFile, shownPath } from './files.ts'
import { type Issue, issueAt } from './issue.ts'
import { SourceText } from './source-text.ts'
import { isFlow, isMisreadNumber, mendLine, quoted } from './traps.ts'

/** Largest file in UTF-16 units. */
const MAX_FILE = 1_048_576

const MAX_DEPTH = 64
const MOST_MENDED = 50

interface Reading {
  readonly source: SourceText
  readonly issues: Issue[]
  readonly places: Map<string, Place>
  readonly anchors: Set<string>
  /** The offset in the source of one in what was parsed, where lines were mended. */
  toSource: (offset: number) => number
}

/**
 * Reads a YAML 1.2 file with the place of every value. All faults are reported at once; nothing is thrown. Expressions of an
 * added folder run apart, and so do those of a tenant, which says `isApart`.
 */
export function readYaml(
  file: SourceFile,
  kind: FileKind,
  isApart = file.root !== undefined,
): { document: Document; issues: Issue[] } {
  const source = new SourceText(shownPath(file), file.text)
  const reading: Reading = { source, issues: [], places: new Map(), anchors: new Set(), toSource: (offset) => offset }
  const make = (data: unknown, isBroken: boolean) => ({
    document: {
      source,
      kind,
      data,
      places: reading.places,
      expressions: new Map(),
      templates: new Map(),
      isApart,
      isBroken,
    },
    issues: reading.issues,
  })
  if (file.text.length > MAX_FILE) {
    const message = `the file has ${file.text.length} characters, at most ${MAX_FILE} are read`
    reading.issues.push(issueAt(source, [0, 0], 'too_large', { message, hint: 'Split it over several files.' }))
    return make(undefined, true)
  }
  try {
    const { root, isBroken } = parseMending(reading)
    const data = root === null || isBroken ? undefined : dataOf(reading, root, '', undefined, 0)
    if (root === null && !isBroken) {
      const message = 'the file is empty'
      reading.issues.push(issueAt(source, [0, 0], 'wrong_type', { message, hint: 'Remove it, or write a mapping.' }))
    }
    return make(data, isBroken || data === undefined)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    reading.issues.push(tooDeep(source, [0, 0]))
    return make(undefined, true)
  }
}

const tooDeep = (source: SourceText, range: readonly [number, number]): Issue =>
  issueAt(source, range, 'too_deep', {
    message: `values nest more than ${MAX_DEPTH} levels`,
    hint: 'Make the structure flatter; field names may be dotted.',
  })

/** Parses; a line on which YAML misreads an expression is reported, mended and read again. */
function parseMending(reading: Reading): { root: Node | null; isBroken: boolean } {
  const mended = new Set<number>()
  let { text } = reading.source
  for (;;) {
    const parsed = parseDocument(text, { version: '1.2', merge: false, prettyErrors: false, uniqueKeys: true })
    const [fatal] = parsed.errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
    if (fatal === undefined) {
      for (const error of parsed.errors) reading.issues.push(syntaxIssue(reading.source, error, text))
      if (mended.size > 0) {
        const read = new SourceText('', text)
        reading.toSource = (offset) => reading.source.offset(read.place(offset))
      }
      return { root: parsed.contents, isBroken: false }
    }
    const at = new SourceText('', text).place(fatal.pos[0])
    const mending = mended.size < MOST_MENDED && !mended.has(at.line) ? mendLine(text, at.line) : undefined
    if (mending === undefined) {
      // What follows the first fault of syntax is mostly its echo.
      reading.issues.push(syntaxIssue(reading.source, fatal, text))
      return { root: null, isBroken: true }
    }
    mended.add(at.line)
    const offset =
      reading.source.text
        .split('\n')
        .slice(0, at.line - 1)
        .join('\n').length + (at.line > 1 ? 1 : 0)
    const range = [offset + mending.start, offset + mending.end] as const
    const message = 'YAML does not read this value as one text'
    reading.issues.push(
      issueAt(reading.source, range, 'yaml_trap', { message, hint: `Quote it: ${mending.line.trim()}` }),
    )
    text = mending.text
  }
}

const IN_FLOW = 'Inside of { } and [ ] a text that holds brackets, braces or a comma is put in quotes.'
const ELSEWHERE = 'Put a text that holds `: ` or ` #`, or starts with a bracket or quote, in quotes.'

/** A fault of syntax; `text` is what was parsed, which has the lines of the source, some of them mended. */
function syntaxIssue(source: SourceText, error: YAMLError, text = source.text): Issue {
  const parsed = new SourceText('', text)
  const [start, end] = error.pos.map((offset) => source.offset(parsed.place(offset))) as [number, number]
  if (error.code === 'DUPLICATE_KEY') {
    const facts = { message: 'this key stands twice in the same mapping', hint: 'Keep one of them.' }
    return issueAt(source, [start, end], 'yaml_duplicate_key', facts)
  }
  const { line } = source.place(Math.max(0, start - 1))
  const isInFlow = [line - 1, line].some((number) => isFlow(source.line(number)))
  return issueAt(source, [start, end], 'yaml_syntax', { message: error.message, hint: isInFlow ? IN_FLOW : ELSEWHERE })
}

type Range = readonly [number, number]
const rangeOf = ({ toSource }: Reading, node: Node): Range => [
  toSource(node.range?.[0] ?? 0),
  toSource(node.range?.[1] ?? 0),
]

/** The plain data of a node; notes where it stands and what the language does not take. */
function dataOf(reading: Reading, node: Node, pointer: string, key: Range | undefined, depth: number): unknown {
  const value = rangeOf(reading, node)
  reading.places.set(pointer, { key, value })
  if (depth > MAX_DEPTH) {
    reading.issues.push(tooDeep(reading.source, value))
    return undefined
  }
  refuseFeatures(reading, node, value)
  if (isMap(node)) {
    const data: Record<string, unknown> = {}
    for (const pair of node.items) addPair(reading, pair, data, pointer, depth)
    return data
  }
  if (isSeq(node)) {
    return node.items.map(
      (item, index) => dataOf(reading, item as Node, pointerTo(pointer, index), undefined, depth + 1) ?? null,
    )
  }
  // Its name, so that the reading can go on.
  if (isAlias(node)) return node.source
  if (!isScalar(node)) return undefined
  if (isMisreadNumber(node)) {
    const facts = {
      message: `\`${node.source}\` is read as the number ${String(node.value)}`,
      hint: `Write '${node.source}'.`,
    }
    reading.issues.push(issueAt(reading.source, value, 'yaml_trap', facts, { pointer }))
  }
  return typeof node.value === 'bigint' ? Number(node.value) : node.value
}

function addPair(reading: Reading, pair: unknown, data: Record<string, unknown>, pointer: string, depth: number): void {
  if (!isPair(pair)) return
  const key = pair.key as Node
  if (isCollection(key)) {
    const text = reading.source.text.slice(...rangeOf(reading, key))
    const hint = `Quote the whole value: '{${text}}'`
    const message = 'YAML reads `{{ }}` as a mapping'
    reading.issues.push(issueAt(reading.source, rangeOf(reading, key), 'yaml_trap', { message, hint }, { pointer }))
    return
  }
  refuseFeatures(reading, key, rangeOf(reading, key))
  if (!isScalar(key)) return
  const name = key.source ?? String(key.value)
  if (name === '<<') {
    const facts = { message: 'merge keys are not part of the language', hint: 'Use a shape, or write the keys out.' }
    reading.issues.push(issueAt(reading.source, rangeOf(reading, key), 'yaml_feature', facts, { pointer }))
    return
  }
  const at = pointerTo(pointer, name)
  let value: unknown = null
  if (pair.value === null) reading.places.set(at, { key: rangeOf(reading, key), value: rangeOf(reading, key) })
  else value = dataOf(reading, pair.value as Node, at, rangeOf(reading, key), depth + 1)
  if (value === undefined) return
  // Not an assignment: a key `__proto__` is a key like others.
  Object.defineProperty(data, name, { value, enumerable: true, writable: true, configurable: true })
}

function refuseFeatures(reading: Reading, node: Node, range: Range): void {
  const { source, issues, anchors } = reading
  if (isAlias(node) && !anchors.has(node.source)) {
    const message = 'YAML reads a leading `*` as an alias'
    const hint = `Quote it: ${quoted(source.text.slice(...range).trim())}`
    issues.push(issueAt(source, range, 'yaml_trap', { message, hint }))
    return
  }
  const anchor = isAlias(node) ? undefined : node.anchor
  if (anchor !== undefined) anchors.add(anchor)
  const found = isAlias(node)
    ? 'aliases'
    : anchor !== undefined
      ? 'anchors'
      : node.tag === undefined
        ? undefined
        : 'tags'
  if (found === undefined) return
  const facts = { message: `${found} are not part of the language`, hint: 'Write the value out, or use a shape.' }
  // The range of a node starts after its anchor and tag.
  const before = /[&!]\S*\s*$/.exec(source.text.slice(Math.max(0, range[0] - 200), range[0]))?.[0] ?? ''
  const place: Range = isAlias(node)
    ? range
    : [range[0] - before.length, range[0] - before.length + before.trimEnd().length]
  issues.push(issueAt(source, place, 'yaml_feature', facts))
}
