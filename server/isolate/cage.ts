import { Worker } from 'node:worker_threads'
import type { Clock } from '../../engine/index.ts'
import { BEGUN } from './wire.ts'

/** What a cage may use, in megabytes. */
export interface CageLimits {
  readonly heapMb: number
  readonly stackMb: number
}

/** How a batch ended: with an answer, or stopped at a cell (-1 before the first). */
export type Ended =
  | { readonly answer: unknown }
  | { readonly stopped: 'time' | 'memory' | 'crash' | 'closed'; readonly at: number }

const YOUNG_MB = 16
const CODE_MB = 16

const ignore = (): void => undefined

/** One worker thread without environment, arguments or streams of this process. Runs one batch at a time. */
export class Cage {
  /** Batches begun here. */
  batches = 0
  readonly #worker: Worker
  readonly #progress: Int32Array
  #stop: (ended: Ended) => void = ignore
  #begin: () => void = ignore
  #error: unknown
  /** Whether it takes no more batches. */
  isClosed = false

  private constructor(worker: Worker, progress: Int32Array) {
    this.#worker = worker
    this.#progress = progress
    const stopped = (why: 'memory' | 'crash' | 'closed') => this.#stop({ stopped: why, at: this.#at() })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error
      stopped(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash')
    })
    worker.on('messageerror', () => stopped('crash'))
    worker.on('exit', () => stopped(this.isClosed ? 'closed' : 'crash'))
    worker.on('message', (answer: unknown) => (answer === BEGUN ? this.#begin() : this.#stop({ answer })))
  }

  /** Starts a worker of the compiled file at `entry`; resolves when it takes batches. Rejects with what stopped it. */
  static async open(entry: URL, { heapMb, stackMb }: CageLimits): Promise<Cage> {
    const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    const worker = new Worker(entry, {
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      workerData: shared,
      name: 'expressions',
      resourceLimits: {
        maxOldGenerationSizeMb: heapMb,
        maxYoungGenerationSizeMb: YOUNG_MB,
        codeRangeSizeMb: CODE_MB,
        stackSizeMb: stackMb,
      },
    })
    worker.stdout.resume()
    worker.stderr.resume()
    const cage = new Cage(worker, new Int32Array(shared))
    const ended = await cage.#next()
    if ('answer' in ended) {
      worker.unref()
      return cage
    }
    await worker.terminate()
    throw new Error('The thread for expressions of tenants does not start', { cause: cage.#error })
  }

  /** Runs a batch; its time counts from its first cell. A cage whose batch was stopped is to be closed: it takes no more. */
  async run(text: string, clock: Clock, limitMs: number): Promise<Ended> {
    this.batches++
    Atomics.store(this.#progress, 0, -1)
    this.#worker.ref()
    const over = new AbortController()
    const done = this.#next()
    clock.sleep(limitMs, over.signal).then(() => this.#stop({ stopped: 'time', at: this.#at() }), ignore)
    this.#worker.postMessage(text)
    const ended = await done
    this.#begin = ignore
    over.abort()
    this.#worker.unref()
    if (!('answer' in ended)) this.isClosed = true
    return ended
  }

  /** Ends the thread, whatever it does. A batch under way ends as `closed`. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.#worker.terminate()
  }

  #at(): number {
    return Atomics.load(this.#progress, 0)
  }

  #next(): Promise<Ended> {
    return new Promise((resolve) => {
      this.#stop = resolve
    })
  }
}
