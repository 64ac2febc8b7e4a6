import type { Clock, Integration, Operation } from '../../engine/index.ts'
import { refusalAnswer, writeAnswer } from './answers.ts'
import { readBody } from './body.ts'
import type { IdRules, MethodRules, RequestFacts, ResourceRules, Rules, Run } from './contract.ts'
import { CONTROL_PATH, type Controlled, clockControl, control } from './control.ts'
import { authMethodOf, type Check, createCheck } from './credentials.ts'
import { nested } from './form.ts'
import { cut, matching, pagingNames, unsimulated } from './lists.ts'
import { Machine } from './machine.ts'
import { readParameters } from './parameters.ts'
import { isObject, type Json, withAt } from './paths.ts'
import { createDice, type Dice } from './random.ts'
import { Refusal, refuse } from './refusal.ts'
import { type Answer, fingerprintOf, Replays } from './replays.ts'
import { createRouter, type Match } from './routes.ts'
import { compileRules } from './rules.ts'
import { furnish, sow } from './seed.ts'
import { answerOf } from './slots.ts'
import { isTrue } from './steps.ts'
import { WorldTime } from './time.ts'
import { Timeline } from './timeline.ts'
import { versionOf } from './versions.ts'

/** Header by which a test asks for an error of the rules by its name, such as rate_limited. */
const WISHED_ANSWER = 'sandbox-answer'

const MOST_BYTES = 32 * 1024 * 1024

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** Its definition and, in `sandbox`, its rules. */
  readonly integration: Integration
  readonly clock: Clock
  /** The same seed gives the same records and ids. Default the integration's name. */
  readonly seed?: string | undefined
  /** False leaves the invented data out. Default true. */
  readonly isSown?: boolean | undefined
}

/** A stateful stand-in for a provider, played from its rules; everything is in memory. */
export class Sandbox {
  readonly integration: Integration
  readonly rules: Rules
  /** Settles when the invented data is there; requests wait for it. Rejects when a rule fails over it. */
  readonly ready: Promise<void>
  readonly #time: WorldTime
  readonly #machine: Machine
  readonly #timeline: Timeline
  readonly #controlled: Readonly<Record<string, Controlled>>
  readonly #route: (verb: string, path: string) => Match | undefined
  readonly #check: Check
  readonly #replays = new Replays()
  readonly #requestDice: Dice

