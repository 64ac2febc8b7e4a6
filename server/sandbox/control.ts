import { EngineError } from '../../engine/index.ts'
import { isUnit, move } from './calendar.ts'
import { isObject, type Json } from './paths.ts'
import type { WorldTime } from './time.ts'
import type { Timeline } from './timeline.ts'

/** Where the sandbox itself is steered; everything else below its origin is the provider's. */
export const CONTROL_PATH = '/_sandbox'

/** A part of the sandbox that can be steered: what each verb does, given the rest of the path and the body. */
export interface Controlled {
  readonly get: (rest: string) => unknown
  readonly post?: ((body: Json) => unknown) | undefined
  readonly delete?: ((rest: string) => unknown) | undefined
}

/** Answers requests to the control paths, each part under its name. Failures are EngineErrors, as `{ code, detail, hint }`. */
export async function control(
  parts: Readonly<Record<string, Controlled>>,
  verb: string,
  path: string,
  bytes: Uint8Array,
): Promise<Response> {
  try {
    return Response.json((await answer(parts, verb, path, bytes)) ?? null)
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const { code, message: detail, status, details } = thrown
    return Response.json({ code, detail, ...(details.hint === undefined ? {} : { hint: details.hint }) }, { status })
  }
}

function answer(parts: Readonly<Record<string, Controlled>>, verb: string, path: string, bytes: Uint8Array): unknown {
  const [name = '', ...rest] = path.slice(CONTROL_PATH.length + 1).split('/')
  if (name === '' && verb === 'GET') return overview(parts)
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined
  const hint = `The sandbox is steered at ${Object.keys(parts)
    .map((one) => `${CONTROL_PATH}/${one}`)
    .join(', ')}.`
  if (part === undefined) throw new EngineError('not_found', `There is nothing at ${path}`, { hint })
  if (verb === 'GET') return part.get(rest.join('/'))
  if (verb === 'DELETE' && part.delete !== undefined) return part.delete(rest.join('/'))
  if (verb === 'POST' && part.post !== undefined && rest.length === 0) return part.post(readBody(bytes))
  throw new EngineError('method_not_allowed', `${path} does not take ${verb}`)
}

async function overview(parts: Readonly<Record<string, Controlled>>): Promise<Json> {
  const shown = Object.entries(parts).map(async ([name, part]) => [name, await part.get('')] as const)
  return Object.fromEntries(await Promise.all(shown))
}

function readBody(bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString() || '{}')
    if (isObject(value)) return value
  } catch (cause) {
    throw new EngineError('invalid_json', 'The body is not valid JSON', { cause })
  }
  throw new EngineError('invalid_body', 'The body must be a JSON object')
}

/** Refuses keys that are not known, so that nothing asked for is dropped. Throws unknown_parameter. */
export function onlyKeys(body: Json, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown === undefined) return
  throw new EngineError('unknown_parameter', `${unknown} is not known here`, { hint: `Known are ${known.join(', ')}.` })
}

const invalid = (message: string, hint: string): EngineError => new EngineError('invalid_parameter', message, { hint })

/** An instant in seconds as RFC 3339 text. */
export const textOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** The clock: GET tells the time, POST moves it to `now` or on by `advance`. */
export function clockControl(timeline: Timeline, time: WorldTime): Controlled {
  const shown = (): Json => {
    const nextS = timeline.nextS()
    return { now: textOf(time.now()), next_due: nextS === undefined ? null : textOf(nextS) }
  }
  return {
    get: shown,
    post: async (body) => {
      onlyKeys(body, ['now', 'advance'])
      const target = targetOf(body, time.present())
      if (target < time.present())
        throw invalid(`The clock stands at ${textOf(time.present())} and does not go back`, 'Start the sandbox anew.')
      const { count, isDone } = await timeline.moveTo(target)
      if (isDone) return { ...shown(), played: count }
      const hint = `The clock stands at ${textOf(time.now())}; ask again to go on.`
      throw new EngineError('cost_exceeded', `More than ${count} things are due on the way`, { hint })
    },
  }
}

const LAST_S = 253_402_300_799

function targetOf({ now, advance }: Json, presentS: number): number {
  if ((now === undefined) === (advance === undefined))
    throw invalid('Either `now` or `advance` must be given', 'For example { "advance": { "days": 40 } }.')
  const target = now === undefined ? advanced(advance, presentS) : instantOf(now)
  if (target <= LAST_S) return target
  throw invalid('The clock goes no further than the year 9999', 'Move it by less.')
}

/** An instant from RFC 3339 text or whole seconds. Throws invalid_parameter. */
export function instantOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  const isText = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(value)
  const ms = isText ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(ms)) return Math.floor(ms / 1000)
  throw invalid('`now` must be seconds or RFC 3339 text', 'For example 2027-01-31T00:00:00Z.')
}

function advanced(advance: unknown, fromS: number): number {
  const wanted =
    'For example { "days": 40, "hours": 1 }; the units are seconds, minutes, hours, days, weeks, months, years.'
  if (!isObject(advance)) throw invalid('`advance` must be an object of calendar units', wanted)
  return Object.entries(advance).reduce((seconds, [units, count]) => {
    const unit = units.replace(/s$/, '')
    if (!isUnit(unit) || typeof count !== 'number' || !Number.isInteger(count) || count < 0)
      throw invalid(`\`advance\` has no ${units} of ${JSON.stringify(count)}`, wanted)
    return move(seconds, unit, count)
  }, fromS)
}
