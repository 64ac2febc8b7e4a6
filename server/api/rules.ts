import { EngineError, type Rule } from '../../engine/index.ts'
import type { Preview, RuleDecision } from '../rules/port.ts'
import type { JsonObject } from '../stores/index.ts'
import { ruleMessageOut, ruleRunOut } from '../stores/rule-out.ts'
import type { RuleRun } from '../stores/rule-types.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'
import { instant } from './wire.ts'

const DAY_MS = 86_400_000

/** A rule on the wire. */
export function ruleOut(rule: Rule): JsonObject {
  return {
    name: rule.name,
    description: rule.description,
    version: rule.version,
    file: rule.file,
    is_enabled: rule.isEnabled,
    environments: rule.environments,
    on: rule.on,
    if: rule.condition?.source ?? null,
    refresh: rule.refresh,
    timezone: rule.timezone,
    steps: rule.steps.map(({ after, actions }, at) => ({
      number: at + 1,
      after: `${after.count} ${after.unit}${after.count === 1 ? '' : 's'}`,
      actions: actions.map(({ kind }) => kind),
    })),
  }
}

/** The rules of the environment of the call, and whether they wait since a restore. */
export async function listRules({ services, caller: { environmentId } }: CallContext): Promise<JsonObject> {
  const restore = await services.stores.restores.of(environmentId)
  const result = services.rules.list(environmentId).map(ruleOut)
  return { result, is_paused: restore !== null && restore.resumedAt === null }
}

/** The rule of this name in the environment of the call. Throws not_found. */
export function findRule({ services, caller }: CallContext, name: string): Rule {
  const rules = services.rules.list(caller.environmentId)
  const rule = rules.find((one) => one.name === name)
  if (rule !== undefined) return rule
  throw new EngineError('not_found', `There is no rule ${name.slice(0, 64)} in this environment`, {
    where: 'name',
    hint: 'Rules are files in rules/ of a folder of ONEFOLD_DEFINITIONS.',
    valid: rules.map((one) => one.name),
  })
}

/** What a preview is asked of: a rule by its name, or the text of one. */
export interface PreviewBody {
  readonly rule?: string
  readonly text?: string
  readonly days?: number
  readonly limit?: number
}

/** What a rule would have done with the events of the last days; nothing is sent. Throws not_found or invalid_body. */
export async function previewRule(context: CallContext, body: PreviewBody): Promise<JsonObject> {
  const { services, caller, signal } = context
  const { rule: name, text, days = 30, limit = 20 } = body
  if ((name === undefined) === (text === undefined)) {
    throw new EngineError('invalid_body', 'Give the name of a `rule`, or the `text` of one', { where: '/rule' })
  }
  const rule = text === undefined ? findRule(context, name ?? '') : services.rules.read(text)
  const since = services.clock.now() - days * DAY_MS
  const ask = { environmentId: caller.environmentId, rule, since, limit }
  const preview = await services.rules.preview(ask, signal as AbortSignal)
  return { rule: rule.name, since: instant(since), ...previewOut(preview) }
}

function previewOut({ events, matched, isPartial, runs }: Preview): JsonObject {
  return {
    events,
    matched,
    is_partial: isPartial,
    runs: runs.map((run) => ({
      event_id: run.eventId,
      subject: run.subject,
      key: run.key,
      integrated_account_id: run.integratedAccountId,
      started_at: instant(run.startedAt),
      status: run.status,
      reason: run.reason,
      messages: run.messages.map(({ at, ...message }) => ({ ...message, at: instant(at) })),
    })),
  }
}

/** The run of this id where the caller may look. Throws not_found. */
export async function findRuleRun({ services, caller }: CallContext, id: string): Promise<RuleRun> {
  const run = await services.stores.ruleRuns.get(caller.environments, id)
  if (run !== null) return run
  throw new EngineError('not_found', 'There is no such run of a rule', { where: 'id' })
}

/** A run with everything that it said. */
export async function ruleRunWhole({ services }: CallContext, run: RuleRun): Promise<JsonObject> {
  const messages = await services.stores.ruleMessages.ofRun(run)
  return { ...ruleRunOut(run), event: run.event, messages: messages.map(ruleMessageOut) }
}

/** Ends a run, sends again what may not have gone out, or leaves the present step out. Throws not_found or conflict. */
export async function changeRuleRun(context: CallContext, id: string, act: RuleDecision): Promise<JsonObject> {
  const run = await findRuleRun(context, id)
  context.trace.environmentId = run.environmentId
  await context.services.rules.change(run, act)
  await audit(context, `rule_run.${act}`, `rule_run:${run.id}`, 'succeeded', { rule: run.rule, step: run.step + 1 })
  return ruleRunWhole(context, await findRuleRun(context, id))
}
