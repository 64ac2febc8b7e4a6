import type { Machine } from './machine.ts'
import { ownRun } from './runs.ts'
import { runSteps } from './steps.ts'

/** Puts in what is there before all else: rows of tables, and the record of each resource that has only one. */
export function furnish(machine: Machine): void {
  const now = machine.now()
  for (const { name, idField, rows, single } of machine.rules.resources.values()) {
    for (const [id, fields] of Object.entries(rows)) machine.store.add(name, id, { [idField]: id, ...fields }, now)
    if (single) machine.create(name, {}, ownRun(now, { item: 0 }))
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
      runSteps(
        steps,
        machine,
        ownRun(start - Math.round(fromS + (toS - fromS) * share), { item: number, let: { start } }),
      )
      await new Promise(setImmediate)
    }
  }
}
