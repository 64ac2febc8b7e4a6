import type { Node } from '../ast.ts'
import { any, type Code, insideTuple, literal, type Place, Uncovered } from './code.ts'
import { emitPairs } from './pairs.ts'

/** The rest of a path from its first step that binds a name (`@`, `#`, or the parent that a `%` looks for). */
export function emitTuplePath(node: Node, current: Code, steps: readonly Node[], place: Place): Code {
  const { out } = place
  const written = steps.map((step) => emitStep(step, place))
  const { group, keepSingletonArray, keepArray, tuple } = node
  const ending = [
    `isStream:${tuple === true}`,
    `isKept:${keepSingletonArray === true}`,
    `keepArray:${keepArray === true}`,
    ...(group === undefined ? [] : [`pairs:${emitPairs(group.lhs, place, false, true)}`]),
  ]
  return any(out.call('tuplePath', current.js, `[${written.join(',')}]`, `{${ending.join(',')}}`))
}

function emitStep(step: Node, place: Place): string {
  const { focus, index, ancestor, stages = [] } = step
  const label = (ancestor as { label?: string } | undefined)?.label
  const parts = [`stages:[${stages.map((stage) => emitStage(stage, place)).join(',')}]`]
  if (step.type === 'sort') {
    const terms = (step.terms ?? []).map((term) => {
      const isDescending = (term as { descending?: boolean }).descending === true
      return `{of:${over(term.expression, place)},isDescending:${isDescending}}`
    })
    parts.push(`terms:[${terms.join(',')}]`)
  } else parts.push(`over:${over(step, place)}`)
  for (const [name, value] of Object.entries({ focus, index, ancestor: label })) {
    if (value !== undefined) parts.push(`${name}:${literal(value)}`)
  }
  return `{${parts.join(',')}}`
}

function emitStage(stage: Node, place: Place): string {
  if (stage.type === 'index') return `{index:${literal(String(stage.value))}}`
  if (stage.type !== 'filter' || stage.expr === undefined) throw new Uncovered(`stage ${stage.type}`)
  if (stage.expr.type === 'number') return `{pick:${Math.floor(Number(stage.expr.value))}}`
  return `{filter:${over(stage.expr, place)}}`
}

function over(node: Node, place: Place): string {
  const at = insideTuple(place, false)
  return at.unit.wrap(`${at.input},${at.tuple}`, place.out.emit(node, at).js)
}
