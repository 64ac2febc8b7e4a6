import type { ProvisionValues, WebhookProvision, WebhookSignature, Webhooks } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { findMapping } from '../layers.ts'
import type { RawIntegration, Subject } from '../registry.ts'
import { unknownName } from '../words.ts'
import { readIssues } from './failures.ts'
import { parameterIssues, pathIssues } from './paths.ts'

/** Webhooks: what signs fits together, what they name exists, and every auth method has a way to ask for deliveries. */
export function checkWebhooks(subject: Subject): Issue[] {
  const { integration } = subject
  const { webhooks: file } = integration
  if (file === undefined) return []
  const signature = file.at('signature')
  return [
    ...(signature === undefined ? [] : signatureIssues(signature)),
    ...loneIssues(file),
    ...(integration.isBroken ? [] : nameIssues(subject, file)),
    ...(file.at('provision')?.items() ?? []).flatMap((rule) => provisionIssues(integration, rule)),
    ...methodIssues(integration, file),
  ]
}

/** What is unsigned beside what is not signed either. */
function loneIssues(file: Located<Webhooks>): Issue[] {
  const unsigned = file.at('unsigned') as Located<unknown> | undefined
  if (unsigned === undefined || file.at('signature') !== undefined) return []
  const facts = {
    message: 'nothing here is signed',
    hint: 'Remove `unsigned`: `verify: by_fetch` says it of all deliveries.',
  }
  return [unsigned.issue('key', 'webhook_keys', facts)]
}

function signatureIssues(node: Located<WebhookSignature>): Issue[] {
  const { algorithm = 'hmac', key, parts = [], timestamp } = node.value
  const issues: Issue[] = []
  const fault = (at: Located<unknown>, part: 'key' | 'value', message: string, hint: string): void =>
    void issues.push(at.issue(part, 'webhook_keys', { message, hint }))
  const certificate = node.at('certificate')
  if (certificate !== undefined && algorithm !== 'rsa')
    fault(certificate, 'key', `\`algorithm: ${algorithm}\` has no certificate`, 'Remove it, or say `algorithm: rsa`.')
  if (certificate !== undefined && key !== undefined)
    fault(certificate, 'key', 'the key is in `key` and in the certificate', 'Keep one of them.')
  if (algorithm === 'token' && node.at('parts') !== undefined)
    fault(node.need('parts'), 'key', 'a token is sent as it is and signs nothing', 'Remove `parts`.')
  const named = (parts as readonly unknown[]).indexOf('timestamp')
  const part = node.at('parts')?.items()[named] as Located<unknown> | undefined
  if (part !== undefined && timestamp === undefined)
    fault(part, 'value', 'the time is signed and nobody says where it is', 'Add `timestamp: { value: ... }`.')
  if (timestamp !== undefined && named < 0)
    fault(node.need('timestamp'), 'key', 'a time that is not signed proves nothing', 'Add `timestamp` to `parts`.')
  return issues
}

function nameIssues({ integration, models }: Subject, file: Located<Webhooks>): Issue[] {
  const as = file.at('as')
  const mapped = [...integration.mappings].flatMap(([model, each]) =>
    Object.keys(each.value.resources ?? {}).map((name) => `${model}/${name}`),
  )
  const trust = file.at('record')?.at('trust')?.items() ?? []
  const partial = file.at('record')?.at('partial')?.items() ?? []
  const trusted = trust.map(({ value }) => value)
  const inModels = file.at('record')?.at('models')?.items() ?? []
  const known = [...new Set(mapped.map((name) => name.split('/')[1] ?? ''))]
  const thin = file.at('thin')
  const from = thin?.at('from')
  return [
    ...(as === undefined || findMapping(integration, as.value) !== undefined
      ? []
      : [unknownName(as, 'value', 'unknown_unified_resource', 'mapped resource', as.value, mapped)]),
    ...inModels
      .filter((model) => !models.has(model.value))
      .map((model) => unknownName(model, 'value', 'unknown_model', 'unified model', model.value, models.keys())),
    ...trust
      .filter((one) => !known.includes(one.value))
      .map((one) => unknownName(one, 'value', 'unknown_unified_resource', 'mapped resource', one.value, known)),
    ...partial
      .filter((one) => !trusted.includes(one.value))
      .map((one) => unknownName(one, 'value', 'unknown_unified_resource', 'trusted resource', one.value, trusted)),
    ...readIssues(integration, from, false),
    ...(from === undefined
      ? []
      : pathIssues(integration, { from, given: thin?.at('path')?.entries() ?? [], filled: ['id'] })),
  ]
}

type Call = { to: string; path?: ProvisionValues; body?: ProvisionValues }

function provisionIssues(integration: RawIntegration, rule: Located<WebhookProvision>): Issue[] {
  const calls = (['create', 'update', 'delete'] as const).flatMap((name) => {
    const call = rule.at(name) as Located<Call> | undefined
    return call === undefined ? [] : [call]
  })
  const lone = rule.at('create') === undefined ? (rule.at('update') ?? rule.at('delete')) : undefined
  return [
    ...calls.flatMap((call) => {
      const to = call.at('to')
      if (to === undefined) return []
      const values = (key: 'path' | 'body') => call.at(key)?.entries() ?? []
      return [
        ...pathIssues(integration, { from: to, given: values('path'), filled: [] }),
        ...parameterIssues(integration, to, 'body', values('body')),
      ]
    }),
    ...(lone === undefined
      ? []
      : [
          (lone as Located<unknown>).issue('key', 'webhook_keys', {
            message: 'there is no `create` that this could follow',
            hint: 'Add `create`, or remove it.',
          }),
        ]),
  ]
}

/** Auth methods that are named and unknown, and those that no rule is for. */
function methodIssues({ definition }: RawIntegration, file: Located<Webhooks>): Issue[] {
  const rules = file.at('provision')?.items() ?? []
  if (definition === undefined || rules.length === 0) return []
  const known = Object.keys(definition.value.auth?.methods ?? {})
  const named = rules.flatMap((rule) => rule.at('methods')?.items() ?? [])
  const isGeneral = rules.some((rule) => rule.at('methods') === undefined)
  const missing = isGeneral ? [] : known.filter((method) => !named.some(({ value }) => value === method))
  return [
    ...named
      .filter((method) => !known.includes(method.value))
      .map((method) => unknownName(method, 'value', 'unknown_auth_method', 'auth method', method.value, known)),
    ...missing.map((method) =>
      file.need('provision').issue('key', 'webhook_keys', {
        message: `nothing says how deliveries are asked for with \`${method}\``,
        hint: 'Add it to the `methods` of a rule, or a rule without `methods`.',
      }),
    ),
  ]
}
