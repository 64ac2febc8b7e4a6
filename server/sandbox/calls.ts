import type { Operation } from '../../engine/index.ts'
import { refusalAnswer } from './answers.ts'
import type { MethodRules, RequestFacts, ResourceRules, Run } from './contract.ts'
import { nested } from './form.ts'
import { cut, matching, pagingNames, unsimulated } from './lists.ts'
import type { Machine } from './machine.ts'
import { readParameters } from './parameters.ts'
import { at, isObject, type Json, withAt } from './paths.ts'
import { Refusal, refuse } from './refusal.ts'
import type { Answer } from './replays.ts'
import type { Match } from './routes.ts'
import { answerOf } from './slots.ts'

/** Does what an operation asks for: parameters in, the machine at work, an answer out. */
export class Calls {
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** The run of a matched operation, its parameters checked and typed. */
  prepare({ operation, path }: Match, fields: Json, texts: boolean, url: URL, request: RequestFacts): Run {
    const rules = this.#machine.rules.resources.get(operation.resource)
    const method = rules?.methods.get(operation.name)
    if (rules === undefined || method === undefined) throw refuse('not_simulated', { operation: operation.id })
    const extra = new Set([
      ...pagingNames(operation),
      ...(this.#machine.rules.expand === undefined ? [] : [this.#machine.rules.expand.param]),
    ])
    // `filter[email]` and `page[size]` may be names of parameters, or parts of an object.
    const given = nested(url.searchParams, new Set([...operation.parameters.keys(), ...extra]))
    const query = readParameters(given, operation, 'query', rules.types, true, extra)
    const isTextual = texts && operation.request.nulls === 'empty'
    const body = readParameters(fields, operation, 'body', rules.types, texts && isTextual, extra)
    const known = isPaged(operation, method) ? undefined : method.known
    const unknown =
      known === undefined
        ? undefined
        : [...Object.keys(body), ...Object.keys(query)].find((name) => !known.has(name) && !extra.has(name))
    if (unknown !== undefined) throw refuse('not_simulated', { operation: operation.id, param: unknown })
    const id = operation.on === 'record' && !rules.single ? String(path.id ?? Object.values(path).at(-1)) : undefined
    this.#checkParents(rules, path, id)
    const now = this.#machine.now()
    return { resource: rules.name, id, body, query, path, let: {}, item: null, now, request }
  }

  /** The records that the path names must exist, and the record at its end belong to them. */
  #checkParents({ name, parents }: ResourceRules, path: Json, id: string | undefined): void {
    const machine = this.#machine
    for (const [param, resource] of Object.entries(parents)) {
      if (path[param] === undefined) continue
      machine.need(resource, path[param], param)
      const record = id === undefined ? undefined : machine.need(name, id, 'id')
      if (record !== undefined && String(record[param]) !== path[param]) throw machine.missing([name], id, 'id')
    }
  }

