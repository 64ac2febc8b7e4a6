import type { ApiEndpoint, ApiParameter, OpenApi } from '../openapi/index.ts'
import type { Method } from '../schema/generated.ts'
import { openApiFields } from './check-openapi-fields.ts'
import type { Located } from './document.ts'
import type { SourceFile } from './files.ts'
import { type Issue, sortIssues } from './issue.ts'
import { compileModels } from './models.ts'
import { type RawIntegration, register } from './registry.ts'
import { didYouMean, shortList } from './words.ts'

/**
 * Holds an integration against the OpenAPI document of its provider: unknown paths and verbs, parameters that are missing
 * or unknown, other enum values, and fields of answers that mappings read. What cannot be called is an error.
 */
export function compareWithOpenApi(files: readonly SourceFile[], name: string, openApi: OpenApi): Issue[] {
  const { registry } = register(files)
  const integration = registry.integrations.get(name)
  if (integration === undefined) return []
  const { models } = compileModels(registry.modelDocuments)
  const endpoints = new Endpoints(openApi, integration)
  const operations = [...integration.operations].flatMap(([, method]) =>
    operationIssues(endpoints, integration, method),
  )
  const fields = openApiFields(
    { integration, models },
    (id) => endpoints.of(integration.operations.get(id)),
    openApi.schemas,
  )
  const all = [...operations, ...fields]
  return sortIssues([
    ...new Map(all.map((issue) => [`${issue.file}:${issue.line}:${issue.column} ${issue.message}`, issue])).values(),
  ])
}

const shapeOf = (path: string): string => path.replace(/\{\{[^}]*\}\}|\{[^}]*\}/g, '{}').replace(/\/+$/, '')

/** Base paths that hosts and servers put before a path. */
const baseOf = (url: string): string => /^https?:\/\/[^/]+(\/.*?)?\/*$/.exec(url)?.[1] ?? ''

/** The endpoints of a document by shape of their path, base paths of servers included. */
class Endpoints {
  readonly #byShape = new Map<string, Map<string, ApiEndpoint>>()
  readonly #hosts: Readonly<Record<string, { readonly url?: string }>>

  constructor({ api }: OpenApi, { definition }: RawIntegration) {
    this.#hosts = definition?.value.hosts ?? {}
    for (const endpoint of api.endpoints) {
      const bases = [...endpoint.servers, ...api.servers].map(({ url }) => baseOf(url))
      for (const base of new Set(['', ...bases])) {
        const shape = shapeOf(`${base}${endpoint.path}`)
        const verbs = this.#byShape.get(shape) ?? new Map<string, ApiEndpoint>()
        verbs.set(endpoint.verb, endpoint)
        this.#byShape.set(shape, verbs)
      }
    }
  }

  /** The endpoint that a method calls; undefined when there is none. */
  of(method: Located<Method> | undefined): ApiEndpoint | undefined {
    return this.verbsOf(method)?.get(method?.value.verb ?? '')
  }

