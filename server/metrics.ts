import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { evaluationCounts, type Meter } from '../engine/index.ts'

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
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/**
 * The meter of this process. A metric is made at its first use and keeps the label names it had then; labels it does not
 * know are counted under the empty value.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  countExpressions(registry)
  const counters = new Map<string, Known<Counter<string>>>()
  const histograms = new Map<string, Known<Histogram<string>>>()
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    gauge: (name, help, labelNames, read) =>
      gaugeOf(registry, { name: PREFIX + name, help, labelNames: [...labelNames] }, read),
    count(name, labels = {}, value = 1) {
      const known = obtain(counters, name, labels, (options) => new Counter({ ...options, registers: [registry] }))
      known.metric.inc(fitting(known, labels), value)
    },
    observe(name, ms, labels = {}) {
      const make = (options: Options) => new Histogram({ ...options, buckets: SECONDS, registers: [registry] })
      const known = obtain(histograms, name, labels, make)
      known.metric.observe(fitting(known, labels), ms / 1000)
    },
  }
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

interface Known<T> {
  readonly metric: T
  readonly labelNames: readonly string[]
}

function obtain<T>(
  known: Map<string, Known<T>>,
  name: string,
  labels: Readonly<Record<string, string>>,
  make: (options: Options) => T,
): Known<T> {
  const found = known.get(name)
  if (found !== undefined) return found
  const labelNames = Object.keys(labels)
  const help = name.replaceAll(/[_.]/g, ' ')
  const made = { metric: make({ name: PREFIX + name.replaceAll('.', '_'), help, labelNames }), labelNames }
  known.set(name, made)
  return made
}

function fitting(known: Known<unknown>, labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(known.labelNames.map((name) => [name, labels[name] ?? '']))
}
