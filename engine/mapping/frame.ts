import type { FieldSpec, TableField } from '../definition/catalog.ts'
import type { EngineError } from '../errors.ts'
import type { CellResult, Compiled, Variables } from '../expression/index.ts'
import type { Batch } from './batch.ts'
import { isTrue } from './truth.ts'

type Specs = ReadonlyMap<string, FieldSpec>
type Rules = Extract<FieldSpec, { kind: 'rules' }>

/** What one field came to. */
export interface Outcome {
  readonly value?: unknown
  /** Nested records still being made: one for an object, a list for `each`. */
  readonly frames?: Frame | readonly Frame[]
  readonly error?: EngineError
  /** Native value behind an enum, for `raw_<field>`. */
  readonly native?: { readonly value: unknown }
  /** A native value that the table does not list. */
  readonly drift?: { readonly value: unknown }
  /** The table says none: the native value is missing, or is listed as none. */
  readonly isTableNull?: boolean
}

/** Fields that share one native record. `outcomes` fills while the batch runs. */
export interface Frame {
  readonly specs: Specs
  readonly record: unknown
  readonly variables: Variables
  readonly outcomes: Map<string, Outcome>
}

/** Asks the batch for all fields of a record; nested ones follow in later waves. */
export function openFrame(batch: Batch, specs: Specs, record: unknown, variables: Variables): Frame {
  const frame: Frame = { specs, record, variables, outcomes: new Map() }
  for (const [name, spec] of specs) askField(batch, frame, name, spec)
  return frame
}

function askField(batch: Batch, frame: Frame, name: string, spec: FieldSpec): void {
  const settle = (outcome: Outcome) => frame.outcomes.set(name, outcome)
  switch (spec.kind) {
    case 'const':
      settle({ value: spec.value })
      break
    case 'expression':
      ask(batch, frame, [spec.expression], ([result]) => settle(plainOutcome(result)))
      break
    case 'table':
      ask(batch, frame, [spec.from], ([result]) => settle(tableOutcome(spec, result)))
      break
    case 'rules':
      askRules(batch, frame, spec, settle)
      break
    case 'each':
      ask(batch, frame, [spec.each], ([result]) => settle(eachOutcome(batch, frame, spec.fields, result)))
      break
    case 'object':
      if (spec.from === undefined) settle({ frames: openFrame(batch, spec.fields, frame.record, frame.variables) })
      else ask(batch, frame, [spec.from], ([result]) => settle(objectOutcome(batch, frame, spec.fields, result)))
  }
}

function ask(
  batch: Batch,
  { record, variables }: Frame,
  expressions: readonly Compiled[],
  done: (results: readonly CellResult[]) => void,
): void {
  batch.ask(
    expressions.map((expression) => ({ expression, record, variables })),
    done,
  )
}

function plainOutcome(result: CellResult | undefined): Outcome {
  if (result === undefined) return { value: undefined }
  return 'error' in result ? { error: result.error } : { value: result.value }
}

function tableOutcome(table: TableField, result: CellResult | undefined): Outcome {
  const found = plainOutcome(result)
  if (found.error !== undefined) return found
  const native = found.value ?? null
  const raw = table.raw ? { native: { value: native } } : {}
  if (native === null) return { value: table.absent, isTableNull: table.absent === null, ...raw }
  const unified = typeof native === 'object' ? undefined : table.map.get(String(native))
  if (unified === undefined) return { value: 'unknown', drift: { value: native }, ...raw }
  return { value: unified, isTableNull: unified === null, ...raw }
}

function askRules(batch: Batch, frame: Frame, spec: Rules, settle: (outcome: Outcome) => void): void {
  const { rules, otherwise, raw } = spec
  const table = otherwise.kind === 'table' ? otherwise : undefined
  const expressions = [...rules.map((rule) => rule.if), ...(table ? [table.from] : []), ...(raw ? [raw] : [])]
  ask(batch, frame, expressions, (results) => {
    const fallback = table === undefined ? undefined : results[rules.length]
    const rawResult = raw === undefined ? undefined : plainOutcome(results.at(-1))
    const native =
      rawResult === undefined ? tableNative(table, fallback) : { native: { value: rawResult.value ?? null } }
    settle({ ...ruleOutcome(spec, results, fallback), ...native })
  })
}

function tableNative(table: TableField | undefined, result: CellResult | undefined): Pick<Outcome, 'native'> {
  const value = table?.raw === true ? plainOutcome(result).value : undefined
  return value === undefined ? {} : { native: { value } }
}

function ruleOutcome(spec: Rules, results: readonly CellResult[], fallback: CellResult | undefined): Outcome {
  for (const [at, rule] of spec.rules.entries()) {
    const condition = plainOutcome(results[at])
    if (condition.error !== undefined) return condition
    if (isTrue(condition.value)) return { value: rule.then }
  }
  return spec.otherwise.kind === 'const' ? { value: spec.otherwise.value } : tableOutcome(spec.otherwise, fallback)
}

function eachOutcome(batch: Batch, frame: Frame, fields: Specs, result: CellResult | undefined): Outcome {
  const found = plainOutcome(result)
  if (found.error !== undefined || found.value === undefined || found.value === null) return found
  const items = Array.isArray(found.value) ? found.value : [found.value]
  const frames = items.map((item, index) =>
    openFrame(batch, fields, item, { ...frame.variables, parent: frame.record, item, index }),
  )
  return { frames }
}

function objectOutcome(batch: Batch, frame: Frame, fields: Specs, result: CellResult | undefined): Outcome {
  const found = plainOutcome(result)
  if (found.error !== undefined || found.value === undefined || found.value === null) return found
  return { frames: openFrame(batch, fields, found.value, { ...frame.variables, parent: frame.record }) }
}
