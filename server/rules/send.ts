import type { RuleAction } from '../../engine/index.ts'
import { pauseAfter } from '../outbound/backoff.ts'
import type { Outcome } from '../outbound/contract.ts'
import { checkedRecipients } from '../outbound/target.ts'
import type { JsonObject } from '../stores/index.ts'
import type { NewRuleMessage, RuleContent, RuleMessage, RuleRun, RuleSendResult } from '../stores/rule-types.ts'
import type { RuleServices } from './services.ts'

/** An action of the present step of a run, with what it says. */
export interface Doing {
  readonly run: RuleRun
  readonly rule: string
  readonly steps: number
  readonly action: number
  readonly kind: RuleAction['kind']
  readonly content: RuleContent
}

/** Does an action, once. Resolves when what became of it is stored; false when the run does not stand where it stood. */
export async function act(services: RuleServices, doing: Doing, signal: AbortSignal): Promise<boolean> {
  const { kind } = doing
  const done =
    kind === 'slack' || kind === 'email' ? await sent(services, doing, kind, signal) : await noted(services, doing)
  if (done !== null) services.metrics.count('rule_messages', { kind, outcome: done })
  return done !== null
}

/** What is stored here is done in the transaction that says so: there is no moment in which it is not known. */
async function noted(services: RuleServices, doing: Doing): Promise<'sent' | null> {
  const { stores, clock } = services
  const { run, content, kind } = doing
  const now = clock.now()
  return await stores.database.db.transaction().execute(async (trx) => {
    if (!(await stores.ruleRuns.change(trx, run, {}, now))) return null
    if (kind === 'note') await stores.ruleNotes.add(trx, run, content.text, now)
    const events = kind === 'webhook' ? [eventOf(doing)] : []
    const [event] = await stores.events.append(trx, run.environmentId, events, now)
    await stores.ruleMessages.done(trx, run, messageOf(doing), { eventId: event?.id ?? null, now })
    return 'sent'
  })
}

const messageOf = ({ run, action, kind, content }: Doing): NewRuleMessage => ({ step: run.step, action, kind, content })

function eventOf({ run, rule, steps, content }: Doing) {
  const { integratedAccountId, tenantId, integration, livemode } = run
  const data: JsonObject = {
    object: 'rule_step',
    id: run.id,
    rule,
    step: run.step + 1,
    steps,
    subject: run.subject,
    key: run.key,
    customer_id: run.customerId,
    text: content.text === '' ? null : content.text,
    event: run.event,
  }
  return { type: `rule.${rule}`, integratedAccountId, tenantId, integration, livemode, data }
}

/** Claims it, says it, and stores what became of it. */
async function sent(
  { stores, outbound, clock, random }: RuleServices,
  doing: Doing,
  kind: 'slack' | 'email',
  signal: AbortSignal,
): Promise<string | null> {
  const { run, content } = doing
  const { to = '', subject, text } = content
  const wrong = kind === 'email' ? wrongAddress(to) : null
  if (wrong !== null) {
    await stores.database.db
      .transaction()
      .execute((trx) => stores.ruleMessages.fail(trx, run, messageOf(doing), wrong, clock.now()))
    return 'failed'
  }
  const message = await stores.ruleMessages.claim(run, messageOf(doing), clock.now())
  if (message === null) return null
  const { environmentId } = run
  const at = message.attemptedAt ?? clock.now()
  const outcome = await outbound.say({ environmentId, id: message.id, kind, to, subject, text, at }, signal)
  const result = settled(message, outcome, { now: clock.now(), chance: random.next(), isStopped: signal.aborted })
  await stores.ruleMessages.settle(message, result, clock.now())
  return result.status
}

function wrongAddress(to: string): string | null {
  try {
    checkedRecipients([to])
    return null
  } catch {
    return to === '' ? 'no_address: there is no address to write to' : 'no_address: it is no plain mail address'
  }
}

const STATUSES = { delivered: 'sent', unknown: 'outcome_unknown' } as const

function settled(
  { attempts }: RuleMessage,
  { result, error, response, isGone, retryAfterMs }: Outcome,
  { now, chance, isStopped }: { readonly now: number; readonly chance: number; readonly isStopped: boolean },
): RuleSendResult {
  const told = { error: error ?? null, response: response ?? null }
  if (result !== 'failed') return { ...told, status: STATUSES[result], nextAt: null }
  if (isStopped) return { ...told, status: 'waiting', nextAt: now }
  const pause = isGone === true ? null : pauseAfter(attempts, chance, retryAfterMs)
  return pause === null
    ? { ...told, status: 'failed', nextAt: null }
    : { ...told, status: 'waiting', nextAt: now + pause }
}
