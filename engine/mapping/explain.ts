import type { FieldSpec, ModelResource, ResourceMapping } from '../definition/catalog.ts'
import type { Compiled } from '../expression/index.ts'
import { isSecretField, type SecretNames } from '../secret.ts'
import type { Frame } from './frame.ts'
import { isObject, type Json, readPath } from './paths.ts'
import { expressionsOf, lookupNames } from './plan.ts'

/** Why a field is null. */
export type NullReason =
  | 'missing_in_source'
  | 'null_in_source'
  | 'computed'
  | 'not_mapped'
  | 'absent'
  | 'table_absent'
  | 'field_error'
  | 'not_resolved'
  | 'not_requested'

/** What explaining a record needs to know. */
export interface Explained {
  readonly mapping: ResourceMapping
  readonly resource: ModelResource
  readonly frame: Frame
  readonly record: Json
  readonly failed: ReadonlySet<string>
  readonly unresolved: ReadonlySet<string>
  readonly secrets: ReadonlySet<unknown>
  readonly isWanted: (field: string) => boolean
}

/** For each field of a record: its expression, source paths, raw value and layer, and why it is null. */
export function explainRecord(given: Explained): Json {
  const explained: Json = {}
  for (const [name, spec] of given.frame.specs) Object.assign(explained, explainField(given, given.frame, name, spec))
  const specs = [...given.frame.specs.keys()]
  for (const name of propertiesOf(given.resource)) {
    if (CONVENTIONAL.has(name) || specs.some((spec) => spec === name || spec.startsWith(`${name}.`))) continue
    if (readPath(given.record, name) !== null) continue
    const why = given.mapping.absent.get(name)
    const reason: NullReason =
      why !== undefined
        ? 'absent'
        : given.isWanted(name) && !isExpandOnly(given.resource, name)
          ? 'not_mapped'
          : 'not_requested'
    explained[name] = { value_null_reason: reason, ...(why === undefined ? {} : { note: why }) }
  }
  return explained
}

const CONVENTIONAL = new Set(['object', 'provider', 'integrated_account_id', 'tenant_id', '_meta', 'remote_data'])

const propertiesOf = ({ schema }: ModelResource): string[] =>
  Object.keys(isObject(schema.properties) ? schema.properties : {})

const isExpandOnly = ({ schema }: ModelResource, name: string): boolean =>
  (readPath(schema.properties, name) as Json | undefined)?.['x-expand-only'] === true

function explainField(given: Explained, frame: Frame, name: string, spec: FieldSpec): Json {
  const own = ownFacts(given, frame, name, spec)
  const nested = spec.kind === 'each' || spec.kind === 'object' ? nestedOf(given, frame, name, spec) : {}
  return { [name]: own, ...nested }
}

function ownFacts(given: Explained, frame: Frame, name: string, spec: FieldSpec): Json {
  const sources = directExpressions(spec)
  const value = readPath(given.record, name)
  const isNull = value === null || value === undefined
  return {
    ...staticFacts(spec, sources),
    ...(spec.kind === 'const' ? {} : { raw: rawOf(sources, frame, given.secrets) }),
    ...(isNull ? { value_null_reason: nullReason(given, frame, name, spec, sources) } : {}),
    ...(isNull && spec.kind === 'expression' && spec.nullReason !== undefined ? { note: spec.nullReason } : {}),
  }
}

/** Fields below an object are explained with their values; those below a list once for all elements, as `list[].field`. */
function nestedOf(
  given: Explained,
  frame: Frame,
  name: string,
  spec: Extract<FieldSpec, { kind: 'each' | 'object' }>,
): Json {
  const inner = frame.outcomes.get(name)?.frames
  const isOne = inner !== undefined && !Array.isArray(inner)
  const all: Json = {}
  for (const [field, nested] of spec.fields) {
    const path = `${name}${spec.kind === 'each' ? '[]' : ''}.${field}`
    all[path] = isOne
      ? {
          ...staticFacts(nested, directExpressions(nested)),
          raw: rawOf(directExpressions(nested), inner as Frame, given.secrets),
        }
      : staticFacts(nested, directExpressions(nested))
  }
  return all
}

