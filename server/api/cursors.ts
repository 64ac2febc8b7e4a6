import { createHash } from 'node:crypto'
import { type Clock, type CursorCodec, EngineError } from '../../engine/index.ts'
import type { Vault } from '../stores/index.ts'

const VERSION = 1
const LIFETIME_MS = 86_400_000
const PURPOSE = 'cursor'

interface Sealed {
  readonly v: number
  readonly at: number
  /** Hash of what the cursor is bound to. */
  readonly for: string
  readonly state: unknown
}

/**
 * Cursors as encrypted text: versioned, bound to a query and account, valid for 24 hours. A changed or invented one is
 * `invalid_cursor`, one of another binding `foreign_cursor`.
 */
export function createCursors(vault: Vault, clock: Pick<Clock, 'now'>): CursorCodec {
  return {
    seal: (state, binding) => {
      const sealed: Sealed = { v: VERSION, at: clock.now(), for: shortHash(binding), state }
      return vault.seal(JSON.stringify(sealed), PURPOSE)
    },
    open: (cursor, binding) => {
      const text = vault.open(cursor, PURPOSE)
      const sealed = text === null ? null : (JSON.parse(text) as Sealed)
      if (sealed === null || sealed.v !== VERSION) {
        throw refused('invalid_cursor', 'The cursor was not made here, or it was changed')
      }
      if (sealed.for !== shortHash(binding)) {
        throw refused('foreign_cursor', 'The cursor was made for another query or account')
      }
      if (clock.now() - sealed.at >= LIFETIME_MS) throw refused('expired_cursor', 'The cursor is older than 24 hours')
      return sealed.state
    },
  }
}

function refused(code: 'invalid_cursor' | 'foreign_cursor' | 'expired_cursor', message: string): EngineError {
  const hint = 'Repeat the call without a cursor, or with the parameters it was made with.'
  return new EngineError(code, message, { where: 'next_cursor', hint })
}

function shortHash(binding: string): string {
  return createHash('sha256').update(binding).digest('base64url').slice(0, 22)
}
