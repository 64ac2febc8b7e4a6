import type { Node } from '../ast.ts'
import { any, type Code, given, inside, insideTuple, literal, type Place, Uncovered } from './code.ts'
import { emitFiltered, type Filtered } from './filters.ts'
import { emitName, emitNames } from './names.ts'
import { emitPairs } from './pairs.ts'
import { emitTuplePath } from './tuples.ts'

/** A path: steps one after the other, with what stands behind them. */
export function emitPath(node: Node, place: Place): Code {
  const steps = node.steps ?? []
  const first = steps[0]
  if (first === undefined) throw new Uncovered('empty path')
  if (isArrayFirst(first)) return emitArrayFirst(node, steps, place)
  const at = steps.findIndex(({ tuple }) => tuple === true)
  if (at >= 0) return emitTuplePath(node, upTo(steps.slice(0, at), place, first), steps.slice(at), place)
  const isRaw = node.keepSingletonArray === true || node.group !== undefined
  if (!isRaw && steps.every((step, index) => isBareName(step) || (index === 0 && step.type === 'variable'))) {
    const path = startOf(steps, place, 'names').code
    return node.keepArray === true ? any(place.out.call('collapseKept', path.js), path.isFlat) : path
  }
  const filter = isRaw || node.keepArray === true ? undefined : filterOf(steps, place)
  const path = ended(node, upTo(steps.slice(0, -1), place, first), steps.at(-1) as Node, place)
  if (filter !== undefined) return emitFiltered(filter, place, path) ?? path
  return isRaw || node.keepArray === true ? path : (emitHeaded(steps, place, path) ?? path)
}

/** A path of names below a value that is data of the record, over one input: that value is had in place. */
function emitHeaded([first, ...rest]: readonly Node[], place: Place, path: Code): Code | undefined {
  const isHead = first !== undefined && first.type !== 'name' && first.type !== 'variable' && hasNothing(first)
  if (!isHead || !rest.every(isBareName)) return undefined
  const { input, out, unit } = place
  const head = out.emit(first, place)
  if (head.isOnce !== true || !head.isFlat) return undefined
  const value = unit.local(out.fresh('x'))
  const names = rest.map((step) => String(step.value))
  const end = names.length === 0 ? value : emitNames(given(value), names, place, 'names').js
  return given(`(isArray(${input})||${input}===U?${path.js}:(${value}=${head.js},${end}))`)
}

/** The path as one of names, of which one has a single predicate that is no number. */
function filterOf(steps: readonly Node[], place: Place): Filtered | undefined {
  const at = steps.findIndex(({ stages }) => stages !== undefined)
  const { stages = [], ...step } = steps[at] ?? { type: '' }
  const [stage, ...more] = stages
  if (stage?.type !== 'filter' || stage.expr === undefined || stage.expr.type === 'number') return undefined
  const [before, bare, after] = [steps.slice(0, at), step as Node, steps.slice(at + 1)]
  const areNames = [...before.slice(before[0]?.type === 'variable' ? 1 : 0), bare, ...after].every(isBareName)
  if (!areNames || more.length > 0) return undefined
  const { input, isFlat } = place
  const holder =
    at === 0
      ? { js: input, isFlat, isOnce: isFlat, kind: 'any' as const }
      : startOf(before, place, 'namesOnTheWay').code
  if (!/^[ixv]\d*$|^record$/.test(holder.js)) return undefined
  const value = startOf([...before, bare], place, 'names').code
  const rest = after.map((name) => String(name.value))
  return { holder, value, rest, predicate: stage.expr, isDeep: at > 0 }
}

const isArrayFirst = (step: Node): boolean => (step as { consarray?: boolean }).consarray === true

/** The current value before the steps of a path that starts with something else than names. */
function begin(first: Node, { input, out }: Place): Code {
  return any(first.type === 'variable' ? `[${input}]` : out.call('begin', input))
}

/** The leading variable and names of a path, which need no function of their own, and the step after them. */
function startOf(
  steps: readonly Node[],
  place: Place,
  way: 'names' | 'namesOnTheWay',
): { readonly code: Code; readonly at: number } {
  const first = steps[0] as Node
  let at = 0
  let head: Code = { js: place.input, isFlat: place.isFlat, kind: 'any' }
  if (first.type === 'variable') {
    head = place.out.emit(first, place)
    at = 1
    if (!head.isFlat) head = any(place.out.call('apart', head.js))
  }
  const names: string[] = []
  for (; at < steps.length && isBareName(steps[at] as Node); at++) names.push(String(steps[at]?.value))
  if (names.length === 0) {
    return { code: first.type === 'variable' ? head : { ...begin(first, place), isFlat: place.isFlat }, at }
  }
  return { code: emitNames(head, names, place, way), at }
}

/** The current value after the given first steps of a path; `first` is its first step, also when none are given. */
function upTo(steps: readonly Node[], place: Place, first: Node): Code {
  if (steps.length === 0) return { ...begin(first, place), isFlat: place.isFlat }
  const { code, at } = startOf(steps, place, 'namesOnTheWay')
  return onTheWay(code, steps.slice(at), place)
}

/** Whether a step is a name and nothing else. */
const isBareName = (step: Node): boolean =>
  step.type === 'name' && hasNothing(step) && step.predicate === undefined && step.group === undefined

/** Whether nothing stands behind a step. */
const hasNothing = ({ stages, focus, index, keepArray, tuple, seekingParent }: Node): boolean =>
  [stages, focus, index, keepArray, tuple, seekingParent].every((part) => part === undefined)