  /** Does it, whole or not at all, but for what a refusal keeps. Throws the refusals that keep nothing. */
  perform(match: Match, run: Run): Answer {
    const machine = this.#machine
    const stays = (failure: unknown): boolean => failure instanceof Refusal && failure.keep
    try {
      const isTrial = machine.resource(run.resource).methods.get(match.operation.name)?.forgets
      const answer = machine.store.transact(() => this.#result(match, run), stays, isTrial)
      machine.moveOn(isTrial !== true)
      return answer
    } catch (failure) {
      machine.moveOn(false)
      if (!(failure instanceof Refusal) || !failure.keep) throw failure
      return refusalAnswer(failure, run.request, this.#machine.rules, this.#machine.now())
    }
  }

  /** The id of the record in an answer. */
  idIn({ resource, response: { record } }: Operation, body: unknown): unknown {
    const found = record?.backend === 'path' ? at(body, record.source) : body
    return isObject(found) ? found[this.#machine.resource(resource).idField] : undefined
  }

  #result({ operation }: Match, run: Run): Answer {
    const rules = this.#machine.resource(run.resource)
    const wishes = this.#wishes(run)
    const method = rules.methods.get(operation.name)
    const body = isPaged(operation, method)
      ? this.#list(operation, this.#listed(run, method), wishes, method?.takes ?? [])
      : this.#one(operation, run, wishes)
    const { record } = operation.response
    const wrapped = operation.isList || record?.backend !== 'path' ? body : withAt({}, record.source, body)
    return { status: method?.status ?? 200, body: wrapped, headers: [] }
  }

  /** The run as a list of the resource that the method lists: its records that belong to the one at hand. */
  #listed(run: Run, method: MethodRules | undefined): Run {
    if (method?.lists === undefined) return run
    const { of, by } = method.lists
    if (run.id === undefined) return { ...run, resource: of }
    this.#machine.need(run.resource, run.id, 'id')
    return { ...run, resource: of, id: undefined, path: { [by]: run.id } }
  }

  #list(operation: Match['operation'], run: Run, wishes: readonly string[], takes: readonly string[]): unknown {
    const machine = this.#machine
    const rules = machine.resource(run.resource)
    const skip = new Set([...pagingNames(operation), ...takes, machine.rules.expand?.param])
    const given = Object.fromEntries(
      Object.entries({ ...run.body, ...run.query }).filter(([name, value]) => !skip.has(name) && value !== null),
    )
    const unknown = unsimulated(operation, rules, given)
    if (unknown !== undefined) throw refuse('not_simulated', { operation: operation.id, param: unknown })
    const prefix = machine.rules.expand?.listPrefix ?? ''
    const inner = wishes.map((path) => {
      if (path.startsWith(prefix)) return path.slice(prefix.length)
      throw refuse('invalid_expand', { path, at: path.split('.')[0], reason: 'unknown' })
    })
    const views = machine.viewsOf(run.request.version)
    const wish = views.wish(run.resource, inner, prefix === '' ? 0 : 1)
    const paging = { ...run.body, ...run.query }
    const page = cut(matching(machine, operation, run, given), operation, rules, paging, run.request.path)
    const records = page.records.map((record) => views.show(run.resource, record, wish))
    const envelope = operation.name === 'search' ? this.#machine.rules.searchList : this.#machine.rules.list
    return answerOf(envelope, {
      list: { ...page, records, at: operation.response.records?.source },
      request: run.request,
      constants: this.#machine.rules.constants,
    })
  }

  #one(operation: Match['operation'], run: Run, wishes: readonly string[]): unknown {
    const machine = this.#machine
    const rules = machine.resource(run.resource)
    const views = machine.viewsOf(run.request.version)
    const wish = views.wish(run.resource, wishes)
    if (rules.single) run.id = machine.store.rows(run.resource)[0]?.id
    const gone =
      operation.name === 'get' && run.id !== undefined ? machine.store.tombstone(run.resource, run.id) : undefined
    if (gone !== undefined) return gone
    const method = rules.methods.get(operation.name)
    if (method === undefined) throw refuse('not_simulated', { operation: operation.id })
    const result = machine.perform(method, run)
    const id =
      method.body === undefined && method.leaves === undefined && isObject(result) ? result[rules.idField] : undefined
    const record = machine.get(run.resource, id)
    return record === undefined ? result : views.show(run.resource, record, wish)
  }

  #wishes({ query, body }: Run): readonly string[] {
    const { expand } = this.#machine.rules
    const given = expand === undefined ? undefined : (query[expand.param] ?? body[expand.param])
    if (given === undefined || given === null) return []
    if (!Array.isArray(given))
      throw refuse('invalid_parameter', { param: expand?.param, value: given, expected: 'array' })
    return given.map(String)
  }
}

/** Whether a call answers with a page of records. */
const isPaged = (operation: Operation, method: MethodRules | undefined): boolean =>
  operation.isList && (operation.name === 'list' || operation.name === 'search' || method?.lists !== undefined)
