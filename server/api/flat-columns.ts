import type { JsonSchema } from '../../engine/index.ts'
import { columnsOf } from './csv.ts'
import { type FieldKind, fieldAt } from './field-types.ts'

/** A column of tables that are made of unified records. */
export interface FlatColumn {
  /** Plain: the dots of the path are underscores. */
  readonly name: string
  readonly path: string
  readonly kind: FieldKind
}

/** The columns of a resource: objects whose fields are known are opened; lists, and objects of free form, are one column. */
export function flatColumns(schema: JsonSchema, paths: readonly string[] = columnsOf(schema)): readonly FlatColumn[] {
  return paths.map((path) => ({ name: path.replaceAll('.', '_'), path, kind: fieldAt(schema, path).kind }))
}
