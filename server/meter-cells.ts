import type { Metric } from 'prom-client'

type Labels = Readonly<Record<string, string>>

/** What was counted under one set of labels. */
export interface Count {
  value: number
}

/** Durations under one set of labels: how many were at most each bound of SECONDS, without those below the one before. */
export interface Spread {
  readonly within: number[]
  sum: number
  count: number
}

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** How samples are made of a cell; `name` is that of the metric. */
interface Kind<T> {
  readonly type: 'counter' | 'histogram'
  readonly make: () => T
  readonly read: (cell: T, labels: Labels, name: string) => readonly Sample[]
}

/**
 * The values of one metric by its labels. Counting is an addition; what the exposition wants is made when it is asked for.
 * It keeps the label names it had at its first use; labels it does not know are counted under the empty value.
 */
export class Cells<T> {
  readonly name: string
  readonly #kind: Kind<T>
  readonly #labelNames: readonly string[]
  readonly #cells = new Map<string, { readonly labels: Labels; readonly cell: T }>()

  constructor(name: string, labels: Labels, kind: Kind<T>) {
    this.name = name
    this.#kind = kind
    this.#labelNames = Object.keys(labels)
  }

  at(labels: Labels): T {
    let key = ''
    for (const name of this.#labelNames) key += `${labels[name] ?? ''}\n`
    const known = this.#cells.get(key)
    if (known !== undefined) return known.cell
    const cell = this.#kind.make()
    const kept = Object.fromEntries(this.#labelNames.map((name) => [name, labels[name] ?? '']))
    this.#cells.set(key, { labels: kept, cell })
    return cell
  }

  /** As the registry wants it: it asks for the values alone. */
  metric(name: string): Metric {
    const { type, read } = this.#kind
    const help = this.name.replaceAll(/[_.]/g, ' ')
    const values = () => [...this.#cells.values()].flatMap(({ labels, cell }) => read(cell, labels, name))
    return { name, get: async () => ({ name, help, type, aggregator: 'sum', values: values() }) } as unknown as Metric
  }
}

/** The cells of a counter. */
export const countsOf = (name: string, labels: Labels): Cells<Count> =>
  new Cells(name, labels, {
    type: 'counter',
    make: () => ({ value: 0 }),
    read: ({ value }, own) => [{ labels: own, value }],
  })

/** The cells of a histogram of durations. */
export const durationsOf = (name: string, labels: Labels): Cells<Spread> =>
  new Cells<Spread>(name, labels, {
    type: 'histogram',
    make: () => ({ within: SECONDS.map(() => 0), sum: 0, count: 0 }),
    read: samplesOf,
  })

/** Notes a duration. */
export function spread(cell: Spread, seconds: number): void {
  const at = SECONDS.findIndex((bound) => seconds <= bound)
  if (at >= 0) cell.within[at] = (cell.within[at] ?? 0) + 1
  cell.sum += seconds
  cell.count += 1
}

function samplesOf({ within, sum, count }: Spread, labels: Labels, name: string): readonly Sample[] {
  const samples: Sample[] = []
  let below = 0
  for (const [at, bound] of SECONDS.entries()) {
    below += within[at] ?? 0
    samples.push({ metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: below })
  }
  samples.push({ metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count })
  samples.push({ metricName: `${name}_sum`, labels, value: sum })
  samples.push({ metricName: `${name}_count`, labels, value: count })
  return samples
}
