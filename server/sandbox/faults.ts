import { type Clock, EngineError } from '../../engine/index.ts'
import { type Controlled, onlyKeys } from './control.ts'
import type { Json } from './paths.ts'
import type { Dice } from './random.ts'

/** The connection is to be cut without an answer. */
export class ConnectionCut extends Error {
  constructor() {
    super('the sandbox cuts the connection')
  }
}

const KINDS = ['latency', 'error', 'reset', 'lost', 'malformed'] as const

/** Something that goes wrong with requests that fit. */
interface Fault {
  readonly id: string
  /** latency waits; error answers so; reset cuts before anything happens; lost cuts after it happened; malformed cuts the body short. */
  readonly kind: (typeof KINDS)[number]
  readonly verb: string | undefined
  /** Path with `*` for any text. */
  readonly path: string | undefined
  /** How often it still strikes; null for always. */
  times: number | null
  readonly probability: number
  readonly latencyMs: number
  /** Name of an error of the rules. */
  readonly error: string | undefined
  /** HTTP status of an answer without a body, as from something in between. */
  readonly status: number | undefined
}

/** How the sandbox answers: as asked, or with an error of its rules. */
export interface Ways {
  answer(): Promise<Response>
  fail(error: string): Response
}

/** Faults that were asked for; none at first. */
export class Faults implements Controlled {
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #errors: ReadonlySet<string>
  #faults: Fault[] = []
  #made = 0

  /** `errors` are the names of the rules' errors; `dice` decide where a probability is given. */
  constructor(clock: Clock, dice: Dice, errors: ReadonlySet<string>) {
    this.#clock = clock
    this.#dice = dice
    this.#errors = errors
  }

  /** Answers a request with what is to go wrong with it. Throws ConnectionCut where no answer is to come. */
  async around(verb: string, path: string, ways: Ways): Promise<Response> {
    const struck = this.#strike(verb, path)
    const has = (kind: Fault['kind']): boolean => struck.some((fault) => fault.kind === kind)
    const waitMs = struck.reduce((sum, { latencyMs }) => sum + latencyMs, 0)
    if (waitMs > 0) await this.#clock.sleep(waitMs)
    if (has('reset')) throw new ConnectionCut()
    const failing = struck.find(({ kind }) => kind === 'error')
    if (failing?.error !== undefined) return ways.fail(failing.error)
    if (failing?.status !== undefined) return new Response(null, { status: failing.status })
    const response = await ways.answer()
    if (has('lost')) throw new ConnectionCut()
    return has('malformed') ? await shortened(response) : response
  }

  get(): unknown {
    return { faults: this.#faults.map(shown) }
  }

  post(body: Json): unknown {
    const fault = this.#faultOf(body)
    this.#faults.push(fault)
    return shown(fault)
  }

  delete(id: string): unknown {
    const kept = this.#faults.filter((fault) => id !== '' && fault.id !== id)
    if (id !== '' && kept.length === this.#faults.length) throw new EngineError('not_found', `There is no fault ${id}`)
    this.#faults = kept
    return this.get()
  }

  #strike(verb: string, path: string): readonly Fault[] {
    const struck = this.#faults.filter((fault) => {
      if (fault.verb !== undefined && fault.verb !== verb) return false
      if (fault.path !== undefined && !fits(fault.path, path)) return false
      return fault.probability === 1 || this.#dice.next() < fault.probability
    })
    for (const fault of struck) if (fault.times !== null) fault.times--
    this.#faults = this.#faults.filter(({ times }) => times === null || times > 0)
    return struck
  }

  #faultOf(body: Json): Fault {
    onlyKeys(body, ['kind', 'verb', 'path', 'times', 'probability', 'latency_ms', 'error', 'status'])
    const { kind, verb, path, times = 1, probability = 1, latency_ms: latencyMs = 0, error, status } = body
    const isKind = KINDS.some((one) => one === kind)
    const names = [...this.#errors].join(', ')
    need(isKind, 'kind', `one of ${KINDS.join(', ')}`)
    need(verb === undefined || typeof verb === 'string', 'verb', 'an HTTP method')
    need(path === undefined || typeof path === 'string', 'path', 'a path, with * for any text')
    need(times === null || isWhole(times, 1, 1_000_000), 'times', 'a whole number from 1, or null for always')
    need(isWithin(probability, 0, 1), 'probability', 'a number from 0 to 1')
    need(isWhole(latencyMs, kind === 'latency' ? 1 : 0, 600_000), 'latency_ms', 'milliseconds up to 600000')
    need(error === undefined || (kind === 'error' && this.#errors.has(String(error))), 'error', `one of ${names}`)
    need(status === undefined || (kind === 'error' && isWhole(status, 400, 599)), 'status', 'a status from 400 to 599')
    need(kind !== 'error' || (error === undefined) !== (status === undefined), 'error', `given, or status: ${names}`)
    return {
      id: `fault_${++this.#made}`,
      kind: kind as Fault['kind'],
      verb: verb === undefined ? undefined : String(verb).toUpperCase(),
      path: path as string | undefined,
      times: times as number | null,
      probability: probability as number,
      latencyMs: latencyMs as number,
      error: error as string | undefined,
      status: status as number | undefined,
    }
  }
}

const isWithin = (value: unknown, from: number, to: number): boolean =>
  typeof value === 'number' && value >= from && value <= to

const isWhole = (value: unknown, from: number, to: number): boolean =>
  Number.isInteger(value) && isWithin(value, from, to)

function need(isRight: boolean, name: string, wanted: string): void {
  if (!isRight) throw new EngineError('invalid_parameter', `\`${name}\` must be ${wanted}`)
}

const shown = ({ latencyMs, ...fault }: Fault): Json => ({ ...fault, latency_ms: latencyMs })

/** Whether a path fits a pattern whose `*` stand for any text. */
function fits(pattern: string, path: string): boolean {
  const parts = pattern.split('*')
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (parts.length === 1) return pattern === path
  if (!path.startsWith(first) || !path.endsWith(last) || path.length < first.length + last.length) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const found = path.indexOf(part, from)
    if (found < 0 || found + part.length > path.length - last.length) return false
    from = found + part.length
  }
  return true
}

/** The first half of an answer, sent as if it were all of it. */
async function shortened(response: Response): Promise<Response> {
  const text = await response.text()
  return new Response(text.slice(0, Math.ceil(text.length / 2)), { status: response.status, headers: response.headers })
}
