import type { FieldSpec } from '../definition/catalog.ts'
import type { Frame, Outcome } from './frame.ts'
import { type Json, writePath } from './paths.ts'
import { type Shape, shapeAt } from './shape.ts'

/** A field whose value was refused: its dotted path, why, and the value refused. */
export interface FieldError {
  readonly field: string
  readonly reason: string
  readonly raw: unknown
}

/** A native value that no table lists. */
export interface Drift {
  /** Dotted path, `[]` for items of lists. */
  readonly field: string
  readonly value: unknown
}

/** What went wrong on the way to a record. */
export interface Findings {
  readonly errors: FieldError[]
  readonly drift: Drift[]
}

const orders = new WeakMap<ReadonlyMap<string, FieldSpec>, readonly string[]>()

/** Names of the fields, those that hold others first. */
function orderOf(specs: ReadonlyMap<string, FieldSpec>): readonly string[] {
  let order = orders.get(specs)
  if (order === undefined) {
    order = [...specs.keys()].sort((a, b) => a.split('.').length - b.split('.').length)
    orders.set(specs, order)
  }
  return order
}

/** The object that a finished frame comes to; `path` is where it stands in the record. */
export function assemble(frame: Frame, shape: Shape | undefined, findings: Findings, path = ''): Json {
  const target: Json = {}
  for (const name of orderOf(frame.specs)) {
    const outcome = frame.outcomes.get(name)
    if (outcome === undefined) continue
    const field = path === '' ? name : `${path}.${name}`
    writePath(target, name, valueIn(outcome, shape === undefined ? undefined : shapeAt(shape, name), findings, field))
    note(outcome, findings, field)
    writeRaw(target, name, outcome, frame, shape)
  }
  return target
}

function valueIn(outcome: Outcome, shape: Shape | undefined, findings: Findings, field: string): unknown {
  const { frames, value } = outcome
  if (frames === undefined) return value ?? null
  if (!Array.isArray(frames)) return assemble(frames as Frame, shape, findings, field)
  return frames.map((frame: Frame, at) => assemble(frame, shape?.items, findings, `${field}.${at}`))
}

/** A dotted path with `[]` for places in lists. */
export const withoutPlaces = (field: string): string => field.replace(/\.\d+(?=\.|$)/g, '[]')

function note(outcome: Outcome, findings: Findings, field: string): void {
  const { error, drift } = outcome
  if (error !== undefined) findings.errors.push({ field, reason: error.message, raw: null })
  if (drift !== undefined) findings.drift.push({ field: withoutPlaces(field), value: drift.value })
}

/** Fills `raw_<field>` beside an enum when the model has it and the mapping does not fill it itself. */
function writeRaw(target: Json, name: string, { native }: Outcome, frame: Frame, shape: Shape | undefined): void {
  if (native === undefined || shape === undefined) return
  const names = name.split('.')
  const raw = [...names.slice(0, -1), `raw_${names.at(-1)}`].join('.')
  const rawShape = shapeAt(shape, raw)
  if (rawShape === undefined || frame.specs.has(raw)) return
  const { value } = native
  const isScalar = typeof value === 'number' || typeof value === 'boolean'
  writePath(target, raw, rawShape.isText && isScalar ? String(value) : value)
}
