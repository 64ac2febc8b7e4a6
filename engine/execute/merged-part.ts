import { EngineError } from '../errors.ts'
import type { Account } from './contract.ts'
import { keyOf, type OpenList } from './list-page.ts'
import type { Session } from './session.ts'
import { type Entry, type Peeked, type Places, STOP, type Stream } from './stream.ts'

/** One account of a merged list. */
export interface Part {
  readonly account: Account
  readonly session: Session
  /** Its list; undefined at its end, and where it failed before. */
  list?: OpenList
  /** Its records, one by one. */
  stream?: PartStream
  error?: EngineError
  readonly taken: Entry[]
}

const WHOLE_CALL: ReadonlySet<string> = new Set(['cost_exceeded', 'canceled', 'internal'])

/** What an account may fail with while others answer. Anything else is about the call, or a fault here: thrown on. */
export function failureOf(thrown: unknown): EngineError {
  if (thrown instanceof EngineError && !WHOLE_CALL.has(thrown.code)) return thrown
  throw thrown
}

/** The stream of one account: without duplicates, at its end where the account fails. */
export class PartStream implements Stream {
  readonly part: Part
  /** The entry that was taken last. */
  last: Entry | undefined
  readonly #list: OpenList
  readonly #seen: Set<string>
  #head: Entry | undefined

  constructor(part: Part, list: OpenList) {
    this.part = part
    this.#list = list
    this.#seen = new Set(list.state.seen)
  }

  peek(): Peeked | Promise<Peeked> {
    if (this.#head !== undefined) return this.#head
    if (this.part.error !== undefined) return undefined
    try {
      const peeked = this.#list.stream.peek()
      return peeked instanceof Promise
        ? peeked.then(
            (head) => this.#keep(head),
            (thrown) => this.#fail(thrown),
          )
        : this.#keep(peeked)
    } catch (thrown) {
      return this.#fail(thrown)
    }
  }

  #keep(head: Peeked): Peeked | Promise<Peeked> {
    if (head === undefined || head === STOP) return head
    const key = this.#list.isMerged ? keyOf(head, this.#list.key) : undefined
    if (key !== undefined && this.#seen.has(key)) {
      this.#list.stream.take()
      return this.peek()
    }
    if (key !== undefined) this.#seen.add(key)
    this.#head = head
    return head
  }

  #fail(thrown: unknown): undefined {
    this.part.error = failureOf(thrown)
  }

  take(): void {
    if (this.#head === undefined) return
    this.#list.stream.take()
    this.last = this.#head
    this.part.taken.push(this.#head)
    this.#head = undefined
  }

  mayHaveMore(): boolean {
    return this.#list.stream.mayHaveMore()
  }

  save(begin: Places, end: Places): void {
    this.#list.stream.save(begin, end)
  }
}
