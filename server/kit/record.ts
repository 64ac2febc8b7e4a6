import {
  type Case,
  type CaseCall,
  type Catalog,
  EngineError,
  type Integration,
  type RecordedAnswer,
  recordCase,
  type WireResponse,
} from '../../engine/index.ts'
import type { Attempt } from './attempt.ts'
import { bodyOf, textOf } from './exchange.ts'
import { personalNames } from './personal.ts'
import { StandIns } from './stand-ins.ts'

/** Headers of answers that mean something to a definition; others are noise. */
const KEPT_HEADERS = ['link', 'retry-after', 'location']

/** What a case is made of. */
export interface Recording {
  readonly catalog: Catalog
  readonly integration: Integration
  readonly name: string
  readonly call: CaseCall
  readonly tried: Attempt
}

/** A case without anything of the account that was asked, and how many values gave way. Throws EngineError. */
export async function caseOf({
  catalog,
  integration,
  name,
  call,
  tried,
}: Recording): Promise<{ value: Case; cut: number }> {
  const standIns = new StandIns({
    credentials: madeUp(integration, tried.credentials),
    names: personalNames(catalog, integration),
    origins: new Set(tried.exchanges.map(({ request }) => new URL(request.url).origin)),
  })
  const raw = tried.exchanges.map(({ request, response, error }) => {
    if (response === undefined) throw error ?? new EngineError('connection_failed', 'There was no answer')
    const { pathname } = new URL(request.url)
    return { verb: request.verb, path: decodeURIComponent(pathname), response: answerOf(response) }
  })
  standIns.learn([call.body, call.id === undefined ? null : { id: call.id }])
  for (const { response } of raw) standIns.learn(response.headers)
  for (const { response } of raw) standIns.learn(response.body)
  const answers = raw.map(({ verb, path, response }): RecordedAnswer => {
    const [headers, body] = [standIns.redact(response.headers), standIns.redact(response.body)]
    const kept = { ...(headers === undefined ? {} : { headers }), ...(body === undefined ? {} : { body }) }
    return {
      verb,
      path: path
        .split('/')
        .map((part) => standIns.text(part))
        .join('/'),
      response: { status: response.status, ...kept } as never,
    }
  })
  const { explain: _explain, ...query } = call.query ?? {}
  const now = new Date(Math.floor(tried.at / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')
  const { query: _query, ...rest } = call
  const asked = standIns.redact({ ...rest, ...(Object.keys(query).length === 0 ? {} : { query }) }) as CaseCall
  const value = await recordCase(catalog, integration, { name, now, call: asked }, answers)
  refuseLeaks(JSON.stringify(value), standIns.cut, tried.credentials)
  return { value, cut: standIns.cut.size }
}

function answerOf({ status, headers, body }: WireResponse): { status: number; headers?: object; body?: unknown } {
  const kept = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
  const type = headers['content-type']?.split(';')[0] ?? 'application/json'
  if (body.length > 0 && textOf(body) === undefined) {
    throw new EngineError('provider_bad_response', 'The answer is no text, and cases hold texts only')
  }
  const read = body.length === 0 ? undefined : bodyOf(body)
  const all = typeof read === 'string' ? { ...kept, 'content-type': type } : kept
  return {
    status,
    ...(Object.keys(all).length === 0 ? {} : { headers: all }),
    ...(read === undefined ? {} : { body: read }),
  }
}

/** What cases use in the place of credentials: the examples of the form. */
function madeUp(
  { auth, settings }: Integration,
  credentials: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const forms = {
    ...settings,
    ...Object.fromEntries([...auth.methods.values()].flatMap(({ fields }) => Object.entries(fields))),
  }
  return new Map(Object.entries(credentials).map(([name, value]) => [value, forms[name]?.example ?? `case-${name}`]))
}

const LEAST = 6

/** The last look: nothing that was cut, and no credential, may stand in what is written. */
function refuseLeaks(
  text: string,
  cut: ReadonlyMap<string, string>,
  credentials: Readonly<Record<string, string>>,
): void {
  const secrets = Object.values(credentials).filter(({ length }) => length >= LEAST)
  const personal = [...cut.keys()].filter(
    (value) => value.length >= LEAST && /[^a-z_]/.test(value) && /[^\d]/.test(value),
  )
  const instead = new Set(cut.values())
  const plain = text.toLowerCase()
  const left = [...secrets, ...personal].filter((value) => !instead.has(value) && plain.includes(value.toLowerCase()))
  if (left.length === 0) return
  throw new EngineError(
    'internal',
    `${left.length} values that were to be cut are still in the case; nothing was written`,
    {
      hint: 'Write this case by hand, and tell us of the provider.',
    },
  )
}
