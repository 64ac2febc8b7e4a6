import type { FieldSpec, JsonSchema } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { assemble, type Findings } from './assemble.ts'
import { Batch, type Work } from './batch.ts'
import { openFrame } from './frame.ts'
import type { Json } from './paths.ts'
import { conform, shapeOf } from './shape.ts'
import { type MapContext, type MapItem, variablesOf } from './variables.ts'

/** An answer that is no unified resource, made by its own fields. Throws EngineError expression_failed when one fails. */
export function* mapAnswer(
  fields: ReadonlyMap<string, FieldSpec>,
  schema: JsonSchema | undefined,
  item: MapItem,
  context: MapContext,
): Work<Json> {
  const batch = new Batch()
  const frame = openFrame(batch, fields, item.native, variablesOf(item, context))
  yield* batch.run()
  const findings: Findings = { errors: [], drift: [] }
  const shape = schema === undefined ? undefined : shapeOf(schema)
  const answer = assemble(frame, shape, findings)
  const [failed] = findings.errors
  if (failed !== undefined) {
    const at = fields.get(failed.field)?.address
    const where = at && `${at.file}:${at.line}:${at.column}`
    throw new EngineError('expression_failed', `\`${failed.field}\`: ${failed.reason}`, { where })
  }
  return conform(answer, shape, true) as Json
}
