import { EngineError, type JsonRecord, type ListAnswer } from '../../engine/index.ts'

/** The list envelope of unified and proxy lists; with `keyBy`, the result is an object of records by that field. */
export function listEnvelope(answer: ListAnswer, keyBy?: string): JsonRecord {
  return {
    result: keyBy === undefined ? answer.result : keyed(answer.result, keyBy),
    next_cursor: answer.nextCursor,
    prev_cursor: answer.prevCursor,
    result_count: answer.result.length,
    is_partial_response: answer.isPartial,
  }
}

function keyed(records: readonly JsonRecord[], field: string): JsonRecord {
  const result: JsonRecord = Object.create(null)
  for (const record of records) {
    const key = String(readPath(record, field) ?? '')
    if (Object.hasOwn(result, key)) {
      throw new EngineError('invalid_parameter', `Several records have the ${field} '${key}'`, {
        where: 'truto_key_by',
        hint: 'Key the result by a field that is unique, such as id.',
      })
    }
    result[key] = record
  }
  return result
}

const readPath = (record: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as JsonRecord | null | undefined)?.[name], record)
