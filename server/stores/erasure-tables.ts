/** Row types of what remembers that somebody was erased. */
export interface ErasureTables {
  erasures: ErasureRow
  erased_terms: ErasedTermRow
  erasure_salts: ErasureSaltRow
}

interface ErasureRow {
  environment_id: string
  id: string
  /** waiting, done or lifted. */
  status: string
  is_dry_run: number
  tenant_id: string | null
  integrated_account_id: string | null
  /** JSON: rows by table. */
  counts: string
  /** Records and events that were left out since, because they are about the person. */
  held_off: number
  created_at: number
  ended_at: number | null
}

/** What the person is recognised by, hashed. */
interface ErasedTermRow {
  environment_id: string
  erasure_id: string
  hash: string
}

interface ErasureSaltRow {
  environment_id: string
  salt: string
}
