import type { Compiled } from '../../engine/index.ts'
import { Agenda } from './agenda.ts'
import type { Link, MethodRules, ResourceRules, Rules, Run, Values, World } from './contract.ts'
import { Ids } from './ids.ts'
import { at, isObject, type Json, withAll } from './paths.ts'
import { createDice, type Dice } from './random.ts'
import { changed, idText, merged } from './records.ts'
import { type Refusal, refuse } from './refusal.ts'
import { compute } from './slots.ts'
import { isTrue, runSteps } from './steps.ts'
import { Store, type Where } from './store.ts'
import type { WorldTime } from './time.ts'
import { variablesOf } from './variables.ts'
import { olderViews } from './versions.ts'
import { Views } from './views.ts'

/** The simulated world: records, and the methods that change them as the rules say. Knows nothing of HTTP. */
export class Machine implements World {
  readonly rules: Rules
  readonly store: Store
  readonly agenda: Agenda
  readonly dice: Dice
  /** Told of every event: the record, and how it is shown in a version. */
  onEvent: ((event: Json, shownIn: (version: string) => Json) => void) | undefined
  readonly #time: WorldTime
  readonly #views = new Map<string, Views>()
  readonly #ids: Ids
  /** What the expressions of a run see; it follows the run. */
  readonly #seen = new WeakMap<Run, Json>()
  #aheadS = 0

  constructor(rules: Rules, time: WorldTime, seed: string) {
    this.rules = rules
    this.#time = time
    this.#ids = new Ids(seed)
    this.dice = createDice(seed)
    this.store = new Store((resource, id) => this.agenda.touch(resource, id))
    this.agenda = new Agenda(rules.due, rules.constants, (resource, id) => this.store.row(resource, id))
  }

