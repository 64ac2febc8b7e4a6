import type { CompiledAuthMethod, Integration, Operation, RequestRules } from '../../engine/definition/catalog.ts'
import { compileExpression, compileTemplate } from '../../engine/expression/index.ts'

/** A compiled expression that must compile. */
export function expression(source: string, scope: readonly string[] = ['credentials', 'connection']) {
  const result = compileExpression(source, scope)
  if ('problems' in result) throw new Error(`${source}: ${JSON.stringify(result.problems)}`)
  return result.expression
}

/** A compiled template that must compile. */
export function template(source: string, scope: readonly string[] = ['path', 'connection', 'account', 'credentials']) {
  const result = compileTemplate(source, scope)
  if ('problems' in result) throw new Error(`${source}: ${JSON.stringify(result.problems)}`)
  return result.template
}

/** Request rules as a definition that says nothing has them, and what the test says. */
export const requestRules = (rules: Partial<RequestRules> = {}): RequestRules => ({
  body: 'json',
  form: 'indexed',
  jsonFields: new Set(),
  arrays: 'brackets',
  nulls: 'null',
  envelope: undefined,
  constants: {},
  defaults: new Map(),
  headers: new Map(),
  timeoutMs: 5000,
  ...rules,
})

/** An operation of a made-up provider, e.g. `operation('customers.get', 'GET', '/v1/customers/{{ $path.id }}')`. */
export function operation(
  id: string,
  verb: Operation['verb'],
  path: string,
  extra: Partial<Omit<Operation, 'request'>> & { readonly request?: Partial<RequestRules> } = {},
): Operation {
  const [resource = '', name = ''] = id.split('.')
  const compiled = template(path)
  return {
    id,
    integration: 'acme',
    resource,
    name,
    description: undefined,
    effect: verb === 'GET' ? 'read' : 'write',
    verb,
    host: 'default',
    path: compiled,
    pathParameters: compiled.parts.flatMap((part) =>
      typeof part === 'string' ? [] : part.variablePaths.map((at) => at.replace(/^path\./, '')),
    ),
    isList: name === 'list',
    on: 'record',
    deprecated: false,
    tags: [],
    parameters: new Map(),
    response: { format: 'json', maxBytes: 1 << 20, bigIntegers: 'number', records: undefined, record: undefined },
    pagination: undefined,
    complete: undefined,
    idempotency: undefined,
    retry: { attempts: 1, baseMs: 1, capMs: 1, statuses: new Set(), hints: [] },
    errors: [],
    buckets: [],
    money: { form: 'minor' },
    time: { form: 's' },
    amount: undefined,
    currency: undefined,
    address: { file: 'acme.yaml', line: 1, column: 1 },
    ...extra,
    request: requestRules(extra.request),
  }
}

/** An auth method of the given type. */
export const authMethod = (
  type: CompiledAuthMethod['type'],
  extra: Partial<CompiledAuthMethod> = {},
): CompiledAuthMethod => ({
  name: 'key',
  type,
  label: 'Key',
  description: undefined,
  fields: {},
  app: {},
  token: undefined,
  username: undefined,
  password: undefined,
  in: undefined,
  keyName: undefined,
  value: undefined,
  headers: new Map(),
  verify: undefined,
  identity: undefined,
  oauth2: undefined,
  signing: undefined,
  ...extra,
})

/** What is owned, written as lists. */
export const owned = (
  names: { headers?: string[]; query?: string[]; body?: string[]; paths?: string[] } = {},
): Integration['owned'] => ({
  headers: new Set(names.headers ?? []),
  query: new Set(names.query ?? []),
  body: new Set(names.body ?? []),
  paths: names.paths ?? [],
})

/** A host of the integration. */
export const host = (name: string, url: string, suffix?: string, modes: Readonly<Record<string, string>> = {}) => ({
  name,
  url: template(url),
  suffix,
  modes: new Map(Object.entries(modes).map(([mode, text]) => [mode, template(text)] as const)),
})

/** A made-up provider with bearer auth at https://api.acme.test, and what the test says. */
export function integration(operations: readonly Operation[], extra: Partial<Integration> = {}): Integration {
  return {
    name: 'acme',
    label: 'Acme',
    description: 'A made-up processor.',
    docs: undefined,
    accountTokenPrefix: undefined,
    settings: {},
    hosts: new Map([['default', host('default', 'https://api.acme.test')]]),
    modes: [],
    apiVersion: undefined,
    auth: {
      methods: new Map([['key', authMethod('bearer', { token: expression('$credentials.key') })]]),
      verify: undefined,
      identity: undefined,
      postInstall: [],
    },
    owned: owned({ headers: ['authorization'] }),
    failure: { message: undefined, code: undefined, requestId: undefined },
    feedback: { limited: undefined, retryAfter: undefined, reset: undefined, remaining: undefined, reason: undefined },
    buckets: [],
    traits: new Map(),
    events: undefined,
    webhooks: undefined,
    resources: new Map(),
    operations: new Map(operations.map((each) => [each.id, each])),
    mappings: new Map(),
    mappingSources: new Map(),
    sandbox: [],
    isExtra: false,
    folder: 'integrations/acme',
    ...extra,
  }
}
