import type { SourceFile } from '../house.ts'
import { type Node, nameOf, type Source } from './source.ts'

const CLOCKS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'WebSocket', 'EventSource', 'Date'])
const AMBIENT =
  /^(Date\.now|performance\.\w+|Math\.random|AbortSignal\.timeout|crypto\.(randomUUID|getRandomValues|randomBytes)|process\.(hrtime|uptime)|globalThis\.(fetch|setTimeout|setInterval|setImmediate))$/
const RANDOM = new Set(['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'])

function ambientName(node: Node): string | null {
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node.object)}.${nameOf(node.property)}`
    return AMBIENT.test(name) ? name : null
  }
  const callee = nameOf(node.callee)
  const isArgless = Array.isArray(node.arguments) && node.arguments.length === 0
  if (node.type === 'NewExpression') return callee === 'Date' && isArgless ? 'new Date()' : null
  if (node.type !== 'CallExpression') return null
  return CLOCKS.has(callee) || RANDOM.has(callee) ? `${callee}()` : null
}

/** Uses of the clock, of randomness or of the network that do not come through ports. */
export const ambientUses = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, nodes, lineAt }) =>
    nodes.flatMap((node) => {
      const name = ambientName(node)
      return name === null
        ? []
        : [`${path}:${lineAt(node.start)}: ${name}: time, randomness and network come through ports`]
    }),
  )

const PROVIDERS = ['stripe', 'paypal', 'razorpay', 'mollie', 'adyen', 'gocardless', 'chargebee', 'recurly', 'braintree']
/** Names that are also English: only as a word of their own, and not where the word clearly means itself. */
const ORDINARY: Readonly<Record<string, string>> = { square: '(?![-\\s](bracket|root))', paddle: '' }

/** Lines that name a provider: the well-known ones and those that have a folder of their own. */
export function providerNames(files: readonly SourceFile[], folders: readonly string[]): string[] {
  const names = [...new Set([...PROVIDERS, ...folders.map((name) => name.toLowerCase())])].filter(
    (name) => !(name in ORDINARY),
  )
  const ordinary = Object.entries(ORDINARY).map(([name, unless]) => `\\b${name}\\b${unless}`)
  const pattern = new RegExp([...names, ...ordinary].join('|'), 'i')
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const found = pattern.exec(line)?.[0]
      return found === undefined ? [] : [`${path}:${index + 1}: names the provider '${found}'`]
    }),
  )
}

/** Files that are not data in the folders of providers and models. */
export const codeAmongData = (paths: readonly string[]): string[] =>
  paths
    .filter((path) => !/\.(ya?ml|json|md|csv)$/.test(path))
    .map((path) => `${path}: only yaml, json, md and csv belong here`)

/** Files longer than a number of lines. */
export const longFiles = (files: readonly SourceFile[], most: number): string[] =>
  files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > most)
    .map(({ path, lines }) => `${path}:${lines}: ${lines} lines, at most ${most}`)

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Functions longer than a number of lines. */
export const longFunctions = (sources: readonly Source[], most: number): string[] =>
  sources.flatMap(({ path, nodes, lineAt }) =>
    nodes
      .filter(({ type }) => FUNCTIONS.has(type))
      .map((node) => ({ line: lineAt(node.start), lines: lineAt(node.end - 1) - lineAt(node.start) + 1 }))
      .filter(({ lines }) => lines > most)
      .map(({ line, lines }) => `${path}:${line}: a function of ${lines} lines, at most ${most}`),
  )

const exportedName = (node: Node): string => {
  const declaration = node.declaration as Node
  const first = Array.isArray(declaration.declarations) ? (declaration.declarations[0] as Node) : declaration
  return nameOf(first.id)
}

function docstringBreach(text: string, node: Node): string | null {
  const docstring = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, node.start))
  if (docstring === null) return 'has no docstring'
  const lines = (docstring[1] ?? '').split('\n').filter((line) => /[^\s*]/.test(line)).length
  if (lines === 0) return 'has an empty docstring'
  return lines > 6 ? `has a docstring of ${lines} lines, at most 6` : null
}

/** Exports without a docstring of one to six lines; of an overloaded function the first signature carries it. */
export const undocumentedExports = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, text, body, lineAt }) => {
    const seen = new Set<string>()
    return body.flatMap((node) => {
      if (node.type !== 'ExportNamedDeclaration' || !node.declaration) return []
      const name = exportedName(node)
      const breach = seen.has(name) ? null : docstringBreach(text, node)
      seen.add(name)
      return breach === null ? [] : [`${path}:${lineAt(node.start)}: export ${name} ${breach}`]
    })
  })

/** Star re-exports: an index names what it offers. */
export const starExports = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, body, lineAt }) =>
    body
      .filter(({ type }) => type === 'ExportAllDeclaration')
      .map((node) => `${path}:${lineAt(node.start)}: export * hides what is public; name the exports`),
  )
