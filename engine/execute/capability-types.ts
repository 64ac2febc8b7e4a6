import type { FilterOp } from '../definition/catalog.ts'

/** How a filter is answered. */
export type FilterMode = 'native' | 'search' | 'lookup' | 'scan' | 'synced'

/** What an integration can do, by unified resource. */
export interface Capabilities {
  readonly integration: string
  readonly models: Readonly<Record<string, Readonly<Record<string, ResourceCapabilities>>>>
}

/** What one unified resource can do. */
export interface ResourceCapabilities {
  readonly methods: readonly string[]
  readonly filters: Readonly<
    Record<
      string,
      { readonly ops: readonly FilterOp[]; readonly mode: FilterMode; readonly values?: readonly string[] | undefined }
    >
  >
  readonly sort: readonly string[]
  readonly expand: readonly string[]
  /** keyset, or best_effort where records can be lost or repeated while others are added. */
  readonly stability: 'keyset' | 'best_effort'
  readonly canGoBack: boolean
  readonly fields: Readonly<
    Record<
      string,
      { readonly readable: boolean; readonly writable: readonly string[]; readonly reason?: string | undefined }
    >
  >
}
