import type { Clock, Integration, Transport } from '../../engine/index.ts'
import { refusalAnswer, writeAnswer } from './answers.ts'
import { readBody } from './body.ts'
import { Calls } from './calls.ts'
import type { IdRules, RequestFacts, Rules } from './contract.ts'
import { CONTROL_PATH, type Controlled, clockControl, control } from './control.ts'
import { authMethodOf, type Check, createCheck, headerOf } from './credentials.ts'
import { Deliveries } from './deliveries.ts'
import { Faults } from './faults.ts'
import { Limits } from './limits.ts'
import { Machine } from './machine.ts'
import { createDice, type Dice } from './random.ts'
import { Refusal, refuse } from './refusal.ts'
import { type Answer, fingerprintOf, Replays } from './replays.ts'
import { createRouter, type Match } from './routes.ts'
import { compileRules } from './rules.ts'
import { furnish, sow } from './seed.ts'
import { compiledFrom } from './slots.ts'
import { isTrue } from './steps.ts'
import { WorldTime } from './time.ts'
import { Timeline } from './timeline.ts'
import { createTokenEndpoint, SANDBOX_TOKEN, type TokenEndpoint } from './tokens.ts'
import { versionOf } from './versions.ts'

/** Header by which a test asks for an error of the rules by its name, such as rate_limited. */
const WISHED_ANSWER = 'sandbox-answer'

const MOST_BYTES = 32 * 1024 * 1024
const PEM = { 'content-type': 'application/x-pem-file' }

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** Its definition and, in `sandbox`, its rules. */
  readonly integration: Integration
  readonly clock: Clock
  /** The same seed gives the same records and ids. Default the integration's name. */
  readonly seed?: string | undefined
  /** False leaves the invented data out. Default true. */
  readonly isSown?: boolean | undefined
  /** True puts the invented data off until the first request after `release`; earlier ones see a world without it. Default false. */
  readonly isHeld?: boolean | undefined
  /** Brings events to webhook endpoints. Without one every try fails. */
  readonly transport?: Transport | undefined
  /** When its world starts, in seconds. Default the time of the clock. */
  readonly startS?: number | undefined
}

/** A stateful stand-in for a provider, played from its rules; everything is in memory. */
export class Sandbox {
  readonly integration: Integration
  readonly rules: Rules
  readonly #time: WorldTime
  readonly #machine: Machine
  readonly #timeline: Timeline
  readonly #calls: Calls
  readonly #faults: Faults
  readonly #limits: Limits
  readonly #deliveries: Deliveries | undefined
  readonly #controlled: Readonly<Record<string, Controlled>>
  readonly #route: (verb: string, path: string) => Match | undefined
  readonly #check: Check
  readonly #tokenFor: TokenEndpoint
  readonly #replays = new Replays()
  readonly #requestDice: Dice
  readonly #isSown: boolean
  #isHeld: boolean
  #sown: Promise<void> | undefined

