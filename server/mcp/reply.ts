import type { JsonRecord } from '../../engine/index.ts'
import type { Reply } from '../api/context.ts'
import { REDACTED_HEADER } from '../api/redact.ts'
import type { Arguments, Found } from './contract.ts'

const DEFAULT_LIMIT = 10

/** Paging of a list as pairs of a query. */
export function pageOf({ limit = DEFAULT_LIMIT, next_cursor: cursor }: Arguments): [string, string][] {
  return [
    ['limit', String(limit)],
    ...(typeof cursor === 'string' ? [['next_cursor', cursor] as [string, string]] : []),
  ]
}

/** What a reply of the API holds: of a list the records, of a method its result, else the record. */
export function foundIn({ body, headers = {} }: Reply, isList: boolean): Found {
  const { warnings, ...given } = (body ?? {}) as JsonRecord
  const key = headers['idempotency-key']
  const said = {
    ...(warnings === undefined ? {} : { warnings }),
    ...(key === undefined ? {} : { idempotency_key: key }),
    ...(headers['idempotent-replayed'] === 'true' ? { replayed: true } : {}),
    ...(headers[REDACTED_HEADER] === undefined ? {} : { redacted: headers[REDACTED_HEADER].split(',') }),
  }
  if (!isList) return { result: isMethod(given) ? given.result : given, rest: said, isFromOutside: true }
  const { result, prev_cursor: _back, ...page } = given
  return { result, rest: { ...page, ...said }, isFromOutside: true }
}

const isMethod = (body: JsonRecord): boolean => 'result' in body && Object.keys(body).length === 1
