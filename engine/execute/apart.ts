import { EngineError } from '../errors.ts'
import {
  type Cell,
  type CellResult,
  errorAt,
  evaluateAll,
  evaluateHere,
  HIDDEN,
  Scene,
  type Variables,
} from '../expression/index.ts'
import type { Work } from '../mapping/index.ts'
import type { ExpressionIsolate, IsolatedCell, Ports } from '../ports.ts'
import type { EngineContext } from './context.ts'
import type { Account } from './contract.ts'

type Means = Pick<Ports, 'isolate' | 'pause'>

/**
 * Does work with pauses for others. Expressions of tenants are evaluated apart, where there is such a place; `owner` is whose
 * they are. Throws as the isolate does.
 */
export async function worked<T>(work: Work<T>, owner: string, { isolate, pause }: Means): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    const cells = step.value
    if (cells.length > 0) {
      step = work.next(await evaluateApart(cells, owner, isolate))
      continue
    }
    const others = pause?.()
    if (others !== undefined) await others
    step = work.next(NONE)
  }
  return step.value
}

const NONE: readonly CellResult[] = []

/** How often synchronous work may ask for more expressions to be evaluated apart. */
const MOST_ROUNDS = 1000

/**
 * The result of synchronous work over expressions of a definition: those that are to be evaluated apart are, each round in
 * one batch, and the work is done again with their results. It must change nothing but what it makes. Throws as it does.
 */
export function settled<T>(
  context: EngineContext,
  account: Pick<Account, 'id' | 'tenantId'>,
  work: () => T,
): Settled<T> {
  const scene = new Scene()
  const attempt = scene.attempt(work)
  if ('value' in attempt) return attempt.value
  return settledLater(scene, attempt.missing, { work, owner: ownerOf(account), isolate: context.ports.isolate })
}

/** As settled, for work of which the cells that it needs are known: they go together, in one round. */
export async function settledOver<T>(cells: readonly Cell[], asked: Asked<T>): Promise<T> {
  const scene = new Scene()
  const ahead = scene.attempt(() => evaluateAll(cells))
  return 'value' in ahead ? asked.work() : await settledLater(scene, ahead.missing, asked)
}

/** The result itself where nothing has to be waited for. */
export type Settled<T> = T | Promise<T>

interface Asked<T> {
  readonly work: () => T
  /** Whose the expressions are. */
  readonly owner: string
  readonly isolate: ExpressionIsolate | undefined
}

async function settledLater<T>(scene: Scene, first: readonly Cell[], { work, owner, isolate }: Asked<T>): Promise<T> {
  let missing = first
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const results = isolate === undefined ? evaluateApart(missing, owner, isolate) : inTurn(missing, owner, isolate)
    scene.learn(missing, await results)
    const attempt = scene.attempt(work)
    if ('value' in attempt) return attempt.value
    missing = attempt.missing
  }
  throw new EngineError('expression_limit', 'The expressions of a definition ask for one another without an end')
}

/** Whose expressions those of an account are. */
export const ownerOf = ({ tenantId, id }: Pick<Account, 'id' | 'tenantId'>): string => tenantId ?? id

interface Queue {
  last: Promise<unknown>
  length: number
}

const MOST_WAITING = 200
const WAIT_MS = 1000
const queues = new WeakMap<ExpressionIsolate, Map<string, Queue>>()

/** One batch of an owner after another: the isolate runs no two of them at once, and refuses who asks for many together. */
async function inTurn(
  cells: readonly Cell[],
  owner: string,
  isolate: ExpressionIsolate,
): Promise<readonly CellResult[]> {
  const all = queues.get(isolate) ?? new Map<string, Queue>()
  queues.set(isolate, all)
  const queue = all.get(owner) ?? { last: Promise.resolve(), length: 0 }
  if (queue.length >= MOST_WAITING) {
    const message = 'Too many expressions of a definition wait to be evaluated'
    throw new EngineError('overloaded', message, { waitMs: WAIT_MS, hint: 'Try again in a moment.' })
  }
  all.set(owner, queue)
  queue.length++
  const mine = queue.last.then(() => evaluateApart(cells, owner, isolate))
  queue.last = mine.catch(() => undefined)
  try {
    return await mine
  } finally {
    queue.length--
    if (queue.length === 0) all.delete(owner)
  }
}

async function evaluateApart(
  cells: readonly Cell[],
  owner: string,
  isolate: ExpressionIsolate | undefined,
): Promise<readonly CellResult[]> {
  const results = isolate === undefined ? evaluateHere(cells) : await isolate.evaluate(owner, cells.map(isolated))
  return results.map((result, at) =>
    'error' in result ? { error: errorAt(result.error, cells[at]?.expression.apart) } : result,
  )
}

/** A cell as plain data, with no more than its expression uses. */
function isolated({ expression, record, variables = {} }: Cell): IsolatedCell {
  const given = [...expression.variables, HIDDEN].filter((name) => Object.hasOwn(variables, name))
  return {
    source: expression.source,
    scope: expression.variables,
    record: expression.paths.length === 0 ? undefined : record,
    variables: Object.fromEntries(given.map((name) => [name, variables[name]])) satisfies Variables,
  }
}
