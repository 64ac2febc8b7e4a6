import type { Integration as IntegrationFile, ModeMatch, Resource } from '../../schema/generated.ts'
import type { Host, Integration, LimitFeedback, Mode, NativeResource, Operation } from '../catalog.ts'
import type { Located } from '../document.ts'
import { deepFreeze, FrozenMap, frozenCopy } from '../frozen.ts'
import type { Subject } from '../registry.ts'
import { authOf, ownedOf } from './auth.ts'
import { generalBuckets } from './buckets.ts'
import { mappingsOf } from './mapping.ts'
import { operationOf } from './operation.ts'
import { defaultExpression, expressionOf, mapOf, maybeExpression, patternOf, templateOf } from './slots.ts'
import { webhooksOf } from './webhooks.ts'

/** Compiles an integration that has no faults. */
export function integrationOf(subject: Subject): Integration {
  const { integration: raw } = subject
  const file = raw.definition
  if (file === undefined) throw new TypeError(`${raw.name} has no integration.yaml`)
  const resources = [...raw.resources].map(([name, node]): [string, NativeResource] => [name, resourceOf(file, node)])
  const operations = resources.flatMap(([, { operations: own }]) => [...own.values()])
  const { label, description, docs, account_token_prefix, settings = {}, sync } = file.value
  const events = sync?.events
  return deepFreeze<Integration>({
    name: raw.name,
    root: raw.root,
    label,
    description,
    docs,
    accountTokenPrefix: account_token_prefix,
    settings: frozenCopy(settings),
    hosts: mapOf(file.need('hosts') as Located<IntegrationFile['hosts']>, hostOf) as ReadonlyMap<string, Host>,
    modes: modesOf(file),
    apiVersion: apiVersionOf(file),
    auth: authOf(file.need('auth')),
    owned: ownedOf(file),
    failure: failureOf(file),
    feedback: feedbackOf(file),
    buckets: generalBuckets(file),
    traits: mapOf(file.at('traits'), (trait) => ({
      from: trait.value.from,
      value: expressionOf(trait.need('value')),
    })),
    events: events === undefined ? undefined : { from: events.from, retentionDays: events.retention_days },
    webhooks: raw.webhooks && webhooksOf(raw.webhooks),
    resources: new FrozenMap(resources),
    operations: new FrozenMap(operations.map((operation) => [operation.id, operation])),
    mappings: mappingsOf(subject, new Map(operations.map((operation) => [operation.id, operation]))),
    mappingSources: new FrozenMap(
      [...raw.mappings].map(([model, { document, value }]) => [
        model,
        { file: document.source.path, text: document.source.text, data: frozenCopy(value as unknown) },
      ]),
    ),
    sandbox: raw.sandbox.map(({ value }) => frozenCopy(value)),
    isExtra: raw.root !== undefined,
    folder: `${raw.root === undefined ? '' : `${raw.root}/`}integrations/${raw.name}`,
  })
}

function hostOf(node: Located<IntegrationFile['hosts'][string]>, name: string): Host {
  return {
    name,
    url: templateOf(node.need('url')),
    suffix: node.value.suffix,
    modes: mapOf(node.at('modes'), templateOf),
  }
}

function modesOf(file: Located<IntegrationFile>): Mode[] {
  return (file.at('modes')?.entries() ?? []).map(([name, node]) => {
    const match = node.at('match') as Located<ModeMatch | readonly ModeMatch[]> | undefined
    const rules = match === undefined ? undefined : Array.isArray(match.value) ? match.items() : [match]
    return {
      name,
      livemode: node.value.livemode,
      match: (rules as Located<ModeMatch>[] | undefined)?.map((rule) => ({
        field: rule.value.field,
        pattern: patternOf(rule.need('pattern')),
      })),
    }
  })
}

function apiVersionOf(file: Located<IntegrationFile>): Integration['apiVersion'] {
  const node = file.at('api_version')
  if (node === undefined) return undefined
  return { value: node.value.value, header: node.value.header, read: maybeExpression(node.at('read')) }
}

function failureOf(file: Located<IntegrationFile>): Integration['failure'] {
  const node = file.at('failure')
  return {
    message: maybeExpression(node?.at('message')),
    code: maybeExpression(node?.at('code')),
    requestId: maybeExpression(node?.at('request_id')),
  }
}

function feedbackOf(file: Located<IntegrationFile>): LimitFeedback {
  const node = file.at('rate_limits')?.at('feedback')
  const { retry_after, reset, remaining } = node?.value ?? {}
  return {
    limited: maybeExpression(node?.at('limited')),
    retryAfter: frozenCopy(retry_after),
    reset: frozenCopy(reset),
    remaining,
    reason: maybeExpression(node?.at('reason')),
  }
}

function resourceOf(integration: Located<IntegrationFile>, node: Located<Resource>): NativeResource {
  const { name, label, description, tags = [], fields = {} } = node.value
  const marked = Object.entries(fields)
  const operations = node.need('methods').entries() as [string, Located<Resource['methods'][string]>][]
  const compiled = operations.map(([method, each]): [string, Operation] => [
    method,
    operationOf({ integration, resource: node, name: method, method: each }),
  ])
  return {
    name,
    label: label ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`,
    description,
    tags: frozenCopy(tags),
    id: maybeExpression(node.at('id')) ?? defaultExpression('id', []),
    fields: frozenCopy(fields),
    secretPaths: marked.filter(([, field]) => field['x-secret'] === true).map(([path]) => path),
    piiPaths: new FrozenMap(
      marked.flatMap(([path, field]): [string, string][] => {
        const kind = field['x-pii']
        return kind === undefined ? [] : [[path, kind]]
      }),
    ),
    operations: new FrozenMap(compiled),
  }
}
