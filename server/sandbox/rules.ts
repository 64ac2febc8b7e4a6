import type { Parameter, SandboxFile, SandboxId, SandboxMethod, SandboxResource } from '../../engine/index.ts'
import { complain, invalid } from './coherence.ts'
import type { DueRules, ExtraRoute, IdRules, MethodRules, ResourceRules, Rules, SeedRules, Values } from './contract.ts'
import { webhooksOf } from './signing.ts'
import { expression, Slots, shape, template } from './slots.ts'
import { compileSteps } from './steps.ts'
import { versionsOf } from './versions.ts'

type Entries<T> = (readonly [string, NonNullable<T>])[]

/** The entries of one key of all files. Throws definition_invalid when a name stands in two of them. */
function joined<T>(
  files: readonly SandboxFile[],
  pick: (file: SandboxFile) => Record<string, T> | undefined,
): Entries<T> {
  const entries = files.flatMap((file) => Object.entries(pick(file) ?? {})) as Entries<T>
  const twice = entries.find(([name], index) => entries.findIndex(([other]) => other === name) !== index)
  if (twice !== undefined) throw invalid(`The sandbox rules name ${twice[0]} twice`, 'Keep one of them.')
  return entries
}

function only<K extends keyof SandboxFile>(files: readonly SandboxFile[], key: K): SandboxFile[K] | undefined {
  const found = files.filter((file) => file[key] !== undefined)
  if (found.length > 1) throw invalid(`The sandbox rules say \`${key}\` twice`, 'Keep one of them.')
  return found[0]?.[key]
}

/** Compiles the checked rules of all files, given the names of the operations. Throws definition_invalid for what contradicts itself or is missing. */
export function compileRules(files: readonly SandboxFile[], operations: ReadonlySet<string>): Rules {
  const answers = only(files, 'answers') ?? {}
  const account = only(files, 'account')
  const resources = joined(files, (file) => file.resources).map(
    ([name, rule]) => [name, { ...resourceOf(name, rule), hasIdTokens: answers.token === 'next_id' }] as const,
  )
  const expand = only(files, 'expand')
  const versions = only(files, 'versions')
  const webhooks = only(files, 'webhooks')
  const rules: Rules = {
    account: {
      method: account?.method,
      credentials: account?.credentials ?? {},
      connection: account?.connection ?? {},
    },
    refusals: (account?.refuse ?? []).map(({ when, error }) => ({
      when: expression(when, ['request', 'constants', 'now']),
      error,
    })),
    constants: Object.fromEntries(joined(files, (file) => file.constants)),
    headers: Object.entries(answers.headers ?? {}).map(([name, tree]) => [name, shape(tree)]),
    list: shape(answers.list ?? '$list.records'),
    searchList: shape(answers.search ?? answers.list ?? '$list.records'),
    requestId: idOf(answers.request_id ?? { prefix: 'req_', length: 14 }, new Slots()),
    errors: new Map(
      joined(files, (file) => file.errors).map(([name, { status, headers = {}, body }]) => [
        name,
        {
          status,
          headers: Object.entries(headers).map(([key, tree]) => [key, shape(tree)] as const),
          body: shape(body),
        },
      ]),
    ),
    expand: expand && { ...expand, listPrefix: expand.list_prefix ?? 'data.' },
    eventsIn: only(files, 'events')?.in,
    routes: files.flatMap((file) => file.routes ?? []).map(routeOf),
    webhooks: webhooks === undefined ? undefined : webhooksOf(webhooks),
    due: files.flatMap((file) => file.due ?? []).map(dueOf),
    versions: versions === undefined ? undefined : versionsOf(versions),
    resources: new Map(resources),
    seed: files.flatMap((file) => file.seed ?? []).map(seedOf),
  }
  complain(rules, files, operations)
  return rules
}

function seedOf(rule: NonNullable<SandboxFile['seed']>[number]): SeedRules {
  const { count = 1, age_s: age } = rule
  return { count, fromS: age?.from ?? 0, toS: age?.to ?? 0, do: compileSteps(rule.do, new Slots()) }
}

function dueOf(rule: NonNullable<SandboxFile['due']>[number]): DueRules {
  const text = (source: string) => expression(source, ['constants'])
  const when = rule.when === undefined ? undefined : text(rule.when)
  return { in: rule.in, at: text(rule.at), when, do: compileSteps(rule.do, new Slots()) }
}

function idOf(rule: SandboxId, slots: Slots): IdRules {
  const { prefix = '', length = 14, alphabet, counter, value } = rule
  return { prefix, length, alphabet, counter, value: slots.maybe(value) }
}

