import { type CancelSignal, type Clock, EngineError, type Log } from '../../engine/index.ts'
import { type EventPage, eventOut, type StoredEvent, type Stores } from '../stores/index.ts'
import { EventWatch } from './event-watch.ts'
import { asEngineError, toProblem } from './problem.ts'

const HEARTBEAT_MS = 15_000
/** A reader that takes nothing for so long is cut off; it goes on where it was when it comes back. */
const STALL_MS = 60_000
const MOST_OF_A_TOKEN = 10
const MOST = 1_000

/** What is streamed, to whom. */
export interface EventSubject {
  readonly tokenId: string
  readonly requestId: string
  readonly environmentId: string
  /** Place after which it begins. */
  readonly after: string
  /** Reads on from a place. Throws when the reader may not do so any more. */
  readonly read: (after: string) => Promise<EventPage>
}

interface Needed {
  readonly stores: Stores
  readonly clock: Clock
  readonly log: Log
}

/** The open streams of events of this process. */
export class EventStreams {
  readonly #needed: Needed
  readonly #watch: EventWatch
  readonly #open = new Map<string, number>()
  readonly #closing = new AbortController()
  #count = 0

  constructor(needed: Needed) {
    this.#needed = needed
    this.#watch = new EventWatch(needed)
  }

  /** How many are open. */
  get count(): number {
    return this.#count
  }

  /** Ends them all; readers go on where they were with another process. */
  close(): void {
    this.#closing.abort()
  }

  /**
   * A stream of what happens (server-sent events), read from the store as fast as it is taken. Throws token_rate_limited
   * beyond 10 of one token, overloaded beyond 1,000 or while the server stops, and what the first reading throws.
   */
  async open(subject: EventSubject): Promise<ReadableStream<Uint8Array>> {
    this.#admit(subject.tokenId)
    const ending = new AbortController()
    const end = (): void => {
      if (ending.signal.aborted) return
      ending.abort()
      this.#closing.signal.removeEventListener('abort', end)
      this.#leave(subject.tokenId)
    }
    this.#closing.signal.addEventListener('abort', end)
    try {
      const first = await subject.read(subject.after)
      return this.#streamOf(this.#frames(subject, first, ending.signal), end)
    } catch (thrown) {
      end()
      throw thrown
    }
  }

  #admit(tokenId: string): void {
    const own = this.#open.get(tokenId) ?? 0
    if (own >= MOST_OF_A_TOKEN) {
      throw new EngineError('token_rate_limited', `A token has at most ${MOST_OF_A_TOKEN} streams open`, {
        hint: 'Close one, or read pages of GET /event.',
      })
    }
    if (this.#count >= MOST || this.#closing.signal.aborted) {
      throw new EngineError('overloaded', 'No more streams are opened here')
    }
    this.#open.set(tokenId, own + 1)
    this.#count += 1
  }

  #leave(tokenId: string): void {
    const own = (this.#open.get(tokenId) ?? 1) - 1
    if (own === 0) this.#open.delete(tokenId)
    else this.#open.set(tokenId, own)
    this.#count -= 1
  }

  /** One chunk at a time, made when the one before was taken. */
  #streamOf(frames: AsyncGenerator<string>, end: () => void): ReadableStream<Uint8Array> {
    const { clock } = this.#needed
    let taken = new AbortController()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          taken.abort()
          const { value, done } = await frames.next()
          if (done === true) {
            end()
            return controller.close()
          }
          controller.enqueue(Buffer.from(value))
          taken = new AbortController()
          const cut = (): void => {
            end()
            controller.error(new EngineError('canceled', 'The reader takes nothing'))
          }
          clock.sleep(STALL_MS, taken.signal).then(cut, () => undefined)
        },
        cancel() {
          taken.abort()
          end()
        },
      },
      { highWaterMark: 0 },
    )
  }

  async *#frames(subject: EventSubject, first: EventPage, signal: AbortSignal): AsyncGenerator<string> {
    const { clock } = this.#needed
    // A reader that is cut off before anything happened has a place to come back to.
    yield `retry: 2000\n${placeFrame(subject.after)}`
    let spokenAt = clock.now()
    try {
      for (let page = first; !signal.aborted; page = await subject.read(page.next)) {
        if (page.result.length > 0) {
          yield page.result.map(frameOf).join('')
          spokenAt = clock.now()
        }
        if (page.hasMore || (await this.#news(subject.environmentId, page.next, spokenAt, signal))) continue
        yield `:\n${placeFrame(page.next)}`
        spokenAt = clock.now()
      }
    } catch (thrown) {
      if (signal.aborted) return
      yield `event: problem\ndata: ${JSON.stringify(toProblem(asEngineError(thrown), subject.requestId))}\n\n`
    }
  }

  /** Waits for events behind a place; false when nothing was said for so long that it is time to. */
  async #news(environmentId: string, place: string, spokenAt: number, signal: CancelSignal): Promise<boolean> {
    const { clock } = this.#needed
    const waiting = new AbortController()
    const leave = (): void => waiting.abort()
    signal.addEventListener('abort', leave)
    const beat = clock.sleep(Math.max(0, spokenAt + HEARTBEAT_MS - clock.now()), waiting.signal).then(
      () => false,
      () => true,
    )
    const isNews = await Promise.race([this.#watch.behind(environmentId, place, waiting.signal).then(() => true), beat])
    signal.removeEventListener('abort', leave)
    waiting.abort()
    return isNews
  }
}

const frameOf = (event: StoredEvent): string => `id: ${event.id}\ndata: ${JSON.stringify(eventOut(event))}\n\n`

/** No event for the reader, but the place that it names when it comes back. */
const placeFrame = (place: string): string => `id: ${place}\n\n`
