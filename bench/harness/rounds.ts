import type { Bench, Figure, Measures, Pace } from './bench.ts'
import { type Estimate, estimate, median, pair } from './statistics.ts'

/** How a figure stands to its goal. */
export type Verdict = 'met' | 'missed' | 'due later'

/** A figure after all rounds. */
export interface Outcome extends Estimate {
  readonly bench: string
  readonly figure: Figure
  /** Medians of the sides. */
  readonly subject: number
  readonly floor: number
  readonly verdict: Verdict
  readonly note: string
}

/** How much is measured. */
export interface Effort extends Pace {
  readonly rounds: number
  readonly progress: (line: string) => void
}

/** Warming takes as long as this many rounds. */
const WARM_ROUNDS = 4

/** Runs the rounds of a bench, subject and floor in turn, and judges its figures. */
export async function measure(bench: Bench, effort: Effort): Promise<Outcome[]> {
  const { progress } = effort
  const rounds = Math.min(effort.rounds, bench.mostRounds ?? effort.rounds)
  progress(`${bench.name}: starting`)
  const rig = await bench.open()
  try {
    const warm = { roundMs: effort.roundMs * WARM_ROUNDS }
    if (bench.isWarmed) {
      await rig.subject(warm)
      await rig.floor(warm)
    }
    const [subject, floor]: [Measures[], Measures[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      subject.push(await rig.subject(effort))
      floor.push(await rig.floor(effort))
      progress(`${bench.name}: round ${round} of ${rounds}`)
    }
    const note = [rig.note, ...asides(bench.figures, subject, floor)].join(', ')
    return bench.figures.map((figure) => judge(bench.name, figure, subject, floor, note))
  } finally {
    await rig.close()
  }
}

/** What was measured besides the figures. */
function asides(figures: readonly Figure[], subject: readonly Measures[], floor: readonly Measures[]): string[] {
  const keys = Object.keys(subject[0] ?? {}).filter((key) => figures.every((figure) => figure.key !== key))
  const middle = (rounds: readonly Measures[], key: string): string =>
    `${median(rounds.map((measures) => measures[key] ?? 0)).toFixed(2)} ms`
  return keys.map((key) => `${key} ${middle(subject, key)} beside ${middle(floor, key)}`)
}

/** A figure of the rounds. A goal is missed only when the whole 95% interval misses it. Throws on a missing measure. */
export function judge(
  bench: string,
  figure: Figure,
  subject: readonly Measures[],
  floor: readonly Measures[],
  note = '',
): Outcome {
  const [above, below] = [subject, floor].map((rounds) => rounds.map((measures) => measured(measures, figure)))
  const found = estimate(pair(figure.kind, above ?? [], below ?? []))
  const isMissed = found.low > figure.most
  const verdict = !isMissed ? 'met' : figure.dueWith === undefined ? 'missed' : 'due later'
  return { bench, figure, ...found, subject: median(above ?? []), floor: median(below ?? []), verdict, note }
}

function measured(measures: Measures, { key }: Figure): number {
  const value = measures[key]
  if (value === undefined || !Number.isFinite(value)) throw new Error(`a round did not measure '${key}'`)
  return value
}
