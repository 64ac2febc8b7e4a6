import type { Variables } from '../expression/index.ts'
import type { SecretNames } from '../secret.ts'
import type { Json } from './paths.ts'

/** What all records of a call share. */
export interface MapContext {
  readonly provider: string
  readonly accountId: string
  readonly tenantId: string | null
  readonly livemode: boolean | null
  readonly apiVersion: string | null
  /** When the provider was asked (RFC 3339). */
  readonly observedAt: string
  /** What expressions see as `$account`. */
  readonly account: Json
  readonly remoteData: boolean
  /** Names of native fields that never leave, at any depth, and the cut that takes them out. */
  readonly secretNames: SecretNames
  readonly withoutSecrets: (native: unknown) => unknown
  readonly explain: boolean
  /** Throw EngineError definition_invalid at the first field that does not fit. Default false. */
  readonly strict?: boolean | undefined
}

/** One native record and where it comes from. */
export interface MapItem {
  readonly native: unknown
  /** Name of the list source, `$source`. */
  readonly source?: string | undefined
  readonly parent?: unknown
  readonly response?: unknown
  /** Records found by lookups, by name. */
  readonly lookup?: Json | undefined
  /** Lookups that were given up to save calls. */
  readonly unresolved?: ReadonlySet<string> | undefined
  /** How amounts are written by the operation that gave the record. */
  readonly moneyForm?: unknown
  /** Version the answer is in, when it is not the one of the context. */
  readonly apiVersion?: string | null | undefined
}

/** What the expressions of a mapping see beside the record. */
export function variablesOf(item: MapItem, context: MapContext): Variables {
  const { source = null, parent = null, response, lookup = {}, moneyForm: money_form } = item
  const { account } = context
  const api_version = versionOf(item, context)
  return response === undefined
    ? { source, parent, lookup, account, api_version, money_form }
    : { source, parent, lookup, account, api_version, money_form, response }
}

/** Version that a record is in. */
export const versionOf = (item: MapItem, context: MapContext): string | null =>
  item.apiVersion === undefined ? context.apiVersion : item.apiVersion
