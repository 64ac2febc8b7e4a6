import { type Node, variableName } from './ast.ts'
import type { Variables } from './contract.ts'

/** What a direct evaluation answers when only the interpreter knows the value. */
export const NOT_DIRECT = Symbol('not direct')

/** Evaluates without the interpreter, with its meaning, or answers NOT_DIRECT. */
export type Direct = (record: unknown, variables: Variables) => unknown

interface Step {
  readonly name: string
  readonly index: number | undefined
}

/**
 * The direct evaluator of a literal, a variable, or a path of names over plain objects, each name with at most one
 * constant index (`$response.data[-1].id`). Undefined for every other expression.
 */
export function directOf(tree: Node, scope: ReadonlySet<string>): Direct | undefined {
  if (!isBare(tree)) return undefined
  if (tree.type === 'string' || tree.type === 'number' || tree.type === 'value') return () => tree.value
  if (tree.type === 'variable') return variableOf(tree, scope)
  if (tree.type !== 'path' || tree.keepSingletonArray === true || tree.tuple === true) return undefined
  const [head, ...rest] = tree.steps ?? []
  if (head === undefined) return undefined
  const start = head.type === 'variable' && isBare(head) ? variableOf(head, scope) : undefined
  const steps = (start === undefined ? [head, ...rest] : rest).map(stepOf)
  if (!steps.every((step) => step !== undefined)) return undefined
  return start === undefined
    ? (record) => walk(record, steps)
    : (record, variables) => walk(start(record, variables), steps)
}

function variableOf(node: Node, scope: ReadonlySet<string>): Direct | undefined {
  const name = variableName(node) ?? ''
  if (name === '' || name === '$') return (record) => record
  return scope.has(name) ? (_, variables) => (Object.hasOwn(variables, name) ? variables[name] : undefined) : undefined
}

function stepOf(node: Node): Step | undefined {
  const { stages, ...rest } = node
  if (node.type !== 'name' || !isBare({ ...rest, type: node.type })) return undefined
  if (stages === undefined) return { name: String(node.value), index: undefined }
  const [stage, ...more] = stages
  const isIndex = stage?.type === 'filter' && more.length === 0 && stage.expr?.type === 'number' && isBare(stage.expr)
  return isIndex ? { name: String(node.value), index: Math.floor(Number(stage.expr?.value)) } : undefined
}

/** Whether a node has nothing attached that changes its meaning. */
function isBare(node: Node): boolean {
  const { predicate, stages, group, focus, index, ancestor, keepArray, seekingParent } = node
  return [predicate, stages, group, focus, index, ancestor, keepArray, seekingParent].every(
    (part) => part === undefined,
  )
}

function walk(start: unknown, steps: readonly Step[]): unknown {
  let value = start
  for (const { name, index } of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    // arrays spread into sequences, and JSONata takes objects with its own marks for functions
    if (Array.isArray(value) || '_jsonata_lambda' in value || '_jsonata_function' in value) return NOT_DIRECT
    value = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
    if (value === undefined) return undefined
    if (index === undefined) continue
    value = pick(value, index)
    if (Array.isArray(value)) return NOT_DIRECT
  }
  return value
}

function pick(value: unknown, index: number): unknown {
  const items = Array.isArray(value) ? value : [value]
  return items[index < 0 ? items.length + index : index]
}