/** The end of a path: its last step, `[]` and grouping. */
function ended(node: Node, current: Code, last: Node, place: Place): Code {
  const { out } = place
  const { keepSingletonArray, keepArray, group } = node
  const isRaw = keepSingletonArray === true || group !== undefined
  let value = last.type === 'sort' ? sortedEnd(current, last, place, isRaw) : lastOf(current, last, place, isRaw)
  if (!isRaw) return keepArray === true ? any(out.call('collapseKept', value.js), value.isFlat) : value
  if (keepSingletonArray === true) value = any(out.call('kept', value.js), value.isFlat)
  if (group !== undefined) {
    const isLast = String(place.ground.tree === node)
    return any(out.call('group', value.js, emitPairs(group.lhs, place, value.isFlat), isLast))
  }
  return any(out.call(keepArray === true ? 'collapseKept' : 'collapse', value.js), value.isFlat)
}

function lastOf(current: Code, step: Node, place: Place, isRaw: boolean): Code {
  const over = overOf(step, place, current.isFlat)
  return any(place.out.call(isRaw ? 'lastStep' : 'final', current.js, over.js), over.isFlat)
}

function sortedEnd(current: Code, step: Node, place: Place, isRaw: boolean): Code {
  const sorted = emitSort(current, step, place)
  if (step.stages !== undefined) return any(isRaw ? sorted.js : place.out.call('collapse', sorted.js), sorted.isFlat)
  const end = place.out.call(isRaw ? 'sortedRaw' : 'sortedFinal', sorted.js)
  return any(!isRaw && /^x\d+$/.test(current.js) ? `(${current.js}===U?U:${end})` : end, sorted.isFlat)
}

/** The current value after some steps that are not the last. */
function onTheWay(start: Code, steps: readonly Node[], place: Place): Code {
  let current = start
  for (const step of steps) {
    if (step.type === 'sort') current = emitSort(current, step, place)
    else {
      const over = overOf(step, place, current.isFlat)
      current = any(place.out.call('step', current.js, over.js), over.isFlat)
    }
  }
  return current
}

/** A step and the predicates behind it, as a function of one value. */
function overOf(step: Node, place: Place, isFlat: boolean): Code {
  const at = inside(place, isFlat)
  const value =
    step.type === 'name' ? emitName(String(step.value), at, step.keepArray === true) : place.out.emit(step, at)
  const staged = emitStages(value, step.stages, at)
  return any(at.unit.wrap(at.input, staged.js), staged.isFlat)
}

/** Predicates, one after the other. */
export function emitStages(value: Code, stages: Node['stages'], place: Place, isTuples = false): Code {
  let result = value
  for (const { type, expr } of stages ?? []) {
    if (type !== 'filter' || expr === undefined) throw new Uncovered('index without a path')
    result = emitFilter(result, expr, place, isTuples)
  }
  return result
}

function emitFilter(value: Code, expr: Node, place: Place, isTuples: boolean): Code {
  const { out } = place
  if (isTuples && expr.type !== 'number') {
    const at = insideTuple(place, false)
    return any(out.call('filterTuples', value.js, at.unit.wrap(`${at.input},${at.tuple}`, out.emit(expr, at).js)))
  }
  if (expr.type === 'number') {
    const at = literal(Math.floor(Number(expr.value)))
    return { ...any(out.call('pick', value.js, at), value.isFlat), collapsed: out.call('picked', value.js, at) }
  }
  const at = inside(place, value.isFlat)
  return any(out.call('filter', value.js, at.unit.wrap(at.input, out.emit(expr, at).js)), value.isFlat)
}

function emitSort(current: Code, step: Node, place: Place): Code {
  const { out } = place
  const terms = (step.terms ?? []).map((term) => {
    const at = inside(place, current.isFlat)
    const of = at.unit
    const value = out.emit(term.expression, at)
    const isDescending = (term as { descending?: boolean }).descending === true
    return `{of:${of.wrap(at.input, value.js)},isDescending:${isDescending}}`
  })
  const sorted = any(out.call('orderBy', current.js, `[${terms.join(',')}]`), current.isFlat)
  if (step.stages === undefined) return sorted
  const at = inside(place, current.isFlat)
  const staged = emitStages({ ...sorted, js: at.input }, step.stages, at)
  return any(out.call('afterSort', sorted.js, at.unit.wrap(at.input, staged.js)), current.isFlat)
}

/** A path that starts with an array constructor: that is made once, over the whole input. */
function emitArrayFirst(node: Node, steps: readonly Node[], place: Place): Code {
  const [first, ...rest] = steps as [Node, ...Node[]]
  const isPlain = first.type === 'unary' && first.predicate === undefined && first.group === undefined
  const isSimple = node.keepSingletonArray !== true && node.group === undefined
  const hasOthers = rest.some(({ type, tuple }) => type === 'sort' || tuple === true) || first.tuple === true
  if (!isPlain || !isSimple || hasOthers || rest.length === 0) throw new Uncovered('array at the start of a path')
  const { out, unit } = place
  const whole = { ...place, input: unit.local(out.fresh('i')), isRoot: false, isFlat: false }
  const list = out.emit(first, whole)
  const items = unit.local(out.fresh('x'))
  const made = `${whole.input}=${out.call('asItems', place.input)},${items}=${list.js}`
  const current = onTheWay(any(items, list.isFlat), rest.slice(0, -1), place)
  const end = ended(node, current, rest.at(-1) as Node, place)
  return any(`(${made},${items}.length===0?${items}:${end.js})`, end.isFlat)
}
