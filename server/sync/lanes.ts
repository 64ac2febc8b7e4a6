import { EngineError } from '../../engine/index.ts'
import type { SyncFailure, SyncPartition } from '../stores/sync-types.ts'
import { readPage } from './page.ts'
import { recordsLeft, splitPoint } from './parts.ts'
import type { Reading, Target } from './target.ts'
import type { PageWriter } from './writer.ts'

/** Parts that are read at once. */
export const LANES = 24
const SECOND = 1_000
/** A cursor that does not count any more: too old, or of a definition that has changed. */
const LOST_CURSOR: ReadonlySet<string> = new Set(['expired_cursor', 'invalid_cursor', 'foreign_cursor'])

/** What lanes read, and with what. */
export interface LanesInput extends Reading {
  readonly writer: PageWriter
  readonly startedAt: number
  /** By set. */
  readonly targets: ReadonlyMap<number, Target>
  /** Instant (epoch ms) after which no further page is begun. */
  readonly until: number
}

/** A part with what this process knows of it. */
type Part = { -readonly [K in keyof SyncPartition]: SyncPartition[K] } & {
  readonly target: Target
  /** As in PartProgress. */
  top: number
  read: number
  isTaken: boolean
  isSplitting: boolean
}

/** Reads the parts of a run in lanes; a lane that finds no part left divides the one that has most left. */
export class Lanes {
  readonly #input: LanesInput
  readonly #parts: Part[]
  readonly #failed = new Map<number, SyncFailure>()
  #next: number
  #busy = 0
  #isOver = false
  #error: unknown = null
  #sleeping: (() => void)[] = []
  #pages = 0

  constructor(input: LanesInput, parts: readonly SyncPartition[]) {
    this.#input = input
    this.#parts = parts.flatMap((part) => {
      const target = input.targets.get(part.setId)
      return target === undefined ? [] : [partOf(part, target, input.startedAt)]
    })
    this.#next = Math.max(0, ...parts.map(({ n }) => n)) + 1
  }

  /** Lists that cannot be read whatever is tried, by set. */
  get failed(): ReadonlyMap<number, SyncFailure> {
    return this.#failed
  }

  /** Pages stored so far. */
  get pages(): number {
    return this.#pages
  }

  /** True when everything is read; false when it was to stop before. Throws what a later attempt may overcome. */
  async read(): Promise<boolean> {
    await Promise.all(Array.from({ length: this.#width() }, () => this.#lane()))
    if (this.#error !== null) throw this.#error
    return this.#parts.every((part) => part.isDone || this.#failed.has(part.setId))
  }

  /** No more lanes than requests that the accounts may make at once. */
  #width(): number {
    const { targets, services } = this.#input
    const limits = [...targets.values()].map(({ account }) => services.engine.budget(account)?.limit ?? LANES)
    return Math.max(1, Math.min(LANES, Math.max(0, ...limits)))
  }

  async #lane(): Promise<void> {
    while (!this.#isOver) {
      const part = this.#free() ?? (await this.#divide().catch((error: unknown) => this.#stop(error)))
      if (part !== undefined) await this.#take(part)
      else if (this.#busy === 0 || this.#isOver) return this.#wake()
      else await new Promise<void>((resolve) => this.#sleeping.push(resolve))
    }
  }

  async #take(part: Part): Promise<void> {
    part.isTaken = true
    this.#busy += 1
    try {
      while (!this.#isOver && !part.isDone && !this.#failed.has(part.setId)) await this.#step(part)
    } catch (error) {
      this.#stop(error)
    } finally {
      part.isTaken = false
      this.#busy -= 1
      this.#wake()
    }
  }

  #stop(error: unknown): undefined {
    this.#isOver = true
    this.#error ??= error
    return undefined
  }

  #wake(): void {
    for (const wake of this.#sleeping.splice(0)) wake()
  }

  #free(): Part | undefined {
    return this.#parts.find((part) => !(part.isTaken || part.isDone || this.#failed.has(part.setId)))
  }

  /** Reads and stores one page. */
  async #step(part: Part): Promise<void> {
    const { services, writer, signal, until } = this.#input
    if (signal.aborted || services.clock.now() >= until) {
      this.#isOver = true
      return
    }
    try {
      const page = await readPage(this.#input, part, part.target)
      const outcome = await writer.write(page)
      if (outcome === null) this.#isOver = true
      else this.#moveOn(part, page)
    } catch (error) {
      await this.#fail(part, error)
    }
    this.#wake()
  }

  #moveOn(part: Part, { rows, cursor, position, isDone }: Awaited<ReturnType<typeof readPage>>): void {
    const first = rows.find(({ createdAt }) => createdAt !== null)?.createdAt
    if (part.read === 0 && first != null) part.top = first
    part.read += rows.length
    Object.assign(part, { cursor, position, isDone })
    this.#pages += 1
  }

  /** A lost cursor begins the part anew; what the provider refuses for good ends its list; the rest ends the attempt. */
  async #fail(part: Part, error: unknown): Promise<void> {
    const { signal, services, runId } = this.#input
    if (signal.aborted) {
      this.#isOver = true
      return
    }
    if (!(error instanceof EngineError) || error.retryable || error.code === 'store_failed') throw error
    if (!LOST_CURSOR.has(error.code) || part.cursor === null) {
      this.#failed.set(part.setId, { code: error.code, message: error.message })
      return
    }
    const isWindow = part.target.plan.way === 'windows' && part.position !== null
    const upper = isWindow && part.position !== null ? part.position + SECOND : part.upper
    await services.stores.syncRuns.rewind(runId, part.n, { lower: part.lower, upper }, services.clock.now())
    Object.assign(part, { cursor: null, askedFrom: part.lower, upper })
  }

  /** Gives the older half of what a part has left to a new part; undefined when none is worth it. */
  async #divide(): Promise<Part | undefined> {
    const { runId, services, startedAt } = this.#input
    const part = this.#largest()
    const at = part === undefined ? null : splitPoint(part)
    if (part === undefined || at === null) return undefined
    const rest = { n: this.#next++, setId: part.setId, lower: part.lower, upper: at }
    part.isSplitting = true
    const isMade = await services.stores.syncRuns.split(runId, part.n, rest, services.clock.now())
    part.isSplitting = false
    if (!isMade) return undefined
    part.lower = at
    const made = partOf({ ...FRESH, ...rest, askedFrom: rest.lower }, part.target, startedAt)
    // It is of the lane that asked; those that sleep may divide what is left.
    made.isTaken = true
    this.#parts.push(made)
    this.#wake()
    return made
  }

  #largest(): Part | undefined {
    const open = this.#parts.filter(
      (part) => part.isTaken && !part.isSplitting && part.target.plan.way === 'windows' && splitPoint(part) !== null,
    )
    const left = (part: Part) => recordsLeft(part) ?? 0
    return open.reduce<Part | undefined>((most, part) => (most && left(most) >= left(part) ? most : part), undefined)
  }
}

const FRESH = { cursor: null, position: null, isDone: false, pages: 0, records: 0, added: 0, updated: 0 }

function partOf(part: SyncPartition, target: Target, startedAt: number): Part {
  return { ...part, target, top: part.upper ?? startedAt, read: 0, isTaken: false, isSplitting: false }
}