  /** Makes the world and begins to sow its seed. Throws EngineError definition_invalid for rules that do not hold together. */
  constructor({ integration, clock, seed = integration.name, isSown = true }: SandboxOptions) {
    this.integration = integration
    this.rules = compileRules(integration.sandbox, new Set(integration.operations.keys()))
    this.#time = new WorldTime(clock)
    this.#machine = new Machine(this.rules, this.#time, seed)
    this.#timeline = new Timeline(this.#machine, this.#time)
    this.#controlled = { clock: clockControl(this.#timeline, this.#time) }
    this.#route = createRouter(integration)
    this.#check = createCheck(integration, this.rules)
    this.#requestDice = createDice(`${seed} requests`)
    furnish(this.#machine)
    this.ready = isSown ? sow(this.#machine).then(() => this.#timeline.catchUp()) : Promise.resolve()
    this.ready.catch(() => undefined)
  }

  /** Credentials and auth method that it accepts. */
  get account(): { readonly method: string; readonly credentials: Readonly<Record<string, string>> } {
    return { method: authMethodOf(this.integration, this.rules).name, credentials: this.rules.account.credentials }
  }

  /** Answers a request as the provider would. */
  async fetch(request: Request): Promise<Response> {
    await this.ready
    const bytes = new Uint8Array(await request.arrayBuffer())
    const url = new URL(request.url)
    const asked = this.#factsOf(request, url)
    let facts = asked
    try {
      facts = { ...asked, version: versionOf(this.rules.versions, asked, this.rules.constants) }
      return await this.#answer(request, url, bytes, facts)
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure
      return this.#write(refusalAnswer(failure, facts, this.rules, this.#machine.now()), facts)
    }
  }

  async #answer(request: Request, url: URL, bytes: Uint8Array<ArrayBuffer>, facts: RequestFacts): Promise<Response> {
    this.#guard(request, url, facts)
    if (url.pathname === CONTROL_PATH || url.pathname.startsWith(`${CONTROL_PATH}/`))
      return control(this.#controlled, request.method, url.pathname, bytes)
    if (bytes.length > MOST_BYTES) throw refuse('invalid_body', { reason: 'size', maximum: MOST_BYTES })
    const match = this.#route(request.method, url.pathname)
    if (match === undefined) throw refuse('unknown_route', { verb: request.method, path: url.pathname })
    const { operation } = match
    const body = await readBody(bytes, request.headers.get('content-type') ?? '', operation)
    const { key, rest } = this.#replays.keyOf(operation, request.headers, body.fields)
    const keyed: RequestFacts = { ...facts, idempotency_key: key }
    const fingerprint = fingerprintOf(request.method, url.pathname + url.search, bytes)
    while (this.#timeline.isBehind()) await this.#timeline.catchUp()
    const kept = key === undefined ? undefined : this.#replays.find(key, fingerprint, operation, this.#machine.now())
    if (kept !== undefined) return this.#write(kept.answer, { ...keyed, replayed: true, original_id: kept.requestId })
    const run = this.#runOf(match, rest, body.texts, url, keyed)
    const answer = this.#run(match, run, keyed)
    if (key !== undefined) this.#replays.keep(key, { fingerprint, answer, requestId: facts.id, atS: run.now })
    return this.#write(answer, keyed)
  }

  #guard(request: Request, url: URL, facts: RequestFacts): void {
    const wished = request.headers.get(WISHED_ANSWER)
    if (wished !== null && this.rules.errors.has(wished)) throw new Refusal(wished)
    const { given, isRight } = this.#check(request.headers, url.searchParams)
    if (!isRight) throw refuse('unauthenticated', { given })
    const variables = { request: facts, constants: this.rules.constants, now: this.#machine.now() }
    const refusal = this.rules.refusals.find(({ when }) => isTrue(when.evaluate(undefined, variables)))
    if (refusal !== undefined) throw new Refusal(refusal.error)
  }

  #factsOf(request: Request, url: URL): RequestFacts {
    const id = newId(this.rules.requestId, this.#requestDice)
    return {
      id,
      verb: request.method,
      path: url.pathname,
      headers: Object.fromEntries(request.headers),
      query: Object.fromEntries(url.searchParams),
      idempotency_key: undefined,
      replayed: false,
      original_id: id,
      version: this.rules.versions?.default ?? '',
    }
  }

  #runOf({ operation, path }: Match, fields: Json, texts: boolean, url: URL, request: RequestFacts): Run {
    const rules = this.rules.resources.get(operation.resource)
    const method = rules?.methods.get(operation.name)
    if (rules === undefined || method === undefined) throw refuse('not_simulated', { operation: operation.id })
    const extra = new Set([
      ...pagingNames(operation),
      ...(this.rules.expand === undefined ? [] : [this.rules.expand.param]),
    ])
    const given = nested(url.searchParams)
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

  #run(match: Match, run: Run, facts: RequestFacts): Answer {
    const machine = this.#machine
    const stays = (failure: unknown): boolean => failure instanceof Refusal && failure.keep
    try {
      const isTrial = machine.resource(run.resource).methods.get(match.operation.name)?.forgets
      return machine.store.transact(() => this.#result(match, run), stays, isTrial)
    } catch (failure) {
      if (!(failure instanceof Refusal) || !failure.keep) throw failure
      return refusalAnswer(failure, facts, this.rules, this.#machine.now())
    }
  }

  #result({ operation }: Match, run: Run): Answer {
    const rules = this.#machine.resource(run.resource)
    const wishes = this.#wishes(run)
    const method = rules.methods.get(operation.name)
    const body = isPaged(operation, method)
      ? this.#list(operation, this.#listed(run, method), wishes)
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

  #list(operation: Match['operation'], run: Run, wishes: readonly string[]): unknown {
    const machine = this.#machine
    const rules = machine.resource(run.resource)
    const skip = new Set([...pagingNames(operation), this.rules.expand?.param])
    const given = Object.fromEntries(
      Object.entries({ ...run.body, ...run.query }).filter(([name, value]) => !skip.has(name) && value !== null),
    )
    const unknown = unsimulated(operation, rules, given)
    if (unknown !== undefined) throw refuse('not_simulated', { operation: operation.id, param: unknown })
    const inner = wishes.map((path) => {
      if (path.startsWith('data.')) return path.slice('data.'.length)
      throw refuse('invalid_expand', { path, at: path.split('.')[0], reason: 'unknown' })
    })
    const views = machine.viewsOf(run.request.version)
    const wish = views.wish(run.resource, inner, 1)
    const page = cut(matching(machine, operation, run, given), operation, rules, run.query, run.request.path)
    const records = page.records.map((record) => views.show(run.resource, record, wish))
    const envelope = operation.name === 'search' ? this.rules.searchList : this.rules.list
    return answerOf(envelope, { list: { ...page, records }, request: run.request, constants: this.rules.constants })
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
    const { expand } = this.rules
    const given = expand === undefined ? undefined : (query[expand.param] ?? body[expand.param])
    if (given === undefined || given === null) return []
    if (!Array.isArray(given))
      throw refuse('invalid_parameter', { param: expand?.param, value: given, expected: 'array' })
    return given.map(String)
  }

  #write(answer: Answer, facts: RequestFacts): Response {
    return writeAnswer(answer, facts, this.rules, this.#machine.now())
  }
}

/** Whether a call answers with a page of records. */
const isPaged = (operation: Operation, method: MethodRules | undefined): boolean =>
  operation.isList && (operation.name === 'list' || operation.name === 'search' || method?.lists !== undefined)

const newId = ({ prefix, length, alphabet }: IdRules, dice: Dice): string => prefix + dice.text(length, alphabet)
