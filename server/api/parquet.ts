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

/** What a column takes of a value; undefined where it does not fit its field, which is null then, as it is in records. */
const TAKEN: Readonly<Record<FieldKind, (value: unknown) => unknown>> = {
  text: (value) => (typeof value === 'string' ? value : undefined),
  integer: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  instant: timeOf,
  date: timeOf,
  list: (value) => value,
  object: (value) => value,
  open: (value) => value,
}

const cell = (value: unknown, kind: FieldKind): unknown => (value === null ? null : (TAKEN[kind](value) ?? null))

function timeOf(value: unknown): Date | undefined {
  const at = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at
}
