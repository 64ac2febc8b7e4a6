import type { ProvisionValues, WebhookProvision, WebhookSignature, Webhooks } from '../../schema/generated.ts'
import type { ProvisionCall, ProvisionRule, SignatureRule, WebhookRules } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap, FrozenSet } from '../frozen.ts'
import { defaultExpression, expressionOf, expressionsOf, maybeExpression, slotsOf } from './slots.ts'

/** Compiles webhooks that have no faults. */
export function webhooksOf(file: Located<Webhooks>): WebhookRules {
  const { body = 'json', answer = '', as } = file.value
  const [model = '', resource = ''] = as.split('/')
  const event = file.need('event')
  const signature = file.at('signature')
  const record = file.at('record')
  const rules: WebhookRules = {
    body,
    unsigned: undefined,
    signature: signature === undefined ? undefined : signatureOf(signature),
    challenge: maybeExpression(file.at('challenge')),
    answer,
    events: maybeExpression(file.at('events')),
    event: {
      id: maybeExpression(event.at('id')),
      type: expressionOf(event.need('type')),
      account: maybeExpression(event.at('account')),
      apiVersion: maybeExpression(event.at('api_version')),
    },
    as: { model, resource },
    thin: thinOf(file.at('thin')),
    record: {
      value: maybeExpression(record?.at('value')),
      trust: new FrozenSet(record?.value.trust ?? []),
      partial: new FrozenSet(record?.value.partial ?? []),
      when: maybeExpression(record?.at('when')),
      models: record?.value.models ?? [model],
    },
    provision: file.need('provision').items().map(provisionOf),
  }
  return { ...rules, unsigned: unsignedOf(file.at('unsigned'), rules) }
}

function unsignedOf(node: Located<NonNullable<Webhooks['unsigned']>> | undefined, signed: WebhookRules) {
  if (node === undefined) return undefined
  const event = node.need('event')
  const rules: WebhookRules = {
    ...signed,
    body: node.value.body ?? 'json',
    signature: undefined,
    challenge: undefined,
    events: undefined,
    event: {
      id: undefined,
      type: expressionOf(event.need('type')),
      account: maybeExpression(event.at('account')),
      apiVersion: undefined,
    },
  }
  return { when: expressionOf(node.need('when')), rules }
}

function thinOf(node: Located<NonNullable<Webhooks['thin']>> | undefined): WebhookRules['thin'] {
  if (node === undefined) return undefined
  const path = expressionsOf(node.at('path') as Located<Record<string, string>> | undefined)
  const own = path.size > 0 ? path : new FrozenMap([['id', defaultExpression('id', [])] as const])
  return { when: expressionOf(node.need('when')), operation: node.value.from, path: own }
}

function signatureOf(node: Located<WebhookSignature>): SignatureRule {
  const { algorithm = 'hmac', hash = 'sha256', per = 'delivery', encoding = 'hex', key_encoding = 'utf8' } = node.value
  const certificate = node.at('certificate')
  const timestamp = node.at('timestamp')
  const parts = node.at('parts')?.items() as readonly Located<unknown>[] | undefined
  return {
    algorithm,
    hash,
    per,
    value: expressionOf(node.need('value')),
    encoding,
    key: maybeExpression(node.at('key')) ?? defaultExpression('$secret', ['secret', 'endpoint']),
    keyEncoding: key_encoding,
    certificate: certificate && {
      url: expressionOf(certificate.need('url')),
      hosts: new FrozenSet(certificate.value.hosts),
    },
    parts: parts?.map(partOf) ?? ['body'],
    separator: node.value.separator ?? '',
    timestamp: timestamp && {
      value: expressionOf(timestamp.need('value')),
      form: timestamp.value.form ?? 's',
      toleranceS: timestamp.value.tolerance_s,
    },
  }
}

function partOf(node: Located<unknown>): SignatureRule['parts'][number] {
  if (typeof node.value === 'string') return node.value as 'body'
  return expressionOf((node as Located<{ value: string }>).need('value'))
}

function provisionOf(node: Located<WebhookProvision>): ProvisionRule {
  const { methods, per = 'account', manual } = node.value
  const create = node.at('create')
  return {
    methods: methods && new FrozenSet(methods),
    per,
    manual,
    create: create && {
      ...callOf(create),
      id: expressionOf(create.need('id')),
      secret: maybeExpression(create.at('secret')),
    },
    update: maybeCall(node.at('update')),
    delete: maybeCall(node.at('delete')),
  }
}

type Call = { to: string; path?: ProvisionValues; body?: ProvisionValues }

const maybeCall = (node: Located<Call> | undefined): ProvisionCall | undefined =>
  node === undefined ? undefined : callOf(node)

function callOf(node: Located<Call>): ProvisionCall {
  const values = (key: 'path' | 'body') => slotsOf(node.at(key) as Located<Record<string, unknown>> | undefined)
  return { operation: node.value.to, path: values('path'), body: values('body') }
}
