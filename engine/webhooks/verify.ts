import { createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { SignatureRule } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'
import type { Delivery, DeliveryKeys } from './contract.ts'

/**
 * The address of the certificate that a delivery names, or null where its signature needs none. Throws signature_refused
 * for a host that the definition does not name.
 */
export function certificateUrl(rule: SignatureRule, { headers }: Delivery): string | null {
  if (rule.certificate === undefined) return null
  const text = String(rule.certificate.url.evaluate(undefined, { headers }) ?? '')
  const url = URL.canParse(text) ? new URL(text) : null
  const isPinned = url?.protocol === 'https:' && url.port === '' && rule.certificate.hosts.has(url.hostname)
  if (url === null || !isPinned || url.username !== '' || url.password !== '')
    throw refused('names a certificate of another host')
  return url.href
}

/** What expressions say of a signature: the texts of which one has to fit, the time as it was sent, and what is signed. */
interface Signed {
  readonly given: readonly string[]
  readonly time: string
  readonly parts: readonly unknown[]
}

/** Reads the signature of a delivery, or of one event of it. */
export function signedOf(rule: SignatureRule, delivery: Delivery, keys: DeliveryKeys, event?: unknown): Signed {
  const { headers, query } = delivery
  const seen = { headers, query, event: event ?? null, endpoint: { id: keys.endpointId } }
  return {
    given: textsOf(rule.value, event, seen),
    time: String(rule.timestamp?.value.evaluate(event, seen) ?? ''),
    parts: rule.parts.map((part) => (typeof part === 'string' ? part : part.evaluate(event, seen))),
  }
}

/** Holds a delivery, or one event of it, against its signature. Throws signature_refused. */
export function checkSigned(rule: SignatureRule, delivery: Delivery, keys: DeliveryKeys, is: Signed): void {
  const { given, time } = is
  if (given.length === 0) throw refused('is missing')
  if (rule.timestamp !== undefined) checkTime(rule.timestamp, time, keys.nowMs)
  const signed = Buffer.concat(
    rule.parts.flatMap((part, at) => [
      ...(at === 0 ? [] : [Buffer.from(rule.separator)]),
      typeof part === 'string' ? namedPart(part, delivery, time) : Buffer.from(String(is.parts[at] ?? '')),
    ]),
  )
  const fits = keysOf(rule, keys).some((key) =>
    given.some((text) => ALGORITHMS[rule.algorithm](rule, key, signed, text)),
  )
  if (!fits) throw refused('does not fit')
}

const refused = (what: string): EngineError =>
  new EngineError('signature_refused', `The signature ${what}`, {
    hint: 'Is the secret of this address the one that the provider signs with, and the body untouched?',
  })

type Seen = Readonly<Record<string, unknown>>

function textsOf(expression: Compiled, event: unknown, seen: Seen): string[] {
  const value = expression.evaluate(event, seen)
  return [value ?? []].flat().filter((one): one is string => typeof one === 'string' && one !== '')
}

type Timestamp = NonNullable<SignatureRule['timestamp']>

const SECONDS: Readonly<Record<Timestamp['form'], (text: string) => number>> = {
  s: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN),
  ms: (text) => (/^\d{1,15}$/.test(text) ? Math.floor(Number(text) / 1000) : Number.NaN),
  rfc3339: (text) => Math.floor(Date.parse(text) / 1000),
}

/** Only the age of the time counts, as clocks differ. */
function checkTime(rule: Timestamp, text: string, nowMs: number): void {
  const seconds = SECONDS[rule.form](text)
  if (Number.isNaN(seconds)) throw refused('has no time')
  if (rule.toleranceS !== undefined && Math.floor(nowMs / 1000) - seconds > rule.toleranceS) throw refused('is too old')
}

function namedPart(
  part: Extract<SignatureRule['parts'][number], string>,
  { body, url }: Delivery,
  time: string,
): Uint8Array {
  if (part === 'body') return body
  if (part === 'body_crc32') return Buffer.from(String(crc32(body)))
  if (part === 'timestamp') return Buffer.from(time)
  return Buffer.from(url)
}

/** The keys to try: that of the certificate, or what the rule makes of each secret. */
function keysOf(rule: SignatureRule, { secrets, endpointId, certificate }: DeliveryKeys): string[] {
  if (rule.certificate !== undefined) return certificate === undefined ? [] : [certificate]
  return secrets.flatMap((secret) => {
    const key = rule.key.evaluate(undefined, { secret, endpoint: { id: endpointId } })
    return typeof key === 'string' && key !== '' ? [key] : []
  })
}

type Check = (rule: SignatureRule, key: string, signed: Buffer, text: string) => boolean

const ALGORITHMS: Readonly<Record<SignatureRule['algorithm'], Check>> = {
  hmac: ({ hash, encoding, keyEncoding }, key, signed, text) =>
    isSame(createHmac(hash, Buffer.from(key, keyEncoding)).update(signed).digest(encoding), text),
  rsa: ({ hash, encoding, certificate }, key, signed, text) =>
    quietly(() => {
      const pem = certificate === undefined ? key : new X509Certificate(key).publicKey
      return verify(hash, signed, pem, Buffer.from(text, encoding))
    }),
  ed25519: ({ encoding }, key, signed, text) => quietly(() => verify(null, signed, key, Buffer.from(text, encoding))),
  token: (_rule, key, _signed, text) => isSame(key, text),
}

/** Compares texts in a time that tells nothing of where they differ. */
function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A key or certificate that cannot be read fits nothing. */
function quietly(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}
