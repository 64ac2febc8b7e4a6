import type { Figure } from './bench.ts'

/** A compiled mapping of a page of 100 beside the plain and the best hand-written one, and the jsonata package. */
export const mappingFigures = (what: string): readonly Figure[] => {
  const figure = (key: string, beside: string, most: number): Figure => ({
    key,
    name: `mapping of ${what}, beside ${beside}`,
    kind: 'ratio',
    unit: 'ms',
    most,
  })
  return [
    figure('plain', 'plain JavaScript', 1),
    figure('best', 'the best hand-written', 1.25),
    figure('jsonata', 'jsonata', 0.01),
  ]
}

/** A list of 100 without HTTP: engine, records checked against their schema. */
export const UNIFIED: Figure = {
  key: 'cpu',
  name: 'unified list of 100, engine',
  kind: 'ratio',
  unit: 'ms',
  most: 1.15,
}

/** The same through the server, with tokens, checks and logs. */
export const UNIFIED_SERVED: Figure = { ...UNIFIED, name: 'unified list of 100, server', most: 1.3 }

/** The same with the provider's own objects in the answer. */
export const UNIFIED_REMOTE: Figure = { ...UNIFIED, name: 'unified list of 100, server, remote_data', most: 1.6 }

/** The longest hold-up of the event loop by any page, garbage collection taken off. */
export const LOOP_DELAY: Figure = {
  key: 'p99',
  name: 'event-loop delay of a page of 100, p99',
  kind: 'value',
  unit: 'ms',
  most: 10,
}

/** The same where several fields of every record fail. */
export const LOOP_DELAY_SPOILED: Figure = {
  ...LOOP_DELAY,
  name: 'event-loop delay of a page of 100 with broken fields, p99',
}

/** The same of the first page of a process whose mappings were compiled ahead, beside one that compiles them in the call. */
export const LOOP_DELAY_FIRST: Figure = {
  ...LOOP_DELAY,
  name: 'event-loop delay of a first page, compiled ahead beside in the call',
  kind: 'ratio',
  most: 0.5,
}

/** CPU of the hop through the server. */
export const hopCpu = (what: string): Figure => ({
  key: 'cpu',
  name: `proxy hop, CPU, ${what}`,
  kind: 'ratio',
  unit: 'ms',
  most: 1.4,
})

/** What the hop adds to the middle latency. */
export const hopLatency = (what: string): Figure => ({
  key: 'p50',
  name: `proxy hop, p50, ${what}`,
  kind: 'difference',
  unit: 'ms',
  most: 0.3,
})

/** What the check of all definitions costs, cases aside. */
export const CHECK: Figure = {
  key: 'cpu',
  name: 'check of all definitions, beside parsing',
  kind: 'ratio',
  unit: 'ms',
  most: 4,
}

/** A first start with 20 providers. */
export const COLD_START: Figure = {
  key: 'ready',
  name: 'cold start with 20 providers',
  kind: 'ratio',
  unit: 'ms',
  most: 3,
}

/** A second start over the same data and definitions. */
export const WARM_START: Figure = {
  ...COLD_START,
  name: 'second start with 20 providers',
  most: 1.3,
}

/** A list or a call of tools through the server, beside the SDK's own low-level server with the same tools. */
export const mcp = (what: string): Figure => ({
  key: 'cpu',
  name: `MCP, ${what}`,
  kind: 'ratio',
  unit: 'ms',
  most: 1.3,
})

/** A call does more than the floor: token, budget, checks, audit and a line of the log. */
export const mcpCall = (what: string): Figure => ({
  ...mcp(what),
  dueWith: 'less of what every call of a provider costs besides MCP',
})

/** Wall time of a signed delivery until its event is told, beside a handler that verifies it and stores it. */
export const INBOUND_SQLITE: Figure = {
  key: 'time',
  name: 'inbound deliveries on SQLite, beside a bare handler',
  kind: 'ratio',
  unit: 'ms',
  most: 2,
}

/** The same on Postgres. */
export const INBOUND_POSTGRES: Figure = {
  ...INBOUND_SQLITE,
  name: 'inbound deliveries on Postgres, beside a bare handler',
}

/** The same beside a program that writes down what came. */
export const INBOUND_ENGINE: Figure = {
  ...INBOUND_SQLITE,
  name: 'inbound deliveries on Postgres, beside @supabase/stripe-sync-engine',
}

/** The same where both read the record of each event from the provider. */
export const INBOUND_ENGINE_READ: Figure = {
  ...INBOUND_SQLITE,
  name: 'inbound deliveries on Postgres, records read again, beside @supabase/stripe-sync-engine',
}

/** CPU of a record that a backfill brings into SQLite, beside fetch, parse, stringify and a batched upsert. */
export const SYNC_CPU: Figure = {
  key: 'cpu',
  name: 'backfill into SQLite, CPU of a record',
  kind: 'ratio',
  unit: 'ms',
  most: 1.3,
}

/** The same by itself: 10,000 records a second and core. */
export const SYNC_SPEED: Figure = {
  ...SYNC_CPU,
  key: 'speed',
  name: 'backfill into SQLite, CPU of a record by itself',
  kind: 'value',
  most: 0.1,
}

/** Wall time of a backfill into Postgres. */
export const SYNC_ENGINE: Figure = {
  key: 'wall',
  name: 'backfill into Postgres, beside @supabase/stripe-sync-engine',
  kind: 'ratio',
  unit: 'ms',
  most: 0.2,
}

/** Wall time of a backfill from far away, beside what the rate limit allows: 80% of that speed. */
export const SYNC_BOUND: Figure = {
  key: 'wall',
  name: 'backfill from 150 ms away, beside its bound',
  kind: 'ratio',
  unit: 'ms',
  most: 1.25,
}

/** Heap after garbage collection, after a large backfill and after a small one. */
export const SYNC_HEAP: Figure = {
  key: 'heap',
  name: 'heap after a backfill of 1,000,000, beside 10,000',
  kind: 'ratio',
  unit: 'MB',
  most: 1.2,
}

/** The most memory that the process has ever had. */
export const SYNC_RSS: Figure = {
  key: 'rss',
  name: 'memory during a backfill of 1,000,000',
  kind: 'value',
  unit: 'MB',
  most: 350,
}
