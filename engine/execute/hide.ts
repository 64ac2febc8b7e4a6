import type { Holder } from '../auth/index.ts'
import { EngineError, type ProviderFailure } from '../errors.ts'

/** Shorter values stand in ordinary text by chance. */
const LEAST_LENGTH = 6
const MASK = '[secret]'

/** Percent-encoded; a lone surrogate, which no URL can carry, is as good as lost. */
const encoded = (value: string): string => encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'))

/** How credentials may come back: as they are, percent-encoded, or as basic authentication writes them. */
function writingsOf({ credentials, app }: Omit<Holder, 'connection'>, sent: readonly string[]): string[] {
  const secrets = [...Object.values(credentials.reveal()), ...Object.values(app?.reveal() ?? {})]
  const plain = [...secrets, ...sent].filter((value) => value.length >= LEAST_LENGTH)
  const all = plain.flatMap((value) => [value, encoded(value)])
  return [...new Set(all)].sort((a, b) => b.length - a.length)
}

/** What the Authorization headers of a request carry behind their scheme. */
const provenBy = (headers: readonly (readonly [string, string])[]): string[] =>
  headers.flatMap(([name, value]) => (name.toLowerCase() === 'authorization' ? [value.replace(/^\S+\s+/, '')] : []))

type Hide = (text: string) => string

function hideIn(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(hide(Buffer.from(value).toString('latin1')), 'latin1')
  if (Array.isArray(value)) return value.map((item) => hideIn(item, hide))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [hide(name), hideIn(item, hide)]))
}

/** An error without the credentials that the provider repeats in it, such as a key in the text of its refusal. */
export function withoutCredentials(
  error: EngineError,
  holder: Omit<Holder, 'connection'>,
  headers: readonly (readonly [string, string])[],
): EngineError {
  const { provider } = error.details
  if (provider === undefined) return error
  const writings = writingsOf(holder, provenBy(headers))
  const hide: Hide = (text) => writings.reduce((left, writing) => left.replaceAll(writing, MASK), text)
  const { missingFields, missingScopes, cause } = error.details
  return new EngineError(error.code, hide(error.message), {
    ...error.details,
    cause,
    provider: hideIn(provider, hide) as ProviderFailure,
    missingFields: missingFields?.map(hide),
    missingScopes: missingScopes?.map(hide),
  })
}
