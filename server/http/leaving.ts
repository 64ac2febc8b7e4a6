import { type CancelListener, type CancelSignal, EngineError } from '../../engine/index.ts'

/** Tells that the client of one request left. Does what an AbortController does here at a small part of its cost. */
export class Leaving implements CancelSignal {
  #listeners: CancelListener[] = []
  #reason: EngineError | undefined

  get aborted(): boolean {
    return this.#reason !== undefined
  }

  get reason(): EngineError | undefined {
    return this.#reason
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners.splice(at, 1)
  }

  /** The client left: every listener is told, once. */
  leave(): void {
    if (this.#reason !== undefined) return
    this.#reason = new EngineError('canceled', 'The caller left')
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) {
      if (typeof listener === 'function') listener()
      else listener.handleEvent()
    }
  }
}
