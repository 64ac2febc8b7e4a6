import { setImmediate as nextTurn } from 'node:timers/promises'
import { EngineError } from '../../engine/index.ts'
import { type Batch, type BatchPart, USUAL_AT_ONCE, USUAL_ITERATIONS } from './batch-contract.ts'
import { compilePath, compileValue, type Place, type Tally, type ValueTemplate } from './batch-values.ts'

/** What a call of a part is made of, expressions filled. */
export interface CallParts {
  readonly integratedAccountId: string | undefined
  readonly id: string | undefined
  readonly path: string | undefined
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: unknown
}

/** A part that is ready to run. */
export interface PlannedPart {
  readonly part: BatchPart
  readonly where: string
  /** Names of the parts that must be done before, in the order of the batch. */
  readonly after: readonly string[]
  readonly when: ValueTemplate | undefined
  readonly forEach: ValueTemplate | undefined
  readonly maxIterations: number
  readonly concurrency: number
  /** The values that `CallParts` are read from. */
  readonly values: Readonly<Record<keyof CallParts, ValueTemplate>>
}

/**
 * Reads a batch: names told apart, expressions compiled, dependencies found, declared or read. Throws invalid_body for a
 * name given twice, an unknown one, a circle or an expression that does not compile.
 */
export async function planBatch(batch: Batch): Promise<readonly PlannedPart[]> {
  const names = new Set<string>()
  for (const [at, { name }] of batch.resources.entries()) {
    if (names.has(name)) throw refused(`/resources/${at}/name`, `there is another part \`${name}\``)
    names.add(name)
  }
  const tally = { expressions: 0 }
  const plan: PlannedPart[] = []
  for (const [at, part] of batch.resources.entries()) {
    if (at > 0) await nextTurn()
    plan.push(planPart(batch, part, { at, names, tally }))
  }
  refuseCircles(plan)
  return plan
}

function planPart(
  batch: Batch,
  part: BatchPart,
  { at, names, tally }: { readonly at: number; readonly names: ReadonlySet<string>; readonly tally: Tally },
): PlannedPart {
  const where = `/resources/${at}`
  const isLoop = part.for_each !== undefined
  const place = (field: string, inLoop = isLoop): Place => ({ where: `${where}/${field}`, isLoop: inLoop, tally })
  const value = (field: keyof BatchPart): ValueTemplate => compileValue(part[field], place(field))
  const outside = (field: 'when' | 'for_each'): ValueTemplate | undefined =>
    part[field] === undefined
      ? undefined
      : compileValue(part[field], { ...place(field, false), mayMiss: field === 'for_each' })
  refuseOdd(part, where)
  const account = part.integrated_account_id ?? batch.integrated_account_id
  const values = {
    integratedAccountId: compileValue(account, place('integrated_account_id')),
    id: value('id'),
    path:
      part.custom === undefined ? compileValue(undefined, place('custom')) : compilePath(part.custom, place('custom')),
    query: value('query'),
    headers: value('headers'),
    body: value('body'),
  }
  const [when, forEach] = [outside('when'), outside('for_each')]
  const declared = [part.depends_on ?? []].flat()
  const all = [...Object.values(values), when, forEach].flatMap((template) => template?.reads ?? [])
  const unknown = [...declared, ...all].find((name) => !names.has(name))
  if (unknown !== undefined) {
    throw refused(declared.includes(unknown) ? `${where}/depends_on` : where, `there is no part \`${unknown}\``, [
      ...names,
    ])
  }
  const after = new Set([...declared, ...all])
  const { max_iterations: maxIterations = USUAL_ITERATIONS, concurrency = USUAL_AT_ONCE } = part
  return {
    ...{ part, where, when, forEach, maxIterations, concurrency, values },
    after: [...names].filter((name) => after.has(name)),
  }
}

/** What the schema cannot say in one sentence. */
function refuseOdd(part: BatchPart, where: string): void {
  const isCustom = part.custom !== undefined
  const wrong = isCustom ? part.id !== undefined && 'id' : part.headers !== undefined && 'headers'
  if (wrong)
    throw refused(`${where}/${wrong}`, `a ${isCustom ? 'custom part' : 'part with a resource'} has no ${wrong}`)
  const loop = part.for_each === undefined && (part.max_iterations ?? part.concurrency) !== undefined
  if (loop) throw refused(where, '`max_iterations` and `concurrency` are for parts with `for_each`')
  if (typeof part.when === 'string' && !part.when.includes('{{')) {
    throw refused(`${where}/when`, 'a condition is an expression in `{{ }}`')
  }
  if (typeof part.for_each === 'string' && !part.for_each.includes('{{')) {
    throw refused(`${where}/for_each`, 'a list is an array, or an expression in `{{ }}`')
  }
}

/** Throws invalid_body naming the parts of a circle in their order. */
function refuseCircles(plan: readonly PlannedPart[]): void {
  const byName = new Map(plan.map((planned) => [planned.part.name, planned]))
  const clear = new Set<string>()
  const visit = (name: string, way: readonly string[]): void => {
    if (clear.has(name)) return
    const from = way.indexOf(name)
    const circle = [...way.slice(from), name].join(' -> ')
    if (from >= 0) throw refused(`${byName.get(name)?.where}/depends_on`, `the parts wait for each other: ${circle}`)
    for (const next of byName.get(name)?.after ?? []) visit(next, [...way, name])
    clear.add(name)
  }
  for (const { part } of plan) visit(part.name, [])
}

function refused(where: string, message: string, valid?: readonly string[]): EngineError {
  return new EngineError('invalid_body', `${where}: ${message}`, { where, valid })
}