  now(): number {
    return this.#time.now()
  }

  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new TypeError('the clock of the sandbox only moves forward')
    this.#aheadS += seconds
  }

  /** Moves the clock as far as the steps of a call wished; not at all after a call that failed. */
  moveOn(hasSucceeded: boolean): void {
    if (hasSucceeded && this.#aheadS > 0) this.#time.arrive(this.#time.present() + this.#aheadS)
    this.#aheadS = 0
  }

  /** How records look in a version; in that of the account by default. */
  viewsOf(version = ''): Views {
    const wanted = version === '' ? (this.rules.versions?.default ?? '') : version
    const views =
      this.#views.get(wanted) ??
      new Views(this.rules, this.store, () => this.now(), olderViews(this.rules.versions, wanted))
    this.#views.set(wanted, views)
    return views
  }

  /** Rules of a resource. */
  resource(name: string): ResourceRules {
    const rules = this.rules.resources.get(name)
    if (rules === undefined) throw new TypeError(`the sandbox rules have no resource ${name}`)
    return rules
  }

  current(run: Run): Json | undefined {
    return run.id === undefined ? undefined : this.store.get(run.resource, run.id)
  }

  evaluate(expression: Compiled, run: Run): unknown {
    return expression.evaluate(this.current(run), this.#variables(run))
  }

  values(list: readonly Values[], run: Run): unknown[] {
    return compute(list, this.current(run), this.#variables(run))
  }

  get(resource: string, id: unknown): Json | undefined {
    const key = idText(id)
    return key === undefined ? undefined : this.store.get(resource, key)
  }

  need(resource: string, id: unknown, param: string): Json {
    const found = this.get(resource, id)
    if (found === undefined) throw this.missing([resource], id, param)
    return found
  }

  find(resource: string, where: Where, run: Run): readonly Json[] {
    const found = this.store.find(resource, where, run.now)
    return this.resource(resource).oldestFirst ? found : found.reverse()
  }

  create(resource: string, body: Json, run: Run): Json {
    const rules = this.resource(resource)
    const inner: Run = { ...run, resource, body, id: undefined }
    const id = this.#idOf(rules, inner)
    if (this.get(resource, id) !== undefined) throw refuse('record_exists', { resource, object: rules.object, id })
    const record = this.#draft(rules, id, inner)
    this.#checkLinks(rules, record, () => true)
    this.store.add(resource, String(id), record, run.now)
    return record
  }

  /** A new record of these rules, as it would be kept. */
  #draft(rules: ResourceRules, id: unknown, inner: Run): Json {
    let record: Json = { [rules.idField]: id }
    const variables = this.#variables(inner)
    for (const stage of rules.record) {
      const values = compute(
        stage.map(([, value]) => value),
        record,
        variables,
      )
      const entries = stage.map(
        ([field], index) => [field, values[index] ?? rules.defaults[field] ?? values[index]] as const,
      )
      record = { ...record, ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)) }
    }
    for (const field of rules.merged) {
      if (isObject(record[field])) record = { ...record, [field]: merged({}, record[field]) }
    }
    return record
  }

  set(resource: string, id: string, fields: readonly (readonly [path: string, value: unknown])[]): Json {
    const before = this.need(resource, id, 'id')
    const after = withAll(before, fields)
    const touched = ({ path }: Link): boolean =>
      fields.some(([field]) => path === field || path.startsWith(`${field}.`) || field.startsWith(`${path}.`))
    this.#checkLinks(this.resource(resource), after, touched)
    this.store.put(resource, id, after)
    return after
  }

  remove(resource: string, id: string): void {
    this.need(resource, id, 'id')
    this.store.remove(resource, id)
  }

  call(method: string, id: string | undefined, body: Json, run: Run): unknown {
    const [resource = '', name = ''] = method.split('.')
    const rules = this.resource(resource).methods.get(name)
    if (rules === undefined) throw new TypeError(`the sandbox rules have no method ${method}`)
    const inner: Run = {
      ...run,
      resource,
      id,
      body,
      query: {},
      path: id === undefined ? {} : { id },
      let: {},
      item: null,
    }
    const result = this.perform(rules, inner)
    run.now = inner.now
    return result
  }

  /** Runs a method: steps before, its own change, steps after, event. Gives the record, or the body that it makes. */
  perform(method: MethodRules, run: Run): unknown {
    const rules = this.resource(run.resource)
    if (run.id !== undefined && method.checksId) this.need(run.resource, run.id, 'id')
    runSteps(method.before, this, run)
    if (method.makes) run.id = String(this.create(run.resource, this.#material(method, run), run)[rules.idField])
    const before = this.current(run)
    if (method.name === 'delete') return this.#delete(method, run)
    this.#change(method, rules, run)
    runSteps(method.do, this, run)
    if (method.emit !== undefined && run.id !== undefined) {
      const type = this.evaluate(method.emit, run)
      if (typeof type === 'string') this.emit(type, run.resource, run.id, run, method.makes ? undefined : before)
    }
    if (method.body !== undefined) return this.values([method.body], run)[0]
    if (method.answer !== undefined) return this.evaluate(method.answer, run)
    return this.current(run)
  }

  show(resource: string, id: string, run: Run): Json {
    return this.viewsOf(run.request.version).show(resource, this.need(resource, id, 'id'))
  }

  emit(type: string, resource: string, id: string, run: Run, before?: Json): void {
    const { eventsIn } = this.rules
    if (eventsIn === undefined || this.#isTooOld(eventsIn, run)) return
    const record = this.store.get(resource, id)
    if (record === undefined) return
    const views = this.viewsOf()
    const object = views.show(resource, record)
    const previous = before === undefined ? undefined : changed(views.show(resource, before), object)
    const version = this.rules.versions?.default
    const changes = previous === undefined ? {} : { previous }
    const body = { type, object, ...changes, ...(version === undefined ? {} : { version }) }
    const event = this.create(eventsIn, body, run)
    this.onEvent?.(event, (wanted) => {
      const older = this.viewsOf(wanted)
      const shown = older.show(resource, record)
      const was = before === undefined ? {} : { previous: changed(older.show(resource, before), shown) }
      const material = { type, object: shown, ...was, version: wanted }
      const inner: Run = { ...run, resource: eventsIn, id: undefined, body: material }
      const rules = this.resource(eventsIn)
      const draft = this.#draft(rules, event[rules.idField], inner)
      return older.show(eventsIn, { ...event, ...draft })
    })
  }

  /** Whether a record shows in lists. */
  isListed(rules: ResourceRules, record: Json, atS: number): boolean {
    const now = this.now()
    if (rules.keepS !== undefined && atS < now - rules.keepS) return false
    return rules.listed === undefined || isTrue(rules.listed.evaluate(record, { now, constants: this.rules.constants }))
  }

  #isTooOld(resource: string, run: Run): boolean {
    const { keepS } = this.resource(resource)
    return keepS !== undefined && run.now < this.#time.present() - keepS
  }

  /** What a new record is made from. */
  #material(method: MethodRules, run: Run): Json {
    if (method.with === undefined) return run.body
    const values = this.values(
      method.with.map(([, value]) => value),
      run,
    )
    const entries = method.with.map(([name], index) => [name, values[index]] as const)
    return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined))
  }

  #delete(method: MethodRules, run: Run): unknown {
    const id = run.id
    if (id === undefined) throw new TypeError(`${run.resource}.delete has no record`)
    const leaves = method.leaves === undefined ? undefined : this.values([method.leaves], run)[0]
    runSteps(method.do, this, run)
    const type = method.emit === undefined ? undefined : this.evaluate(method.emit, run)
    if (typeof type === 'string') this.emit(type, run.resource, id, run)
    this.store.remove(run.resource, id, method.tombstone && isObject(leaves) ? leaves : undefined)
    return leaves
  }

  #change(method: MethodRules, rules: ResourceRules, run: Run): void {
    const record = this.current(run)
    if (run.id === undefined || record === undefined) return
    const named = method.changes.filter((field) => Object.hasOwn(run.body, field))
    const templates = new Map(named.length === 0 ? [] : rules.record.flat())
    const changes = named.map((field): [string, unknown] => {
      const values = templates.get(field)
      return [field, values === undefined ? run.body[field] : this.values([values], run)[0]]
    })
    const merges = method.merges
      .filter((field) => Object.hasOwn(run.body, field))
      .map((field): [string, unknown] => [field, merged(record[field], run.body[field])])
    const values = this.values(
      method.set.map(([, value]) => value),
      run,
    )
    const set = method.set.map(([path], index): [string, unknown] => [path, values[index]])
    const all = [...changes, ...merges, ...set]
    if (all.length > 0) this.set(run.resource, run.id, all)
  }

  #checkLinks(rules: ResourceRules, record: Json, isTouched: (link: Link) => boolean): void {
    for (const link of rules.links) {
      if (!isTouched(link)) continue
      const ids = [at(record, link.path)].flat().map(idText)
      const id = ids.find((one) => one !== undefined && !link.to.some((to) => this.store.get(to, one) !== undefined))
      if (id !== undefined) throw this.missing(link.to, id, link.path)
    }
  }

  /** The refusal of an id that no record has. */
  missing([resource = '']: readonly string[], id: unknown, param: string): Refusal {
    return refuse('record_not_found', { resource, object: this.resource(resource).object, id, param })
  }

  #idOf(rules: ResourceRules, run: Run): string | number {
    const given = rules.id.value?.evaluate(undefined, this.#variables(run))
    if (typeof given === 'string' && given !== '') return given
    return this.#ids.next(rules, (id) => this.store.get(rules.name, id) !== undefined)
  }

  #variables(run: Run): Json {
    const seen = this.#seen.get(run) ?? variablesOf(run, this.rules.constants, this.dice)
    this.#seen.set(run, seen)
    return seen
  }
}
