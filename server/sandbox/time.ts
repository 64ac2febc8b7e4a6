import type { Clock } from '../../engine/index.ts'

/** The time of a simulated world in seconds: that of a clock, moved; it stands at an instant while that is played. */
export class WorldTime {
  readonly #clock: Clock
  #movedS = 0
  #standsAt: number | undefined
  #endS: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The present; while the past is played, the instant that is played. */
  now(): number {
    return this.#standsAt ?? this.present()
  }

  /** The present, also while something before it is played; while the clock is moved, where it will stand. */
  present(): number {
    return this.#endS ?? Math.floor(this.#clock.now() / 1000) + this.#movedS
  }

  /** The unmoved time of the clock in seconds, which others go by. */
  outside(): number {
    return Math.floor(this.#clock.now() / 1000)
  }

  /** Stands at an instant until it is let go with undefined. */
  standAt(seconds: number | undefined): void {
    this.#standsAt = seconds
  }

  /** Begins a move to an instant; undefined ends it, and time goes on from `reachedS`. */
  headFor(seconds: number): void {
    this.#endS = seconds
  }

  /** Ends a move: time goes on from this instant. */
  arrive(seconds: number): void {
    this.#endS = undefined
    this.#movedS = seconds - this.outside()
  }
}
