import { EngineError } from '../../../engine/index.ts'
import type { Reply } from '../../api/context.ts'
import { type DecisionBody, decideRuleRuns } from '../../api/rule-decisions.ts'
import {
  changeRuleRun,
  findRule,
  findRuleRun,
  listRules,
  type PreviewBody,
  previewRule,
  ruleOut,
  ruleRunWhole,
} from '../../api/rules.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import { ruleNoteOut, ruleRunOut } from '../../stores/rule-out.ts'
import { RULE_RUN_STATUSES } from '../../stores/rule-types.ts'
import type { Route, RouteCall } from '../route.ts'
import {
  DECISION_BODY,
  DECISIONS,
  PREVIEW,
  PREVIEW_BODY,
  RULE,
  RULE_NOTE,
  RULE_RUN,
  RULE_RUN_WHOLE,
} from '../rule-schemas.ts'
import { object, PAGING, pageOf } from '../schemas.ts'

const tag = 'Rules'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** What is said to whom after events: the rules, what they would do, what they do, and what they noted. */
export const RULE_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/rule', tag, rank: 'read', query: {} },
    summary: 'Lists the rules of the environment, by name.',
    answer: object({
      result: { type: 'array', description: 'All of them.', items: RULE },
      is_paused: { type: 'boolean', description: 'Whether they wait since the database came out of a backup.' },
    }),
    handle: async ({ context }) => ({ status: 200, body: await listRules(context) }),
  },
  {
    ...{ verb: 'get', path: '/rule/{name}', tag, rank: 'read', query: {}, answer: RULE },
    summary: 'Gets a rule.',
    handle: async ({ context, params }) => ({ status: 200, body: ruleOut(findRule(context, params.name ?? '')) }),
  },
  {
    ...{ verb: 'post', path: '/rule/preview', tag, rank: 'read', query: {}, body: PREVIEW_BODY, answer: PREVIEW },
    summary: 'Tells what a rule would have sent, and when, for the events of the last days; nothing is sent.',
    handle: async ({ context, body }) => ({
      status: 200,
      body: await previewRule(context, (body ?? {}) as PreviewBody),
    }),
  },
  {
    ...{ verb: 'get', path: '/rule-run', tag, rank: 'read', answer: pageOf(RULE_RUN), handle: listRuns },
    summary: 'Lists runs of rules, newest first.',
    query: {
      ...PAGING,
      rule: filter('Of this rule.'),
      status: { description: 'In this status.', schema: { type: 'string', enum: RULE_RUN_STATUSES } },
      integrated_account_id: filter('About this account.'),
      subject: filter('About this subject.'),
      customer_id: filter('About this customer.'),
    },
  },
  {
    ...{ verb: 'post', path: '/rule-run/decide', tag, rank: 'write', query: PAGING, body: DECISION_BODY },
    summary: 'Decides about a page of held runs at once, newest first; repeat it with next_cursor until that is null.',
    answer: DECISIONS,
    handle: async ({ context, query, body }) => ({
      status: 200,
      body: await decideRuleRuns(context, body as DecisionBody, query),
    }),
  },
  {
    ...{ verb: 'get', path: '/rule-run/{id}', tag, rank: 'read', query: {}, answer: RULE_RUN_WHOLE },
    summary: 'Gets a run with everything that it said.',
    handle: async ({ context, params }) => ({
      status: 200,
      body: await ruleRunWhole(context, await findRuleRun(context, params.id ?? '')),
    }),
  },
  {
    ...{ verb: 'post', path: '/rule-run/{id}/stop', tag, rank: 'write', query: {}, answer: RULE_RUN_WHOLE },
    summary: 'Ends a run; nothing more is sent.',
    handle: (call) => change(call, 'stop'),
  },
  {
    ...{ verb: 'post', path: '/rule-run/{id}/resend', tag, rank: 'write', query: {}, answer: RULE_RUN_WHOLE },
    summary: 'Sends what may not have gone out again, and has the run go on.',
    handle: (call) => change(call, 'resend'),
  },
  {
    ...{ verb: 'post', path: '/rule-run/{id}/skip', tag, rank: 'write', query: {}, answer: RULE_RUN_WHOLE },
    summary: 'Leaves the present step out, and has the run go on with the next one.',
    handle: (call) => change(call, 'skip'),
  },
  {
    ...{ verb: 'get', path: '/rule-note', tag, rank: 'read', answer: pageOf(RULE_NOTE), handle: listNotes },
    summary: 'Lists notes of rules, newest first.',
    query: {
      ...PAGING,
      integrated_account_id: filter('About this account.'),
      resource: filter('About records of this unified resource, such as invoices.'),
      resource_id: filter('About this record.'),
      customer_id: filter('About this customer.'),
      rule_run_id: filter('Of this run.'),
    },
  },
]

const change = async ({ context, params }: RouteCall, act: 'stop' | 'resend' | 'skip'): Promise<Reply> => ({
  status: 200,
  body: await changeRuleRun(context, params.id ?? '', act),
})

async function listRuns({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'rule-runs', query)
  const status = RULE_RUN_STATUSES.find((one) => one === filters.status)
  if (filters.status !== undefined && status === undefined) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: RULE_RUN_STATUSES })
  }
  const found = await context.services.stores.ruleRuns.list({
    ...{ ...page, environments: context.caller.environments, rule: filters.rule, status, subject: filters.subject },
    ...{ integratedAccountId: filters.integrated_account_id, customerId: filters.customer_id },
  })
  return pageReply(context, binding, found, ruleRunOut)
}

async function listNotes({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'rule-notes', query)
  const found = await context.services.stores.ruleNotes.list({
    ...{
      ...page,
      environments: context.caller.environments,
      resource: filters.resource,
      recordId: filters.resource_id,
    },
    ...{ integratedAccountId: filters.integrated_account_id, customerId: filters.customer_id },
    runId: filters.rule_run_id,
  })
  return pageReply(context, binding, found, ruleNoteOut)
}
