const RESAMPLES = 4000

/** Value at a share (0 to 1) of the sorted values, nearest rank. Throws RangeError on none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('there is no percentile of no values')
  return value
}

/** The middle value; of an even number of values the mean of the two in the middle. Throws RangeError on none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new RangeError('there is no median of no values')
  return (low + high) / 2
}

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A median and where it lies with 95% confidence. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * The median of paired rounds, with its 95% interval by bootstrap: the rounds are drawn again with replacement, whole
 * pairs at a time, since each round's value is made of one pair already.
 */
export function estimate(rounds: readonly number[], random: () => number = seeded(1)): Estimate {
  const draw = (): number => rounds[Math.floor(random() * rounds.length)] ?? Number.NaN
  const medians = Array.from({ length: RESAMPLES }, () => median(rounds.map(draw)))
  return { value: median(rounds), low: percentile(medians, 0.025), high: percentile(medians, 0.975) }
}

/** How a figure is made of a round: subject over floor, subject minus floor, or the subject alone. */
export type Kind = 'ratio' | 'difference' | 'value'

/** The values of the rounds of one figure. Throws RangeError when the sides have not the same number of rounds. */
export function pair(kind: Kind, subject: readonly number[], floor: readonly number[]): number[] {
  if (kind === 'value') return [...subject]
  if (subject.length !== floor.length) throw new RangeError('subject and floor have not the same rounds')
  return subject.map((value, round) => {
    const base = floor[round] ?? Number.NaN
    return kind === 'ratio' ? value / base : value - base
  })
}
