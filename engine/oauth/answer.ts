import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'
import type { WireResponse } from '../ports.ts'
import type { Party } from './party.ts'

/** What a token endpoint said: as it stood, and as RFC 6749 5 words it. */
export interface TokenAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or the fields of a form; null when it is neither. */
  readonly body: unknown
  readonly isRefusal: boolean
  /** Members as RFC 6749 5.1 or 5.2 names them. */
  readonly standard: Readonly<Record<string, unknown>>
}

/** How an RFC 3339 time ends; one without an offset is nobody's instant. */
const OFFSET = /T.*(Z|[+-]\d\d:\d\d)$/i

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i

/** JSON, or a form: some endpoints answer forms, and some of those call them text. */
function bodyOf({ body, headers }: WireResponse): unknown {
  const text = Buffer.from(body).toString('utf8').trim()
  const type = headers['content-type'] ?? ''
  if (!FORM_TYPE.test(type)) {
    try {
      return JSON.parse(text)
    } catch {
      if (/json/i.test(type) || !/^[\w.~%+-]+=/.test(text)) return null
    }
  }
  return Object.fromEntries(new URLSearchParams(text))
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** Seconds as a number, whatever form they have; undefined for what is none. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds) : undefined
}

/** Seconds from now until an instant; undefined for what is none, or is past. */
function secondsUntil(value: unknown, nowMs: number): number | undefined {
  const ms = typeof value === 'string' && OFFSET.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(ms) ? undefined : secondsOf((ms - nowMs) / 1000)
}

const scopesOf = (value: unknown): string | undefined =>
  Array.isArray(value) ? value.map(textOf).filter(Boolean).join(' ') : textOf(value)

/**
 * Reads an answer of the token endpoint where the definition says it stands: any 2xx, JSON or form, nested or not, with or
 * without a token type. A 2xx that names an error or holds no token is a refusal.
 */
export function readAnswer({ oauth2, wire: { nowMs } }: Party, wire: WireResponse): TokenAnswer {
  const { status, headers } = wire
  const body = bodyOf(wire)
  const at = (expression: Compiled): unknown =>
    valueAt(expression, { http_status: status, headers, response: body }, body)
  const isGood = status >= 200 && status < 300
  const error = textOf(at(oauth2.answer.error))
  const token = isGood && error === undefined ? textOf(at(oauth2.answer.accessToken)) : undefined
  const base = { status, headers, body }
  if (token === undefined) {
    const description = textOf((body as { error_description?: unknown } | null)?.error_description)
    const words = { error: error ?? (isGood ? 'no_access_token' : 'unknown_error'), error_description: description }
    return { ...base, isRefusal: true, standard: words }
  }
  const standard = {
    access_token: token,
    token_type: 'bearer',
    refresh_token: textOf(at(oauth2.answer.refreshToken)),
    expires_in: secondsOf(at(oauth2.answer.expiresIn)) ?? secondsUntil(at(oauth2.answer.expiresAt), nowMs),
    scope: scopesOf(at(oauth2.answer.scope)),
  }
  return { ...base, isRefusal: false, standard }
}

/** The answer in the form that the library reads. */
export function asResponse({ isRefusal, standard }: TokenAnswer): Response {
  const headers = { 'content-type': 'application/json' }
  return new Response(JSON.stringify(standard), { status: isRefusal ? 400 : 200, headers })
}

/** The value of an expression over a token answer. What it throws is left behind: it could quote a token. */
export function valueAt(expression: Compiled, variables: Readonly<Record<string, unknown>>, record: unknown): unknown {
  try {
    return expression.evaluate(record, variables)
  } catch {
    const message = `\`${expression.source}\` failed over the answer of the token endpoint`
    throw new EngineError('expression_failed', message, { where: expression.apart })
  }
}
