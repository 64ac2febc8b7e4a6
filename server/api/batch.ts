import { setMaxListeners } from 'node:events'
import type { SharedCost } from '../../engine/index.ts'
import { type Batch, MOST_AT_ONCE, type PartResult, USUAL_REQUESTS } from './batch-contract.ts'
import { planBatch } from './batch-plan.ts'
import { BatchRun } from './batch-run.ts'
import type { CallContext, Reply } from './context.ts'
import { idempotencyKey } from './idempotency.ts'

/**
 * Makes the calls of a batch, each as it would be made alone, and answers how each part ended, in the order given. Throws
 * invalid_body for a batch that cannot be run at all; after that a failure is told beside its part.
 */
export async function callBatch(context: CallContext, batch: Batch, givenKey: string | undefined): Promise<Reply> {
  const plan = await planBatch(batch)
  const key = idempotencyKey(context, givenKey)
  const { services, signal } = context
  if (signal instanceof AbortSignal) setMaxListeners(MOST_AT_ONCE * 10, signal)
  const cost = new Cost(batch.max_requests ?? USUAL_REQUESTS)
  const deadline = batch.deadline_ms === undefined ? undefined : services.clock.now() + batch.deadline_ms
  const run = new BatchRun({ plan, args: batch.args ?? {}, context: { ...context, within: { cost, deadline } }, key })
  const resources = await run.run()
  return {
    status: 200,
    headers: { 'idempotency-key': key },
    body: { resources, cost: costOf(context, run, cost) } satisfies Answer,
  }
}

interface Answer {
  readonly resources: readonly PartResult[]
  readonly cost: object
}

/** Upstream requests of all calls of a batch. */
class Cost implements SharedCost {
  readonly #most: number
  spent = 0

  constructor(most: number) {
    this.#most = most
  }

  get left(): number {
    return this.#most - this.spent
  }

  spend(): void {
    this.spent += 1
  }
}

function costOf({ services: { engine } }: CallContext, run: BatchRun, { spent }: Cost): object {
  const budgets = run.accounts.flatMap((account) => {
    const state = engine.budget(account)
    if (state === undefined) return []
    const { limit, remaining, resetMs } = state
    return [[account.id, { limit, remaining: Math.max(0, remaining), reset_ms: Math.max(0, Math.ceil(resetMs)) }]]
  })
  const { calls, answerBytes } = run.counts
  return { calls, upstream_requests: spent, answer_bytes: answerBytes, budgets: Object.fromEntries(budgets) }
}
