import type { EngineError } from '../../engine/index.ts'
import type { RuleDecision } from '../rules/port.ts'
import type { JsonObject, Keyset } from '../stores/index.ts'
import type { RuleRun, RuleRunQuery } from '../stores/rule-types.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'
import { instant, instantIn, readPageQuery } from './wire.ts'

/** One decision about the held runs that fit. */
export interface DecisionBody {
  readonly decision: RuleDecision
  readonly rule?: string
  readonly integrated_account_id?: string
  readonly subject?: string
  readonly customer_id?: string
  readonly restored?: boolean
  readonly until?: string
  readonly dry_run?: boolean
}

/** Where a decision goes on: the runs that are held since, or again, are another one's. */
interface Place {
  readonly after: Keyset
  readonly until: number
}

/**
 * Decides about a page of the held runs of the environment of the call, newest first; with `dry_run` only says which. A run
 * that cannot be decided about so, or is not held any more as it was, stays as it is and says why.
 */
export async function decideRuleRuns(
  context: CallContext,
  body: DecisionBody,
  pairs: readonly (readonly [string, string])[],
): Promise<JsonObject> {
  const { services, caller } = context
  const words = JSON.stringify(Object.entries(body).sort())
  const { page, binding } = readPageQuery(context, `rule-run decisions ${words}`, pairs)
  const place = page.after as Place | null
  const until = place?.until ?? instantIn(body.until, '/until') ?? services.clock.now()
  const wanted: RuleRunQuery = {
    ...{ ...page, after: place?.after, environments: [caller.environmentId], status: 'held', unchangedSince: until },
    ...{ rule: body.rule, integratedAccountId: body.integrated_account_id, subject: body.subject },
    ...{ customerId: body.customer_id, isOfRestore: body.restored },
  }
  const { ruleRuns } = services.stores
  const { result: runs, next, limit } = await ruleRuns.list(wanted)
  const result: JsonObject[] = []
  for (const run of runs) {
    const error = body.dry_run === true ? null : await decideOne(context, run, body.decision)
    result.push({ id: run.id, rule: run.rule, subject: run.subject, step: run.step + 1, error })
  }
  const count = result.filter(({ error }) => error === null).length
  const left = next === null ? 0 : await ruleRuns.countBehind(wanted, next)
  if (body.dry_run !== true) {
    const details = { ...body, until: instant(until), count, refused: runs.length - count, left }
    await audit(context, 'rule_run.decide', `environment:${caller.environmentId}`, 'succeeded', details)
  }
  const nextPlace: Place | null = next && { after: next, until }
  return {
    ...{ environment: caller.environmentId, decision: body.decision, dry_run: body.dry_run === true },
    ...{ until: instant(until), count, left, result },
    next_cursor: nextPlace && services.cursors.seal(nextPlace, binding),
    limit,
  }
}

/** Null, or why the run stays as it is. */
async function decideOne(context: CallContext, run: RuleRun, decision: RuleDecision): Promise<string | null> {
  try {
    if (!(await context.services.rules.decide(run, decision))) return 'conflict: It is not held any more as it was'
  } catch (thrown) {
    const { code, message } = thrown as EngineError
    if (code === 'conflict') return `${code}: ${message}`
    throw thrown
  }
  await audit(context, `rule_run.${decision}`, `rule_run:${run.id}`, 'succeeded', {
    rule: run.rule,
    step: run.step + 1,
  })
  return null
}