function directExpressions(spec: FieldSpec): readonly Compiled[] {
  if (spec.kind === 'each') return [spec.each]
  if (spec.kind === 'object') return spec.from === undefined ? [] : [spec.from]
  return expressionsOf(spec)
}

function staticFacts(spec: FieldSpec, sources: readonly Compiled[]): Json {
  const { address, layer } = spec
  return {
    ...(spec.kind === 'const'
      ? { const: spec.value }
      : { expression: sources.map(({ source }) => source).join(' | '), ...evaluatedBy(sources) }),
    source_paths: pathsOf(sources),
    layer,
    ...(address === undefined ? {} : { address: `${address.file}:${address.line}:${address.column}` }),
  }
}

const BACKENDS = ['interpreter', 'compiled', 'path'] as const

/** The slowest backend that any of the expressions goes to, and why it is left to the interpreter. */
function evaluatedBy(sources: readonly Compiled[]): Json {
  const backend = BACKENDS.find((one) => sources.some((source) => source.backend === one))
  const reason = sources.find((source) => source.backend === 'interpreter')?.reason
  return { ...(backend === undefined ? {} : { backend }), ...(reason === undefined ? {} : { backend_reason: reason }) }
}

const pathsOf = (sources: readonly Compiled[]): string[] => [
  ...new Set(sources.flatMap(({ paths, variablePaths }) => [...paths, ...variablePaths.map((path) => `$${path}`)])),
]

/** The value at the one source path, or the values by path; undefined where the whole record may be read. */
export function rawOf(sources: readonly Compiled[], frame: Frame, secrets: ReadonlySet<unknown>): unknown {
  const paths = pathsOf(sources).filter((path) => path !== '*')
  const read = (path: string) =>
    mask(path.startsWith('$') ? readPath(frame.variables, path.slice(1)) : readPath(frame.record, path), secrets)
  if (paths.length <= 1) return paths[0] === undefined ? undefined : read(paths[0])
  return Object.fromEntries(paths.map((path) => [path, read(path) ?? null]))
}

/** Texts in the secret fields of a native record, at any depth, to keep them out of what is shown. */
export function secretsOf(
  native: unknown,
  names: SecretNames,
  found = new Set<unknown>(),
  isSecret = false,
): Set<unknown> {
  if (names.size === 0 || typeof native !== 'object' || native === null) return found
  const fields = native as Json
  for (const name in fields) {
    const value = fields[name]
    const isHidden = isSecret || isSecretField(names, name, value)
    if (typeof value === 'object') secretsOf(value, names, found, isHidden)
    else if (typeof value === 'string' && value !== '' && isHidden) found.add(value)
  }
  return found
}

/** The value itself, or a copy in which every secret that it holds is replaced by `[secret]`. */
export function mask(value: unknown, secrets: ReadonlySet<unknown>): unknown {
  if (secrets.size === 0 || !holdsOne(value, secrets)) return value
  if (secrets.has(value)) return '[secret]'
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, secrets)]))
}

function holdsOne(value: unknown, secrets: ReadonlySet<unknown>): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((item) => holdsOne(item, secrets))
  return secrets.has(value)
}

function nullReason(
  given: Explained,
  frame: Frame,
  name: string,
  spec: FieldSpec,
  sources: readonly Compiled[],
): NullReason {
  if (given.failed.has(name)) return 'field_error'
  const names = expressionsOf(spec).flatMap(lookupNames)
  if (names.some((lookup) => given.unresolved.has(lookup) || (lookup === '*' && given.unresolved.size > 0)))
    return 'not_resolved'
  if (frame.outcomes.get(name)?.isTableNull === true) return 'table_absent'
  const paths = pathsOf(sources)
  const values = paths.map((path) =>
    path.startsWith('$') ? readPath(frame.variables, path.slice(1)) : readPath(frame.record, path === '*' ? '' : path),
  )
  if (values.every((value) => value === undefined)) return 'missing_in_source'
  return values.every((value) => value === undefined || value === null) ? 'null_in_source' : 'computed'
}
