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

/** Makes the invented data of the rules: each run of steps at its own time before now, by the same methods that requests use. */
export function sow(machine: Machine): void {
  const start = machine.now()
  for (const { count, fromS, toS, do: steps } of machine.rules.seed) {
    for (let number = 1; number <= count; number++) {
      const share = count === 1 ? 1 : (number - 1) / (count - 1)
      const now = start - Math.round(fromS + (toS - fromS) * share)
      const run: Run = {
        resource: '',
        id: undefined,
        body: {},
        query: {},
        path: {},
        let: {},
        item: number,
        now,
        request: NO_REQUEST,
      }
      runSteps(steps, machine, run)
    }
  }
}
