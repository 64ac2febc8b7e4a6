import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import type { Gap, WindowState } from './list-state.ts'
import type { Found, Session } from './session.ts'

/** A record on its way through a list. */
export interface Entry {
  readonly found: Found
  /** The unified fields needed on the way: order, key and what filters compare; null when nothing is. */
  readonly draft: Json | null
}

/** What a stream answers when it may not read on in this call: the page ends here, with a cursor. */
export const STOP = Symbol('stop')

/** The next record, undefined at the end, or STOP. */
export type Peeked = Entry | undefined | typeof STOP

/** Places of the leaves and windows, to be put into a cursor. */
export interface Places {
  readonly leaves: Record<string, Gap>
  readonly windows: Record<string, WindowState>
}

/** Records in the direction of travel. `peek` may read, and only then is a promise; `take` removes what was peeked. */
export interface Stream {
  peek(): Peeked | Promise<Peeked>
  take(): void
  /** Whether records may follow what was taken, as far as that is known without reading. */
  mayHaveMore(): boolean
  /** Writes where the stream stood when this page began (with what was learned since), and where it stands now. */
  save(begin: Places, end: Places): void
}

/** Pages without a match that one call reads before it answers with what it has. */
const SCAN_PAGES = 10

/** What the streams of one list share: the session, how much is wanted, and what may still be read. */
export class ListRun {
  readonly session: Session
  /** Records still wanted for this page of ours. */
  wanted: number
  readonly #draft: ((found: readonly Found[]) => Promise<Json[]>) | undefined
  #pages = 0
  #misses = 0

  constructor(session: Session, wanted: number, draft: ((found: readonly Found[]) => Promise<Json[]>) | undefined) {
    this.session = session
    this.wanted = wanted
    this.#draft = draft
  }

  /** The fields needed on the way, for the records of a page. */
  async drafts(found: readonly Found[]): Promise<readonly (Json | null)[]> {
    return this.#draft === undefined ? found.map(() => null) : await this.#draft(found)
  }

  /** Whether another page may be read. Throws cost_exceeded when the call cannot read even its first. */
  mayRead(): boolean {
    if (this.#misses >= SCAN_PAGES) return false
    if (this.session.call.left > 0) {
      this.#pages += 1
      return true
    }
    if (this.#pages > 0) return false
    throw new EngineError('cost_exceeded', 'The call has no upstream request left for the list itself')
  }

  /** Counts a page or window that held no match. */
  miss(): void {
    this.#misses += 1
  }
}
