import type { Dispatcher } from 'undici'
import type { EngineError, WireRequest } from '../../engine/index.ts'
import { canceled, timedOut, wireFailure } from './failure.ts'

/**
 * One request under way: knows whether it may have reached the wire, ends it once, down to the socket, when its time is
 * up or its caller leaves. It is the HTTP client's raw handler: no copies, header bytes as received.
 */
export abstract class Exchange implements Dispatcher.DispatchHandler {
  protected readonly request: WireRequest
  protected readonly origin: string
  #abort: ((reason: Error) => void) | undefined
  #failure: EngineError | undefined
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(request: WireRequest, origin: string) {
    this.request = request
    this.origin = origin
    this.#timer = setTimeout(() => this.stop(timedOut(origin, request.timeoutMs, this.isSent)), request.timeoutMs)
    request.signal?.addEventListener('abort', this)
  }

  /** Whether bytes may have reached the provider. */
  get isSent(): boolean {
    return this.#abort !== undefined
  }

  protected get isOver(): boolean {
    return this.#isOver
  }

  /** Tells whoever waits. Called at most once. */
  protected abstract failed(error: EngineError): void

  abstract onHeaders(status: number, headers: Buffer[], resume: () => void): boolean
  abstract onData(chunk: Buffer): boolean
  abstract onComplete(): void

  /** The signal's listener. */
  handleEvent(): void {
    this.stop(canceled(this.origin, this.request.signal?.reason, this.isSent))
  }

  onConnect(abort: (reason?: Error) => void): void {
    if (this.#failure === undefined) this.#abort = abort
    else abort(this.#failure)
  }

  onError(cause: Error): void {
    if (this.#isOver) return
    this.finish()
    this.failed(wireFailure(cause, this.origin, this.isSent))
  }

  /** Ends the exchange with an error of ours; the socket is destroyed. */
  stop(error: EngineError): void {
    if (this.#isOver) return
    this.finish()
    this.#failure = error
    this.#abort?.(error)
    this.failed(error)
  }

  protected clearTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Ends the exchange: nothing is told to anybody any more. */
  protected finish(): void {
    this.#isOver = true
    this.clearTimer()
    this.request.signal?.removeEventListener('abort', this)
    this.request.onEnd?.()
  }
}
