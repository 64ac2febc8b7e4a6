import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { evaluationCounts, type Meter } from '../engine/index.ts'
import { type Cells, type Count, countsOf, durationsOf, type Spread, spread } from './meter-cells.ts'

/** Counters and durations in the text format of Prometheus. */
export interface Metrics extends Meter {
  readonly contentType: string
  render(): Promise<string>
  /** A figure that is read when the metrics are; one that cannot be read is left out. */
  gauge(name: string, help: string, labelNames: readonly string[], read: () => Promise<readonly Reading[]>): void
}

/** A value of a gauge. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const PREFIX = 'onefold_'

/**
 * The meter of this process. A metric is made at its first use and keeps the label names it had then; labels it does not
 * know are counted under the empty value.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  countExpressions(registry)
  const counts = new Map<string, Cells<Count>>()
  const durations = new Map<string, Cells<Spread>>()
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    gauge: (name, help, labelNames, read) =>
      gaugeOf(registry, { name: PREFIX + name, help, labelNames: [...labelNames] }, read),
    count(name, labels = {}, value = 1) {
      const cells = counts.get(name) ?? remember(counts, registry, countsOf(name, labels))
      cells.at(labels).value += value
    },
    observe(name, ms, labels = {}) {
      const cells = durations.get(name) ?? remember(durations, registry, durationsOf(name, labels))
      spread(cells.at(labels), ms / 1000)
    },
  }
}

function remember<T>(known: Map<string, Cells<T>>, registry: Registry, made: Cells<T>): Cells<T> {
  known.set(made.name, made)
  registry.registerMetric(made.metric(PREFIX + made.name.replaceAll('.', '_')))
  return made
}

/** Counters of what the engine has evaluated in this process; the engine counts, and is asked when the metrics are read. */
function countExpressions(registry: Registry): void {
  counterOf(registry, 'expression_evaluations_total', 'expressions evaluated, by who did it', () => {
    const { path, compiled, interpreted } = evaluationCounts()
    return { path, compiled, interpreter: interpreted }
  })
  counterOf(registry, 'expression_fallbacks_total', 'evaluations that compiled code left to the interpreter', () => ({
    interpreter: evaluationCounts().repeated,
  }))
  counterOf(registry, 'records_mapped_total', 'records mapped whole by compiled code', () => ({
    compiled: evaluationCounts().mapped,
  }))
}

function counterOf(registry: Registry, name: string, help: string, read: () => Readonly<Record<string, number>>): void {
  const counter = new Counter({
    name: PREFIX + name,
    help,
    labelNames: ['backend'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const [backend, count] of Object.entries(read())) counter.inc({ backend }, count)
    },
  })
}

function gaugeOf(registry: Registry, options: Options, read: () => Promise<readonly Reading[]>): void {
  const gauge = new Gauge({
    ...options,
    registers: [registry],
    async collect() {
      const readings = await read().catch(() => [])
      gauge.reset()
      for (const { labels, value } of readings) gauge.set(labels, value)
    },
  })
}

interface Options {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
}
