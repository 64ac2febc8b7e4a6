import type { Outcome } from './rounds.ts'

function round(value: number): string {
  const size = Math.abs(value)
  if (size > 0 && size < 0.1) return value.toFixed(4)
  return value.toFixed(size < 10 ? 2 : 1)
}

/** One line: `name: ratio (goal)`, then the interval, both sides and the verdict. */
export function toLine({ figure, value, low, high, subject, floor, verdict, note }: Outcome): string {
  const { kind, name, most, unit, dueWith } = figure
  const sign = kind === 'ratio' ? 'x' : ` ${unit}`
  const told = [
    `95% ${round(low)} to ${round(high)}`,
    `${round(subject)} ${unit} beside ${round(floor)} ${unit}`,
    ...(note === '' ? [] : [note]),
    verdict === 'due later' ? `due later, with ${dueWith}` : verdict,
  ]
  return `${name}: ${round(value)}${sign} (<= ${most}${sign}) | ${told.join(' | ')}`
}

/** The same as data, snake_case. */
export function toJson(outcomes: readonly Outcome[], rounds: number): string {
  const figures = outcomes.map(({ bench, figure, value, low, high, subject, floor, verdict, note }) => ({
    bench,
    name: figure.name,
    kind: figure.kind,
    value,
    goal: figure.most,
    interval_95: [low, high],
    subject,
    floor,
    unit: figure.unit,
    verdict,
    ...(figure.dueWith === undefined ? {} : { due_with: figure.dueWith }),
    note,
  }))
  return JSON.stringify({ node: process.version, rounds, figures }, null, 2)
}

/** The exit code: 1 where a goal that is due was missed. */
export const exitCode = (outcomes: readonly Outcome[]): number =>
  outcomes.some(({ verdict }) => verdict === 'missed') ? 1 : 0