function resourceOf(name: string, rule: SandboxResource): Omit<ResourceRules, 'hasIdTokens'> {
  const made = new Slots()
  const id = idOf(rule.id ?? {}, made)
  const record = stagesOf(made.fields(rule.record))
  const computed = Object.entries(rule.computed ?? {}).map(([field, source]) => [field, made.text(source)] as const)
  const methods = Object.entries(rule.methods ?? {}).map(
    ([method, one]) => [method, methodOf(method, one, made.known)] as const,
  )
  return {
    name,
    object: rule.object ?? name,
    id,
    idField: rule.id_field ?? 'id',
    single: rule.single ?? false,
    record,
    defaults: rule.defaults ?? {},
    rows: rule.rows ?? {},
    computed,
    links: Object.entries(rule.links ?? {}).map(([path, { to, always = false }]) => ({ path, to, always })),
    lists: Object.entries(rule.lists ?? {}).map(([field, { of, by, limit = 10, url, always = true }]) => ({
      field,
      of,
      by,
      limit,
      url: template(url),
      always,
    })),
    expandable: rule.expandable ?? {},
    parents: rule.parents ?? {},
    oldestFirst: rule.order === 'oldest_first',
    listed: made.maybe(rule.listed),
    keepS: rule.keep_s,
    filters: new Map(Object.entries(rule.filters ?? {}).map(([param, filter]) => [param, filterOf(param, filter)])),
    search: new Map(Object.entries(rule.search ?? {})),
    types: rule.types ?? {},
    methods: new Map(methods),
    merged: new Set(methods.flatMap(([, { merges }]) => merges)),
  }
}

/** Parameters of such an address are those of a body, or of a query where there is no body. */
function routeOf({ parameters = {}, ...route }: NonNullable<SandboxFile['routes']>[number]): ExtraRoute {
  const place: Parameter['in'] = route.verb === 'GET' || route.verb === 'DELETE' ? 'query' : 'body'
  const entries = Object.entries(parameters).map(([name, type]) => [name, { in: place, type }] as const)
  return { ...route, parameters: new Map(entries) }
}

/** Cuts fields into stages, a new one where a field reads the record of the stage before. */
function stagesOf(fields: readonly (readonly [string, Values])[]): (readonly [string, Values])[][] {
  const stages: (readonly [string, Values])[][] = [[]]
  for (const field of fields) {
    const here = new Set(stages.at(-1)?.map(([name]) => name))
    const reads = field[1].cells.flatMap(({ paths }) => paths).map((path) => path.split('.')[0] ?? '')
    if (reads.some((name) => name === '*' || here.has(name))) stages.push([])
    stages.at(-1)?.push(field)
  }
  return stages
}

function filterOf(param: string, filter: NonNullable<SandboxResource['filters']>[string]) {
  const scope = ['query', 'now', 'constants']
  return {
    field: filter.field ?? param,
    range: filter.range ?? false,
    any: filter.any ?? false,
    when: filter.when === undefined ? undefined : expression(filter.when, ['value', ...scope]),
    default: filter.default === undefined ? undefined : expression(filter.default, scope),
    order: filter.order === undefined ? undefined : expression(filter.order, ['value', ...scope]),
  }
}

function methodOf(name: string, rule: SandboxMethod, made: ReadonlySet<string> | undefined): MethodRules {
  const slots = new Slots()
  const { changes = [], merges = [], takes = [], tombstone = false } = rule
  const compiled = {
    name,
    before: compileSteps(rule.before, slots),
    with: rule.with === undefined ? undefined : slots.fields(rule.with),
    do: compileSteps(rule.do, slots),
    changes,
    merges,
    takes,
    set: slots.fields(rule.set),
    emit: slots.maybe(rule.emit),
    leaves: rule.leaves === undefined ? undefined : slots.tree(rule.leaves),
    checksId: rule.checks_id ?? true,
    makes: name === 'create' && (rule.makes ?? true),
    tombstone,
    status: rule.status ?? 200,
    answer: slots.maybe(rule.answer),
    body: rule.body === undefined ? undefined : slots.tree(rule.body),
    forgets: rule.forgets ?? false,
    lists: rule.lists,
  }
  const isMadeFromBody = compiled.makes && rule.with === undefined
  const isAllKnown = slots.known === undefined || (isMadeFromBody && made === undefined)
  const read = [...(slots.known ?? []), ...(isMadeFromBody ? (made ?? []) : [])]
  return { ...compiled, known: isAllKnown ? undefined : new Set([...read, ...changes, ...merges, ...takes]) }
}
