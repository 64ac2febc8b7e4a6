import { type Clock, EngineError, type Transport } from '../../engine/index.ts'
import { type Certified, selfSigned } from './certificate.ts'
import type { WebhookRules } from './contract.ts'
import { type Controlled, textOf } from './control.ts'
import type { Machine } from './machine.ts'
import type { Json } from './paths.ts'
import { signed } from './signing.ts'
import { isTrue } from './steps.ts'
import type { WorldTime } from './time.ts'

interface Attempt {
  readonly at: string
  readonly http_status: number | null
  readonly error: string | null
}

interface Delivery {
  readonly id: string
  readonly endpoint: string
  readonly eventId: string
  readonly event: Json
  status: 'waiting' | 'delivered' | 'failed'
  /** When it is tried next, in seconds of the sandbox's clock. */
  nextS: number
  readonly attempts: Attempt[]
}

/** Longest wait for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000
const MOST_BYTES = 65_536
/** Most deliveries remembered; the oldest that are over go first. */
const MOST_KEPT = 1_000

/** Sends events to the endpoints that want them, signed, one after the other, and again later where that fails. */
export class Deliveries implements Controlled {
  readonly #machine: Machine
  readonly #rules: WebhookRules
  readonly #time: WorldTime
  readonly #clock: Clock
  readonly #transport: Transport | undefined
  readonly #leaving = new AbortController()
  #deliveries: Delivery[] = []
  #made = 0
  #pumping: Promise<void> | undefined
  #alarmS: number | undefined
  #certified: Certified | undefined

  constructor(machine: Machine, rules: WebhookRules, time: WorldTime, clock: Clock, transport: Transport | undefined) {
    this.#machine = machine
    this.#rules = rules
    this.#time = time
    this.#clock = clock
    this.#transport = transport
    machine.onEvent = (event, shownIn) => this.#offer(event, shownIn)
  }

  /** Sends what is due. Settles when nothing more is due now. */
  pump(): Promise<void> {
    this.#pumping ??= this.#run().finally(() => {
      this.#pumping = undefined
      this.#setAlarm()
    })
    return this.#pumping
  }

  /** The certificate that deliveries are verified with, at its path; undefined elsewhere. */
  certificateAt(path: string): string | undefined {
    return path === this.#rules.sign.certificatePath ? this.#key().certificate : undefined
  }

  /** Ends what is under way and waits for nothing more. */
  close(): void {
    this.#leaving.abort()
  }

  async get(rest: string): Promise<unknown> {
    await this.pump()
    const found = this.#deliveries.find(({ id }) => id === rest)
    if (rest !== '' && found === undefined) throw new EngineError('not_found', `There is no delivery ${rest}`)
    return found === undefined ? { deliveries: this.#deliveries.map(shown) } : shown(found)
  }

  #offer(event: Json, shownIn: (version: string) => Json): void {
    const { in: resource, when, version, url } = this.#rules
    const { constants, eventsIn = '' } = this.#machine.rules
    const newest = this.#machine.viewsOf().show(eventsIn, event)
    const idField = this.#machine.resource(eventsIn).idField
    for (const { id, record } of this.#machine.store.rows(resource)) {
      const variables: Json = { event: newest, constants }
      if (when !== undefined && !isTrue(when.evaluate(record, variables))) continue
      if (typeof url.evaluate(record, variables) !== 'string') continue
      const wanted = version?.evaluate(record, variables)
      const sent = typeof wanted === 'string' ? shownIn(wanted) : newest
      this.#deliveries.push({
        id: `delivery_${++this.#made}`,
        endpoint: id,
        eventId: String(event[idField]),
        event: sent,
        status: 'waiting',
        nextS: this.#time.now(),
        attempts: [],
      })
      setImmediate(() => void this.pump())
    }
    const over = this.#deliveries.length - MOST_KEPT
    if (over > 0)
      this.#deliveries = this.#deliveries.filter(({ status }, index) => status === 'waiting' || index >= over)
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#leaving.signal.aborted) return
      await this.#send(next)
    }
  }

  #next(): Delivery | undefined {
    const nowS = this.#time.now()
    return this.#deliveries.find(({ status, nextS }) => status === 'waiting' && nextS <= nowS)
  }

  async #send(delivery: Delivery): Promise<void> {
    const { in: resource, url: urlOf, retryS } = this.#rules
    const { constants, eventsIn = '' } = this.#machine.rules
    const endpoint = this.#machine.store.get(resource, delivery.endpoint)
    const isUndone = this.#machine.store.get(eventsIn, delivery.eventId) === undefined
    if (isUndone) {
      this.#deliveries = this.#deliveries.filter((one) => one !== delivery)
      return
    }
    const attempt =
      endpoint === undefined
        ? { http_status: null, error: 'the endpoint is gone' }
        : await this.#post(delivery, endpoint, String(urlOf.evaluate(endpoint, { event: delivery.event, constants })))
    delivery.attempts.push({ at: textOf(this.#time.now()), ...attempt })
    const wait = endpoint === undefined ? undefined : retryS[delivery.attempts.length - 1]
    const isTaken = attempt.http_status !== null && attempt.http_status >= 200 && attempt.http_status < 300
    if (isTaken) delivery.status = 'delivered'
    else if (wait === undefined) delivery.status = 'failed'
    else delivery.nextS = this.#time.now() + wait
  }

  /** One try. The receiver goes by its own time, so that it is signed with the unmoved one. */
  async #post({ event }: Delivery, endpoint: Json, url: string): Promise<Omit<Attempt, 'at'>> {
    if (this.#transport === undefined) return { http_status: null, error: 'the sandbox was started without a network' }
    const timestamp = this.#time.outside()
    const { constants } = this.#machine.rules
    const secret = this.#rules.sign.secret?.evaluate(endpoint, { event, constants })
    const key = this.#rules.sign.secret === undefined ? this.#key().privateKey : String(secret ?? '')
    const sent = signed(this.#rules, { endpoint, key, timestamp, event, url, constants })
    const headers = [['content-type', 'application/json'] as const, ...sent.headers]
    const signal = this.#leaving.signal
    const body = Buffer.from(sent.body)
    try {
      const request = { verb: 'POST', url, headers, body, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES, signal }
      return { http_status: (await this.#transport.send(request)).status, error: null }
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown
      return { http_status: null, error: `${thrown.code}: ${thrown.message}` }
    }
  }

  #key(): Certified {
    this.#certified ??= selfSigned('sandbox')
    return this.#certified
  }

  /** Wakes when the next try is due. */
  #setAlarm(): void {
    const waiting = this.#deliveries.filter(({ status }) => status === 'waiting').map(({ nextS }) => nextS)
    const nextS = Math.min(...waiting)
    if (waiting.length === 0 || this.#leaving.signal.aborted || this.#alarmS === nextS) return
    this.#alarmS = nextS
    const waitMs = Math.min(Math.max(0, nextS - this.#time.now()) * 1000, 2_000_000_000)
    const wake = (): void => {
      if (this.#alarmS === nextS) this.#alarmS = undefined
      void this.pump()
    }
    this.#clock.sleep(waitMs, this.#leaving.signal).then(wake, () => undefined)
  }
}

const shown = ({ id, endpoint, eventId, event, status, nextS, attempts }: Delivery): Json => ({
  id,
  endpoint,
  event: eventId,
  type: event.type ?? null,
  status,
  next_try: status === 'waiting' ? textOf(nextS) : null,
  attempts,
})
