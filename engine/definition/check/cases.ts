import type { AuthMethod, Case, Mapping } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { findMapping, platformLayers, topmost } from '../layers.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'

/** Cases: what they call, the account they run on, and that they expect exactly one outcome. */
export function checkCases(subject: Subject): Issue[] {
  const { integration } = subject
  return integration.cases.flatMap((file) =>
    ((file.at('cases')?.items() ?? []) as Located<Case>[]).flatMap((each) => [
      ...(integration.isBroken ? [] : callIssues(subject, each)),
      ...accountIssues(subject, each),
      ...outcomeIssues(each),
      ...subjectIssues(each),
    ]),
  )
}

function callIssues({ integration }: Subject, each: Located<Case>): Issue[] {
  const call = each.at('call')
  const [model, resource, method] = [call?.at('model'), call?.at('resource'), call?.at('method')]
  if (resource === undefined || method === undefined) return []
  if (model === undefined) {
    const id = `${resource.value}.${method.value}`
    if (integration.operations.has(id)) return []
    return [unknownName(method, 'value', 'case_reference', 'operation', id, integration.operations.keys())]
  }
  const file = integration.mappings.get(model.value)
  if (file === undefined) {
    return [unknownName(model, 'value', 'case_reference', 'mapped model', model.value, integration.mappings.keys())]
  }
  const found = findMapping(integration, `${model.value}/${resource.value}`)
  if (found === undefined) {
    const known = Object.keys(file.value.resources ?? {})
    return [unknownName(resource, 'value', 'case_reference', 'mapped resource', resource.value, known)]
  }
  const layers = platformLayers(integration, file, found.mapping)
  const known = methodsOf(layers)
  return known.includes(method.value)
    ? []
    : [unknownName(method, 'value', 'case_reference', 'mapped method', method.value, known)]
}

function methodsOf(layers: Parameters<typeof topmost>[0]): string[] {
  const keys = ['list', 'get', 'create', 'update', 'delete'] as const
  const named = layers.flatMap(({ mapping }) => Object.keys((mapping.value as Mapping).methods ?? {}))
  return [...keys.filter((key) => topmost(layers, key) !== undefined), ...named]
}

function accountIssues({ integration }: Subject, each: Located<Case>): Issue[] {
  const account = each.at('account')
  const { auth, modes = {}, settings = {} } = integration.definition?.value ?? {}
  const [method, mode] = [account?.at('method'), account?.at('mode')]
  const methods = Object.keys(auth?.methods ?? {})
  const fields = Object.values(auth?.methods ?? {}).flatMap((known) => Object.keys(known.fields ?? {}))
  const known = [...new Set([...fields, ...grantedBy(auth?.methods ?? {}), ...Object.keys(settings)])]
  const given = [...(account?.at('credentials')?.entries() ?? []), ...(account?.at('connection')?.entries() ?? [])]
  return [
    ...(method === undefined || methods.includes(method.value)
      ? []
      : [unknownName(method, 'value', 'case_reference', 'auth method', method.value, methods)]),
    ...(mode === undefined || mode.value in modes
      ? []
      : [unknownName(mode, 'value', 'unknown_mode', 'mode', mode.value, Object.keys(modes))]),
    ...given
      .filter(([name]) => !known.includes(name))
      .map(([name, node]) => unknownName(node, 'key', 'unknown_setting', 'field', name, known)),
  ]
}

/** Credentials that no form asks for, since a grant yields them. */
const grantedBy = (methods: Readonly<Record<string, AuthMethod>>): string[] =>
  Object.values(methods).flatMap(({ oauth2 }) =>
    oauth2 === undefined ? [] : ['access_token', 'refresh_token', ...Object.keys(oauth2.keep ?? {})],
  )

function outcomeIssues(each: Located<Case>): Issue[] {
  const expect = each.at('expect')
  if (expect === undefined) return []
  const error = expect.at('error')
  const hasResult = 'result' in expect.value
  if (hasResult !== (error !== undefined)) return []
  if (error !== undefined) {
    const facts = { message: '`error` cannot stand beside `result`', hint: 'A case has one outcome.' }
    return [error.issue('key', 'conflicting_keys', facts)]
  }
  const facts = { message: '`result` or `error` is missing', hint: 'Say what comes out.', valid: ['result', 'error'] }
  return [expect.issue('key', 'missing_key', facts)]
}

/** A case shows a call or a connect. */
function subjectIssues(each: Located<Case>): Issue[] {
  const [call, connect] = [each.at('call'), each.at('connect')]
  if (call !== undefined && connect !== undefined) {
    const facts = { message: '`connect` cannot stand beside `call`', hint: 'A case shows one thing.' }
    return [connect.issue('key', 'conflicting_keys', facts)]
  }
  if (call !== undefined || connect !== undefined) return []
  const facts = { message: '`call` or `connect` is missing', hint: 'Say what is done.', valid: ['call', 'connect'] }
  return [each.issue('key', 'missing_key', facts)]
}
