import { type Clock, EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import type { MasterKeys } from './master-keys.ts'
import { countOn, rewrapOne, SEALED_COLUMNS } from './sealed-columns.ts'
import type { Vault } from './vault.ts'

/** How a rotation is done. */
export interface RotationOptions {
  readonly clock: Clock
  /** Told after every few rows: how many are on the new key, of all that were to be moved. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** How long to wait for servers that lack the new key, or go on with the old one. Default 60,000. */
  readonly patienceMs?: number | undefined
}

/** How a rotation ended: with no row on any other key than `keyId`. */
export interface RotationReport {
  readonly keyId: string
  /** Rows that were wrapped anew. */
  readonly rows: number
  /** Keys that nothing needs any more. */
  readonly retired: readonly string[]
}

const PATIENCE_MS = 60_000
const AGAIN_MS = 250
/** Work and rest take turns, so that a server beside it is not kept waiting. */
const WORK_MS = 20

/**
 * Moves everything to the first master key, while servers serve: waits until all of them have it, makes it the one that
 * encrypts, wraps every row anew, and forgets the other keys once no row is on them. Broken off, it goes on where it was.
 * Throws `key_missing` (a server lacks the key) or `conflict` (one goes on with an old key), both past the patience.
 */
export async function rotate(
  { database, vault, keys }: { readonly database: Database; readonly vault: Vault; readonly keys: MasterKeys },
  options: RotationOptions,
): Promise<RotationReport> {
  const { keyId, others } = await begin(vault, keys, options)
  const counts = await Promise.all(
    others.flatMap((id) => SEALED_COLUMNS.map((column) => countOn(database, column, id))),
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  const progress = { done: 0, tell: () => options.onProgress?.(progress.done, Math.max(total, progress.done)) }
  for (const id of others) {
    await retire(id, keys, options, () => moveAll(database, vault, id, progress, options.clock))
  }
  progress.tell()
  return { keyId, rows: progress.done, retired: others }
}

async function begin(vault: Vault, keys: MasterKeys, options: RotationOptions) {
  vault.ring.reload()
  const keyId = vault.ring.firstId
  await untilHeld(keyId, keys, options)
  await keys.activate(keyId)
  await keys.refresh()
  return { keyId, others: (await keys.ids()).filter((id) => id !== keyId) }
}

async function untilHeld(
  keyId: string,
  keys: MasterKeys,
  { clock, patienceMs = PATIENCE_MS }: RotationOptions,
): Promise<void> {
  const until = clock.now() + patienceMs
  for (;;) {
    const without = (await keys.holders(clock.now())).filter(({ keyIds }) => !keyIds.includes(keyId))
    if (without.length === 0) return
    if (clock.now() >= until) {
      const names = without.map(({ name }) => name).join(', ')
      throw new EngineError('key_missing', `The new master key ${keyId} is not known to the server ${names}`, {
        where: 'ONEFOLD_MASTER_KEY',
        hint: 'Restart every server with the new key in front of the old one, then run this again.',
      })
    }
    await clock.sleep(AGAIN_MS)
  }
}

/** Servers look once a second which key to encrypt with: until all did, rows may still come. */
async function retire(
  id: string,
  keys: MasterKeys,
  { clock, patienceMs = PATIENCE_MS }: RotationOptions,
  moveAll: () => Promise<void>,
): Promise<void> {
  const until = clock.now() + patienceMs
  for (;;) {
    await moveAll()
    if (await keys.forget(id)) return
    if (clock.now() >= until) {
      throw new EngineError('conflict', `Rows are still written with the old master key ${id}`, {
        hint: 'Is an older version of the server running? Nothing is lost: stop it, and run this again.',
      })
    }
    await clock.sleep(AGAIN_MS)
  }
}

interface Progress {
  done: number
  readonly tell: () => void
}

async function moveAll(database: Database, vault: Vault, id: string, progress: Progress, clock: Clock): Promise<void> {
  for (const column of SEALED_COLUMNS) {
    for (let began = clock.now(); await rewrapOne(database, vault, column, id); progress.done += 1) {
      if (clock.now() - began < WORK_MS) continue
      progress.tell()
      await clock.sleep(WORK_MS)
      began = clock.now()
    }
  }
}