  verbsOf(method: Located<Method> | undefined): ReadonlyMap<string, ApiEndpoint> | undefined {
    const path = method?.value.path
    if (path === undefined) return undefined
    const base = baseOf(this.#hosts[method?.value.host ?? 'default']?.url ?? '')
    return this.#byShape.get(shapeOf(`${base}${path}`)) ?? this.#byShape.get(shapeOf(path))
  }

  get shapes(): readonly string[] {
    return [...this.#byShape.keys()]
  }
}

function operationIssues(endpoints: Endpoints, integration: RawIntegration, method: Located<Method>): Issue[] {
  const [verb, path] = [method.at('verb'), method.at('path')]
  const verbs = endpoints.verbsOf(method)
  const endpoint = endpoints.of(method)
  if (verb === undefined || path === undefined) return []
  if (verbs === undefined) {
    const known = endpoints.shapes
    const message = `the document has no path \`${shapeOf(path.value)}\``
    return [
      path.issue('value', 'openapi_operation', {
        message,
        hint: `${didYouMean(shapeOf(path.value), known)}It has ${known.length} paths.`,
        valid: known,
      }),
    ]
  }
  if (endpoint === undefined) {
    const valid = [...verbs.keys()]
    const message = `the document has no ${verb.value} of this path`
    return [verb.issue('value', 'openapi_operation', { message, hint: `It has ${shortList(valid)}.`, valid })]
  }
  return parameterIssues(integration, method, endpoint)
}

type Declared = NonNullable<Method['parameters']>[string]

function parameterIssues(integration: RawIntegration, method: Located<Method>, endpoint: ApiEndpoint): Issue[] {
  const declared = (method.at('parameters')?.entries() ?? []) as [string, Located<Declared>][]
  const sent = sentByItself(integration, method)
  const known = endpoint.parameters.filter(({ in: where }) => where !== 'path')
  const isDeclared = ({ name }: ApiParameter): boolean =>
    declared.some(([given]) => given === name || given.startsWith(`${name}.`) || given.startsWith(`${name}[`))
  const missing = known.filter((each) => each.isRequired && !isDeclared(each) && !sent.has(each.name.toLowerCase()))
  const names = known.map(({ name }) => name)
  return [
    ...missing.map(({ name, in: where }) => {
      const message = `the document insists on the ${where} parameter \`${name}\``
      return method.issue('key', 'openapi_parameter', {
        message,
        hint: `Add \`${name}: { in: ${where}, required: true }\` to its parameters.`,
      })
    }),
    ...declared.flatMap(([name, node]) => {
      if (node.value.in === 'path') return []
      const found =
        known.find((each) => each.name === name) ?? known.find((each) => each.name === name.split(/[.[]/)[0])
      if (found === undefined) {
        const message = `the document has no parameter \`${name}\` here`
        const hint = `${didYouMean(name, names)}${names.length === 0 ? 'It has none.' : `It has ${shortList(names)}.`}`
        return [node.issue('key', 'openapi_parameter', { severity: 'warning', message, hint, valid: names })]
      }
      return found.name === name ? valueIssues(node, found) : []
    }),
  ]
}

function valueIssues(node: Located<Declared>, { enum: values }: ApiParameter): Issue[] {
  const own = node.at('enum')
  if (own === undefined || values === undefined) return []
  const [given, known] = [own.value.map(String), values.map(String)]
  const missing = known.filter((value) => !given.includes(value))
  const foreign = given.filter((value) => !known.includes(value))
  const words = [
    ...(missing.length === 0 ? [] : [`lists ${shortList(missing)} too`]),
    ...(foreign.length === 0 ? [] : [`does not list ${shortList(foreign)}`]),
  ]
  if (words.length === 0) return []
  const facts = {
    severity: 'warning' as const,
    message: `the document ${words.join(' and ')}`,
    hint: `It has ${shortList(known)}.`,
    valid: known,
  }
  return [own.issue('key', 'openapi_enum', facts)]
}

/** Names in lower case that the definition sends without a caller: key of a write, paging, constants, version, auth. */
function sentByItself({ definition }: RawIntegration, method: Located<Method>): ReadonlySet<string> {
  const main = definition?.value
  const keys = [main?.idempotency?.name, method.value.idempotency?.name, main?.api_version?.header]
  const constants = { ...main?.request?.constants, ...method.value.request?.constants }
  const headers = { ...main?.request?.headers, ...method.value.request?.headers }
  const methods = Object.values(main?.auth?.methods ?? {})
  const auth = methods.flatMap(({ name, headers: own }) => [name, ...Object.keys(own ?? {})])
  const all = [...keys, ...Object.keys(constants), ...Object.keys(headers), ...auth]
  return new Set(all.flatMap((name) => (name === undefined ? [] : [name.toLowerCase()])))
}
