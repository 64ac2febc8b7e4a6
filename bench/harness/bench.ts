import type { Kind } from './statistics.ts'

/** One figure of a bench and its goal. */
export interface Figure {
  /** Key in the measures of a round. */
  readonly key: string
  readonly name: string
  readonly kind: Kind
  /** Of what the sides measure; the figure itself has it too unless it is a ratio. */
  readonly unit: 'ms' | 'KB' | 'MB'
  /** The goal: at most this. */
  readonly most: number
  /** What has to be built before the goal is due; until then missing it does not fail the run. */
  readonly dueWith?: string | undefined
}

/** What one side measured in a round, by the figure's key. Of other keys the medians, in ms, stand in the note. */
export type Measures = Readonly<Record<string, number>>

/** How long a round of one side lasts. */
export interface Pace {
  /** Milliseconds of repeated calls, at least one call. */
  readonly roundMs: number
}

/** A bench with its processes running. */
export interface Rig {
  subject(pace: Pace): Promise<Measures>
  floor(pace: Pace): Promise<Measures>
  /** What is worth knowing beside the figures, in a few words. */
  readonly note: string
  close(): Promise<void>
}

/** Something measured beside its floor. */
export interface Bench {
  readonly name: string
  /** Whether a first, unmeasured round lets the JIT settle; not where the start itself is measured. */
  readonly isWarmed: boolean
  readonly figures: readonly Figure[]
  /** At most so many rounds, whatever is asked for: one lasts long. */
  readonly mostRounds?: number | undefined
  /** Why it cannot be run here; its line says so, and nothing is missed. */
  readonly skipped?: string | undefined
  open(): Promise<Rig>
}
