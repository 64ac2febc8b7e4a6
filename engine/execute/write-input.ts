import type { WriteWay } from '../definition/catalog.ts'
import type { Variables } from '../expression/index.ts'
import type { OperationInput } from '../types.ts'
import { nest, writeValues } from './slots.ts'

/** What a way of a write sends. Without path values an `id` fills the path. Throws EngineError invalid_body. */
export function inputOf(way: WriteWay, body: unknown, variables: Variables, id?: string): OperationInput {
  const path = way.path.size === 0 && id !== undefined ? { id } : writeValues(way.path, body, variables)
  const values = writeValues(way.body, body, variables)
  const query = writeValues(way.query, body, variables)
  return { path, query, ...(Object.keys(values).length > 0 ? { body: nest(values) } : {}) }
}
