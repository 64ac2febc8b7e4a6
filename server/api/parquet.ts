import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { JsonRecord } from '../../engine/index.ts'
import { type FieldKind, valueAt } from './field-types.ts'
import type { FlatColumn } from './flat-columns.ts'

/** Records of a row group: what is held in memory at once. */
const GROUP = 5_000

/** How a kind of field is stored: amounts and other integers as int64, instants as UTC milliseconds, lists and objects as JSON. */
const STORED: Readonly<Record<FieldKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  date: { type: 'INT32', converted_type: 'DATE' },
  list: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  object: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  open: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
}

/** A Parquet file of records, row group by row group. */
export async function* parquetOf(
  columns: readonly FlatColumn[],
  batches: AsyncIterable<readonly JsonRecord[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind }) => ({ name, repetition_type: 'OPTIONAL' as const, ...STORED[kind] })),
  ]
  const file = new ParquetWriter({ writer, schema, createdBy: 'onefold' })
  let waiting: JsonRecord[] = []
  for await (const batch of batches) {
    waiting.push(...batch)
    if (waiting.length < GROUP) continue
    await file.write({ columnData: columns.map((column) => dataOf(column, waiting)), rowGroupSize: GROUP * 2 })
    waiting = []
    yield taken(writer)
  }
  if (waiting.length > 0) {
    await file.write({ columnData: columns.map((column) => dataOf(column, waiting)), rowGroupSize: GROUP * 2 })
  }
  await file.finish()
  yield taken(writer)
}

/** The bytes written so far; places in the file go on counting. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}

const dataOf = ({ name, path, kind }: FlatColumn, records: readonly JsonRecord[]): ColumnSource => ({
  name,
  data: records.map((record) => cell(valueAt(record, path), kind)),
})

/** A value as its column stores it; what does not fit its field is null, as it is in records. */
function cell(value: unknown, kind: FieldKind): unknown {
  if (value === null) return null
  if (kind === 'integer') return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null
  if (kind === 'instant' || kind === 'date') {
    const at = typeof value === 'string' ? new Date(value) : null
    return at === null || Number.isNaN(at.getTime()) ? null : at
  }
  if (kind === 'text') return typeof value === 'string' ? value : null
  if (kind === 'number') return typeof value === 'number' ? value : null
  return kind === 'boolean' ? (typeof value === 'boolean' ? value : null) : value
}
