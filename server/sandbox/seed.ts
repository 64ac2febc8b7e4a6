import type { RequestFacts, Run } from './contract.ts'
import type { Machine } from './machine.ts'
import { runSteps } from './steps.ts'

const NO_REQUEST: RequestFacts = {
  id: '',
  verb: '',
  path: '',
  headers: {},
  query: {},
  idempotency_key: undefined,
  replayed: false,
  original_id: '',
}

/** Puts in what is there before all else: rows of tables, and the record of each resource that has only one. */
export function furnish(machine: Machine): void {
  const now = machine.now()
  for (const { name, idField, rows, single } of machine.rules.resources.values()) {
    for (const [id, fields] of Object.entries(rows)) machine.store.add(name, id, { [idField]: id, ...fields }, now)
    if (single) machine.create(name, {}, runOf(0, now))
  }
}

/**
 * Makes the invented data of the rules: each run of steps at its own time before now, by the same methods that requests
 * use. Lets other work of the process run in between.
 */
export async function sow(machine: Machine): Promise<void> {
  const start = machine.now()
  for (const { count, fromS, toS, do: steps } of machine.rules.seed) {
    for (let number = 1; number <= count; number++) {
      const share = count === 1 ? 1 : (number - 1) / (count - 1)
      runSteps(steps, machine, runOf(number, start - Math.round(fromS + (toS - fromS) * share), { start }))
      await new Promise(setImmediate)
    }
  }
}

const runOf = (number: number, now: number, named: Record<string, unknown> = {}): Run => ({
  resource: '',
  id: undefined,
  body: {},
  query: {},
  path: {},
  let: named,
  item: number,
  now,
  request: NO_REQUEST,
})
