import { EngineError } from '../../engine/index.ts'
import type { Appointment } from './agenda.ts'
import type { Machine } from './machine.ts'
import { Refusal } from './refusal.ts'
import { ownRun } from './runs.ts'
import { runSteps } from './steps.ts'
import type { WorldTime } from './time.ts'

/** What a move of the clock did. */
export interface Played {
  /** How many rules acted. */
  readonly count: number
  /** False when there was more to do than one move may; another move goes on from there. */
  readonly isDone: boolean
}

/** Most rules that act in one move of the clock. */
const MOST = 20_000

/** Brings the world to its present: what is due acts in the order of time, one thing after the other. */
export class Timeline {
  readonly #machine: Machine
  readonly #time: WorldTime
  readonly #most: number
  #playing: Promise<unknown> | undefined
  /** Nothing acts before it: the past is settled. */
  #settledS = Number.NEGATIVE_INFINITY

  /** `most` is how many rules act in one move at most. Default 20,000. */
  constructor(machine: Machine, time: WorldTime, most = MOST) {
    this.#machine = machine
    this.#time = time
    this.#most = most
  }

  /** Whether something is due that did not act yet, or is just acting. When false, work until the next await sees the present. */
  isBehind(): boolean {
    if (this.#playing !== undefined) return true
    const next = this.#machine.agenda.next()
    return next !== undefined && next.atS <= this.#time.present()
  }

  /** Lets everything act that is due by now. Throws what a faulty rule throws; that one is set aside. */
  async catchUp(): Promise<void> {
    if (this.#playing !== undefined) return void (await this.#playing.catch(() => undefined))
    await this.#alone(() => this.#play(this.#time.present(), Number.POSITIVE_INFINITY))
  }

  /** Moves the clock on and plays what comes to be due on the way. The instant must not be before the present. */
  async moveTo(seconds: number): Promise<Played> {
    while (this.#playing !== undefined) await this.#playing.catch(() => undefined)
    return this.#alone(async () => {
      let reachedS = this.#time.present()
      this.#time.headFor(seconds)
      try {
        const played = await this.#play(seconds, this.#most, (atS) => {
          reachedS = Math.max(reachedS, atS)
        })
        if (played.isDone) reachedS = seconds
        return played
      } finally {
        this.#time.arrive(reachedS)
      }
    })
  }

  /** When the next thing is due, in seconds. */
  nextS(): number | undefined {
    return this.#machine.agenda.next()?.atS
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const playing = work().finally(() => {
      this.#playing = undefined
    })
    this.#playing = playing
    return playing
  }

  async #play(untilS: number, most: number, tell: (atS: number) => void = () => undefined): Promise<Played> {
    try {
      for (let count = 0; ; count++) {
        const next = this.#machine.agenda.next()
        if (next === undefined || next.atS > untilS) {
          this.#settledS = untilS
          return { count, isDone: true }
        }
        if (count === most) return { count, isDone: false }
        const atS = Math.max(next.atS, this.#settledS)
        this.#settledS = atS
        this.#time.standAt(atS)
        tell(atS)
        this.#act(next, atS)
        await new Promise(setImmediate)
      }
    } finally {
      this.#time.standAt(undefined)
    }
  }

  #act(appointment: Appointment, now: number): void {
    const { rule, id } = appointment
    this.#machine.agenda.take(appointment)
    const machine = this.#machine
    const run = ownRun(now, { resource: rule.in, id, path: { id } })
    const stays = (failure: unknown): boolean => failure instanceof Refusal && failure.keep
    try {
      machine.store.transact(() => runSteps(rule.do, machine, run), stays)
    } catch (failure) {
      if (stays(failure)) return
      const why = failure instanceof Error ? failure.message : String(failure)
      throw new EngineError('definition_invalid', `What is due for ${rule.in} ${id} failed: ${why}`, { cause: failure })
    }
  }
}
