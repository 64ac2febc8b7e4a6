import type { Effect, Method } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { isListMethod, pathParametersOf } from '../operations.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'

/** What operations say about effects, money, lists, hosts and parameters. */
export function checkOperations({ integration }: Subject): Issue[] {
  const { definition, operations, isBroken } = integration
  const hosts = definition?.at('hosts')
  return [...operations].flatMap(([id, method]) => {
    const name = id.split('.')[1] ?? ''
    const host = method.at('host')
    const isUnknown = host !== undefined && hosts !== undefined && !(host.value in hosts.value) && !isBroken
    return [
      ...effectIssues(name, method),
      ...(isListMethod(name, method.value)
        ? listIssues(method, definition === undefined || definition.at('pagination') !== undefined)
        : notAList(method)),
      ...(isUnknown ? [unknownName(host, 'value', 'unknown_host', 'host', host.value, Object.keys(hosts.value))] : []),
      ...parameterIssues(method),
    ]
  })
}

const READS_WITH_POST = /(^|_)(list|search|get|preview|find|count|query|validate)(_|$)/

function effectIssues(name: string, method: Located<Method>): Issue[] {
  const effect = method.at('effect')
  const verb = method.at('verb')
  if (effect === undefined) {
    return [
      method.issue('key', 'missing_effect', {
        message: 'the operation does not say what it does to the world, so it counts as money',
        hint: 'Add `effect: read`, `write`, `money` or `credential`.',
        valid: ['read', 'write', 'money', 'credential'],
      }),
    ]
  }
  const issues: Issue[] = []
  const isGet = verb?.value === 'GET'
  const isOdd = (effect.value === 'read') !== isGet && !(effect.value === 'read' && READS_WITH_POST.test(name))
  if (isOdd && verb !== undefined) issues.push(oddEffect(effect, verb.value))
  if (effect.value === 'money' && method.at('amount') === undefined) {
    const message = 'the operation moves money and does not name the amount'
    const hint =
      'Add `amount: $body.amount` with the field of the request; `amount: "null"` where the request names none.'
    issues.push(method.issue('key', 'money_without_amount', { message, hint }))
  }
  return issues
}

const oddEffect = (effect: Located<Effect>, verb: string): Issue =>
  effect.issue('value', 'suspicious_effect', {
    severity: 'warning',
    message: `the operation is a ${verb} and says \`effect: ${effect.value}\``,
    hint: 'Retries and approvals go by the effect; see that it is right.',
  })

function listIssues(method: Located<Method>, hasDefault: boolean): Issue[] {
  const issues: Issue[] = []
  if (method.at('pagination') === undefined && !hasDefault) {
    const message = 'the list says nothing about paging'
    const hint = 'Add `pagination`, here or in integration.yaml; `strategy: none` says that there is one page.'
    issues.push(method.issue('key', 'list_without_pagination', { message, hint }))
  }
  if (method.at('complete') === undefined) {
    const message = 'the list does not say whether it leaves anything out by default'
    const hint = 'Add `complete: true`, or `complete: { omits: ..., include: { parameter: { const: value } } }`.'
    issues.push(method.issue('key', 'list_without_complete', { message, hint }))
  }
  return issues
}

function notAList(method: Located<Method>): Issue[] {
  return (['pagination', 'complete'] as const).flatMap((key) => {
    const node = method.at(key) as Located<unknown> | undefined
    const facts = {
      message: `\`${key}\` has no effect on an operation that is no list`,
      hint: 'Remove it, or add `list: true`.',
    }
    return node === undefined ? [] : [node.issue('key', 'unused_key', facts)]
  })
}

function parameterIssues(method: Located<Method>): Issue[] {
  const path = method.at('path')
  if (path?.template === undefined) return []
  const inPath = pathParametersOf(path.template)
  const seen = new Map<string, string>()
  return (method.at('parameters')?.entries() ?? []).flatMap(([name, parameter]) => {
    const { in: where } = parameter.value
    const wireName = `${where} ${where === 'header' ? name.toLowerCase() : name}`
    const earlier = seen.get(wireName)
    seen.set(wireName, name)
    if (earlier !== undefined) {
      const message = `the header \`${name}\` is declared as \`${earlier}\` already`
      return [parameter.issue('key', 'duplicate_parameter', { message, hint: 'Keep one of them.' })]
    }
    if ((where === 'path') === inPath.includes(name)) return []
    const message =
      where === 'path' ? `the path has no \`{{ $path.${name} }}\`` : `the path has \`{{ $path.${name} }}\``
    const hint = where === 'path' ? 'Put it into the path, or say where it goes.' : 'Write `in: path`, or rename it.'
    return [parameter.issue('key', 'path_parameter', { message, hint })]
  })
}
