import type { Run } from './contract.ts'
import type { Json } from './paths.ts'
import type { Dice } from './random.ts'

const TOKEN_LENGTH = 24

/** What the expressions of a run see. It follows the run as its time and item change; each `$token` is another one. */
export function variablesOf(run: Run, constants: Json, dice: Dice): Json {
  const { body, query, path, let: named, request } = run
  return {
    body,
    query,
    path,
    let: named,
    get item() {
      return run.item
    },
    get now() {
      return run.now
    },
    request,
    constants,
    get token() {
      return dice.text(TOKEN_LENGTH)
    },
  }
}