  /** Makes the world and begins to sow its seed. Throws EngineError definition_invalid for rules that do not hold together. */
  constructor(options: SandboxOptions) {
    const { integration, clock, seed = integration.name, isSown = true, isHeld = false, transport, startS } = options
    this.integration = integration
    const { sandbox: files, operations, isExtra, folder } = integration
    const names = new Set(operations.keys())
    this.rules = compiledFrom(isExtra ? `${folder}/sandbox` : undefined, () => compileRules(files, names))
    this.#time = new WorldTime(clock)
    if (startS !== undefined) this.#time.arrive(startS)
    this.#machine = new Machine(this.rules, this.#time, seed)
    this.#timeline = new Timeline(this.#machine, this.#time)
    this.#calls = new Calls(this.#machine)
    this.#faults = new Faults(clock, createDice(`${seed} faults`), new Set(this.rules.errors.keys()))
    this.#limits = new Limits(integration, this.rules, () => clock.now())
    const clockPart = clockControl(this.#timeline, this.#time)
    const { webhooks } = this.rules
    this.#deliveries =
      webhooks === undefined ? undefined : new Deliveries(this.#machine, webhooks, this.#time, clock, transport)
    const webhooksPart = this.#deliveries === undefined ? {} : { webhooks: this.#deliveries }
    this.#controlled = { clock: clockPart, faults: this.#faults, limits: this.#limits, ...webhooksPart }
    this.#route = createRouter(integration, this.rules.routes)
    this.#check = createCheck(integration, this.rules)
    this.#tokenFor = createTokenEndpoint(authMethodOf(integration, this.rules), this.rules)
    this.#requestDice = createDice(`${seed} requests`)
    this.#isSown = isSown
    this.#isHeld = isHeld
    furnish(this.#machine)
    if (!isHeld) this.ready().catch(() => undefined)
  }

  /** Sows, unless that is done or under way. Settles when the invented data is there; rejects when a rule fails over it. */
  ready(): Promise<void> {
    this.#sown ??= (this.#isSown ? sow(this.#machine) : Promise.resolve()).then(() => this.#timeline.catchUp())
    return this.#sown
  }

  /** From here on a request that comes has the invented data sown first. */
  release(): void {
    this.#isHeld = false
  }

  /** Credentials and auth method that it accepts; `grant` is what its token endpoint gives for them. */
  get account() {
    const { name: method, oauth2 } = authMethodOf(this.integration, this.rules)
    const authorization = headerOf(this.integration, this.rules)
    const grant: Readonly<Record<string, string>> = oauth2 === undefined ? {} : { access_token: SANDBOX_TOKEN }
    return { method, credentials: this.rules.account.credentials, grant, authorization }
  }

  /** Ends what it does besides answering: deliveries to webhook endpoints. */
  close(): void {
    this.#deliveries?.close()
  }

  /** Answers a request as the provider would. Throws ConnectionCut where a fault leaves it without an answer. */
  async fetch(request: Request): Promise<Response> {
    if (!this.#isHeld) await this.ready()
    const bytes = new Uint8Array(await request.arrayBuffer())
    const url = new URL(request.url)
    const asked = this.#factsOf(request, url)
    let facts = asked
    const fail = (failure: Refusal): Response =>
      this.#write(refusalAnswer(failure, facts, this.rules, this.#machine.now()), facts)
    const answer = async (): Promise<Response> => {
      try {
        const granted = this.#tokenFor(request, url, bytes)
        if (granted !== undefined) return granted
        const certificate = this.#deliveries?.certificateAt(url.pathname)
        if (certificate !== undefined) return new Response(certificate, { headers: PEM })
        this.#guard(request, url, asked)
        facts = { ...asked, version: versionOf(this.rules.versions, asked, this.rules.constants) }
        if (isControl(url)) return await control(this.#controlled, request.method, url.pathname, bytes)
        return await this.#answer(request, url, bytes, facts)
      } catch (failure) {
        if (failure instanceof Refusal) return fail(failure)
        throw failure
      }
    }
    if (isControl(url)) return answer()
    return this.#faults.around(request.method, url.pathname, { answer, fail: (error) => fail(new Refusal(error)) })
  }

  async #answer(request: Request, url: URL, bytes: Uint8Array<ArrayBuffer>, facts: RequestFacts): Promise<Response> {
    if (bytes.length > MOST_BYTES) throw refuse('invalid_body', { reason: 'size', maximum: MOST_BYTES })
    const match = this.#route(request.method, url.pathname)
    if (match === undefined) throw refuse('unknown_route', { verb: request.method, path: url.pathname })
    const { operation } = match
    const { given } = this.#check(request.headers, url.searchParams)
    const taken = this.#limits.take(operation, given ?? '')
    try {
      const body = await readBody(bytes, request.headers.get('content-type') ?? '', operation)
      const { key, rest } = this.#replays.keyOf(operation, request.headers, body.fields)
      const keyed: RequestFacts = { ...facts, idempotency_key: key, limit: taken.facts }
      const fingerprint = fingerprintOf(request.method, url.pathname + url.search, bytes)
      while (this.#timeline.isBehind()) await this.#timeline.catchUp()
      const kept = key === undefined ? undefined : this.#replays.find(key, fingerprint, operation, this.#machine.now())
      if (kept !== undefined) return this.#write(kept.answer, { ...keyed, replayed: true, original_id: kept.requestId })
      const run = this.#calls.prepare(match, rest, body.texts, url, keyed)
      const answer = this.#calls.perform(match, run)
      if (key !== undefined) {
        const recordId = this.#calls.idIn(operation, answer.body)
        this.#replays.keep(key, { fingerprint, answer, requestId: facts.id, recordId, atS: run.now })
      }
      return this.#write(answer, keyed)
    } finally {
      taken.release()
    }
  }

  #guard(request: Request, url: URL, facts: RequestFacts): void {
    const wished = request.headers.get(WISHED_ANSWER)
    if (wished !== null && this.rules.errors.has(wished)) throw new Refusal(wished)
    const { given, isRight } = this.#check(request.headers, url.searchParams)
    if (!isRight) throw refuse('unauthenticated', { given })
    if (isControl(url)) return
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
      limit: null,
    }
  }

  #write(answer: Answer, facts: RequestFacts): Response {
    return writeAnswer(answer, facts, this.rules, this.#machine.now())
  }
}

/** Whether a request steers the sandbox itself. */
const isControl = ({ pathname }: URL): boolean => pathname === CONTROL_PATH || pathname.startsWith(`${CONTROL_PATH}/`)

const newId = ({ prefix, length, alphabet }: IdRules, dice: Dice): string => prefix + dice.text(length, alphabet)
