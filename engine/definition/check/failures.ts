import type { ErrorRule, Idempotency, Method } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { isListMethod } from '../operations.ts'
import type { RawIntegration, Subject } from '../registry.ts'

/** Error rules, idempotency and the reads that they fall back on. */
export function checkFailures({ integration }: Subject): Issue[] {
  const { definition, operations } = integration
  const places = [definition, ...operations.values()].filter((place) => place !== undefined) as Located<Method>[]
  return places.flatMap((place) => [
    ...(place.at('errors')?.items() ?? []).flatMap((rule) => ruleIssues(integration, rule as Located<ErrorRule>)),
    ...idempotencyIssues(integration, place.at('idempotency')),
  ])
}

function ruleIssues(integration: RawIntegration, rule: Located<ErrorRule>): Issue[] {
  const action = rule.at('action')?.value ?? 'fail'
  const instead = rule.at('succeed_with')
  const issues = readIssues(integration, instead?.at('from'), false)
  if (action === 'ignore' && rule.at('reason') === undefined) {
    const facts = { message: 'an error is ignored without a reason', hint: 'Add `reason`, one sentence that says why.' }
    issues.push(rule.need('action').issue('value', 'ignore_without_reason', facts))
  }
  if (action === 'succeed_with' && instead === undefined) {
    const facts = { message: 'there is no `succeed_with`', hint: 'Add `succeed_with: { from: customers.get }`.' }
    issues.push(rule.need('action').issue('value', 'error_rule', facts))
  }
  if (action !== 'succeed_with' && instead !== undefined) {
    const facts = { message: '`succeed_with` has no effect here', hint: 'Add `action: succeed_with`.' }
    issues.push(instead.issue('key', 'error_rule', facts))
  }
  const says = ['code', 'action', 'hint', 'missing_fields', 'missing_scopes', 'succeed_with']
  if (!says.some((key) => key in rule.value)) {
    const facts = { message: 'the rule says nothing about the answer', hint: 'Add `code` or `action`.' }
    issues.push(rule.issue('key', 'error_rule', facts))
  }
  return issues
}

function idempotencyIssues(integration: RawIntegration, node: Located<Idempotency> | undefined): Issue[] {
  if (node === undefined) return []
  const where = node.at('in')?.value
  const issues = [
    ...readIssues(integration, node.at('on_conflict')?.at('from'), false),
    ...readIssues(integration, node.at('find_existing')?.at('from'), true),
  ]
  if (where !== undefined && where !== 'none' && node.at('name') === undefined) {
    const facts = { message: `\`in: ${where}\` needs \`name\``, hint: 'Add the name of the header or body field.' }
    issues.push(node.issue('key', 'missing_key', facts))
  }
  return issues
}

/** An operation that must be a read, or a list, and is not. Unknown ones are reported as such elsewhere. */
export function readIssues(
  integration: RawIntegration,
  from: Located<string> | undefined,
  wantsList: boolean,
): Issue[] {
  const method = from === undefined ? undefined : integration.operations.get(from.value)
  if (from === undefined || method === undefined) return []
  const effect = method.at('effect')?.value
  if (effect !== undefined && effect !== 'read') {
    const message = `\`${from.value}\` does not read: its effect is ${effect}`
    return [from.issue('value', 'not_a_read', { message, hint: 'Name an operation with `effect: read`.' })]
  }
  return wantsList ? listIssue(integration, from) : []
}

/** An operation that must be a list and is not. */
function listIssue(integration: RawIntegration, from: Located<string>): Issue[] {
  const method = integration.operations.get(from.value)
  if (method === undefined || isListMethod(from.value.split('.')[1] ?? '', method.value)) return []
  const message = `\`${from.value}\` is no list`
  return [from.issue('value', 'not_a_list', { message, hint: 'Name a list, or add `list: true` to the operation.' })]
}
