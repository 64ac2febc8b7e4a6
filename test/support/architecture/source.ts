import { posix } from 'node:path'
import { parseAst } from 'vitest/node'
import type { SourceFile } from '../house.ts'

/** A node of the syntax tree, as the parser gives it (ESTree with TypeScript). */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** One import or re-export: what is named, and from where. */
export interface Import {
  readonly specifier: string
  readonly names: readonly string[]
  /** The file of the checkout that is meant, or null for a package or a built-in module. */
  readonly target: string | null
  readonly line: number
  /** Whether the whole statement takes types only. */
  readonly isTypeOnly: boolean
}

/** A parsed file of TypeScript. */
export interface Source extends SourceFile {
  readonly nodes: readonly Node[]
  readonly body: readonly Node[]
  readonly imports: readonly Import[]
  /** The line of an offset, counted from 1. */
  lineAt(offset: number): number
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

function collect(node: Node, into: Node[]): Node[] {
  into.push(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) collect(child, into)
  }
  return into
}

/** The name of an identifier or the text of a string literal; an empty string for any other node. */
export const nameOf = (node: unknown): string => {
  if (!isNode(node)) return ''
  return String(node.name ?? node.value ?? '')
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

function importOf(node: Node, path: string, lineAt: (offset: number) => number): Import | null {
  const specifier = nameOf(node.source ?? node.argument)
  if (!IMPORTING.has(node.type) || specifier === '') return null
  const specifiers = Array.isArray(node.specifiers) ? (node.specifiers as Node[]) : []
  return {
    specifier,
    names: specifiers.map((each) => nameOf(each.imported ?? each.local)),
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null,
    line: lineAt(node.start),
    isTypeOnly: node.type === 'TSImportType' || (node.importKind ?? node.exportKind) === 'type',
  }
}

/** Parses one file; a syntax error is thrown with the file's path. */
export function parseSource(file: SourceFile): Source {
  const starts = [0]
  for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1)
  const lineAt = (offset: number): number => starts.findLastIndex((start) => start <= offset) + 1
  const program = parseAst(file.text, { lang: file.path.endsWith('x') ? 'tsx' : 'ts' }, file.path) as unknown as Node
  const nodes = collect(program, [])
  const imports = nodes.map((node) => importOf(node, file.path, lineAt)).filter((found) => found !== null)
  return { ...file, nodes, body: program.body as Node[], imports, lineAt }
}
