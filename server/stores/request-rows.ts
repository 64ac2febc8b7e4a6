import type { Insertable } from 'kysely'
import { cleanText, growingId } from './rows.ts'
import type { Tables } from './tables.ts'

/** One call of the API. */
export interface RequestEntry {
  readonly requestId: string
  /** Null when the call was refused before its environment was known. */
  readonly environmentId: string | null
  readonly integratedAccountId: string | null
  readonly tokenId: string | null
  readonly method: string
  /** Path with query; stored without the values of the query. Never put a token into it. */
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly upstreamRequests: number
  readonly errorCode: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

type RequestRow = Insertable<Tables['request_log']>

/** A path whose query keeps its parameters' names and loses their values. */
export function scrubPath(path: string): string {
  const [bare = '', ...rest] = path.split('?')
  if (rest.length === 0) return cleanText(bare)
  const names = rest
    .join('?')
    .split('&')
    .map((part) => part.split('=', 1)[0] ?? '')
  return cleanText(`${bare}?${names.map((name) => (/^[\w.[\]%-]{1,64}$/.test(name) ? `${name}=*` : '*')).join('&')}`)
}

/** The row of a call, without what must not be stored. */
export function toRow(entry: RequestEntry): RequestRow {
  return {
    id: growingId('log', entry.at),
    environment_id: entry.environmentId,
    request_id: cleanText(entry.requestId, 200),
    integrated_account_id: entry.integratedAccountId,
    token_id: entry.tokenId,
    method: cleanText(entry.method, 20),
    path: scrubPath(entry.path),
    status: entry.status,
    duration_ms: Math.round(entry.durationMs),
    upstream_requests: entry.upstreamRequests,
    error_code: entry.errorCode,
    at: entry.at,
  }
}
