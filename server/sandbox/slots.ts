import {
  type Compiled,
  type CompiledTemplate,
  compileExpression,
  compileTemplate,
  EngineError,
  evaluateAll,
  type SandboxShape,
  type SandboxTree,
} from '../../engine/index.ts'
import type { Values } from './contract.ts'
import { isObject, type Json } from './paths.ts'

/** Variables of rules that act on records, as in the language's schema. */
const RUN_SCOPE = ['body', 'query', 'path', 'let', 'item', 'now', 'token', 'constants', 'request']
const SHAPE_SCOPE = ['list', 'error', 'record', 'request', 'constants', 'now', 'http_status']

let folder: string | undefined

/** Compiles rules that an added folder brings: the sandbox runs in this process, so their expressions may do little. */
export function compiledFrom<T>(added: string | undefined, compile: () => T): T {
  folder = added
  try {
    return compile()
  } finally {
    folder = undefined
  }
}

/** Compiles an expression of checked rules. Throws definition_invalid for what does not compile. */
export function expression(source: string, scope: readonly string[]): Compiled {
  const result = compileExpression(source, scope, folder)
  if ('expression' in result) return result.expression
  throw uncompiled(source, result.problems)
}

/** As expression, for a text with expressions in it. */
export function template(source: string): CompiledTemplate {
  const result = compileTemplate(source, [], folder)
  if ('template' in result) return result.template
  throw uncompiled(source, result.problems)
}

function uncompiled(source: string, problems: readonly { readonly message: string }[]): EngineError {
  const why = problems.map(({ message }) => message).join('; ')
  return new EngineError('definition_invalid', `A sandbox rule does not compile: \`${source}\`: ${why}`)
}

/** Compiles the expressions of one method and notes the parameters they read. */
export class Slots {
  readonly #read = new Set<string>()
  #readsAll = false

  /** Names below $body and $query that are read; undefined when one of them is read whole. */
  get known(): ReadonlySet<string> | undefined {
    return this.#readsAll ? undefined : this.#read
  }

  text(source: string): Compiled {
    const compiled = expression(source, RUN_SCOPE)
    for (const path of compiled.variablePaths) {
      const [variable, name] = path.split('.')
      if (variable !== 'body' && variable !== 'query') continue
      if (name === undefined) this.#readsAll = true
      else this.#read.add(name)
    }
    return compiled
  }

  maybe(source: string | undefined): Compiled | undefined {
    return source === undefined ? undefined : this.text(source)
  }

  tree(tree: SandboxTree): Values {
    return valuesOf(tree, (source) => this.text(source), null)
  }

  /** Values by name; one whose name ends in `?` gives undefined instead of null. */
  fields(fields: Readonly<Record<string, SandboxTree>> = {}): (readonly [string, Values])[] {
    return Object.entries(fields).map(([name, tree]) => {
      if (!name.endsWith('?')) return [name, this.tree(tree)]
      return [name.slice(0, -1), valuesOf(tree, (source) => this.text(source), undefined)]
    })
  }
}

/** Compiles a part of an answer. */
export const shape = (tree: SandboxShape): Values =>
  valuesOf(tree, (source) => expression(source, SHAPE_SCOPE), undefined)

/** Works out several values with one entry into the evaluator. Throws what the first failing expression throws. */
export function compute(list: readonly Values[], record: unknown, variables: Json): unknown[] {
  if (list.length === 0) return []
  const cells = list.flatMap(({ cells }) => cells).map((compiled) => ({ expression: compiled, record, variables }))
  const results = evaluateAll(cells).map((result) => {
    if ('error' in result) throw result.error
    return result.value
  })
  let at = 0
  return list.map(({ cells: own, build }) => {
    at += own.length
    return build(results.slice(at - own.length, at))
  })
}

/** One value of an answer. */
export const answerOf = (values: Values, variables: Json): unknown => compute([values], undefined, variables)[0]

/** Compiles a tree; `missing` stands for an expression without a value, undefined leaves its key out. */
export function valuesOf(tree: unknown, text: (source: string) => Compiled, missing: null | undefined): Values {
  if (typeof tree === 'string') {
    return { cells: [text(tree)], build: ([value]) => (value === undefined ? missing : value) }
  }
  if (Array.isArray(tree)) {
    const items = tree.map((item) => valuesOf(item, text, missing))
    return { cells: cellsOf(items), build: (values) => builtFrom(items, values).filter((item) => item !== undefined) }
  }
  if (!isObject(tree)) return { cells: [], build: () => tree }
  if (Object.hasOwn(tree, 'const') && Object.keys(tree).length === 1) return { cells: [], build: () => tree.const }
  const keys = Object.keys(tree)
  const items = keys.map((key) => valuesOf(tree[key], text, key.endsWith('?') ? undefined : missing))
  const names = keys.map((key) => key.replace(/\?$/, ''))
  return {
    cells: cellsOf(items),
    build: (values) => {
      const entries = builtFrom(items, values).map((value, index) => [names[index] ?? '', value] as const)
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    },
  }
}

const cellsOf = (items: readonly Values[]): readonly Compiled[] => items.flatMap(({ cells }) => cells)

function builtFrom(items: readonly Values[], values: readonly unknown[]): unknown[] {
  let at = 0
  return items.map(({ cells, build }) => {
    at += cells.length
    return build(values.slice(at - cells.length, at))
  })
}
