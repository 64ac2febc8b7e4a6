import { constants, createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { SigningKey } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { neededAt, type Party, textAt, textsAt } from './party.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const privateKey = (pem: string): KeyObject => {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'))
  } catch {
    throw new EngineError('invalid_credentials', 'The private key cannot be read', {
      hint: 'Give it as PEM, from -----BEGIN to END-----.',
    })
  }
}

/** Signatures as RFC 7518 wants them; what the key is not made for is refused like an unreadable one. */
function signatureOf(alg: SigningKey['alg'], key: string, data: Buffer): Buffer {
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('HS')) return createHmac(hash, key).update(data).digest()
  const pem = privateKey(key)
  try {
    if (alg === 'EdDSA') return sign(null, data, pem)
    if (alg.startsWith('ES')) return sign(hash, data, { key: pem, dsaEncoding: 'ieee-p1363' })
    if (alg.startsWith('RS')) return sign(hash, data, pem)
    const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
    return sign(hash, data, { key: pem, padding, saltLength })
  } catch {
    throw new EngineError('invalid_credentials', `The private key is not one for ${alg}`)
  }
}

/** A signed JWT (RFC 7519). */
function jwt(party: Party, key: SigningKey, claims: object): string {
  const kid = textAt(party, key.id)
  const text = `${part({ alg: key.alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) })}.${part(claims)}`
  const secret = neededAt(party, key.value, 'key to sign with')
  return `${text}.${signatureOf(key.alg, secret, Buffer.from(text)).toString('base64url')}`
}

const lifetime = ({ wire }: Party, ms: number): { iat: number; exp: number; jti: string } => {
  const iat = Math.floor(wire.nowMs / 1000)
  return { iat, exp: iat + Math.ceil(ms / 1000), jti: wire.id() }
}

/** The assertion of a JWT bearer grant (RFC 7523 2.1). */
export function bearerAssertion(party: Party, audience: string): string {
  const { assertion } = party.oauth2
  if (assertion === undefined) throw new EngineError('definition_invalid', 'jwt_bearer without `assertion`')
  const issuer = neededAt(party, assertion.issuer, 'issuer')
  return jwt(party, assertion.key, {
    ...Object.fromEntries(textsAt(party, assertion.claims)),
    iss: issuer,
    sub: textAt(party, assertion.subject) ?? issuer,
    aud: textAt(party, assertion.audience) ?? audience,
    ...lifetime(party, assertion.lifetimeMs),
  })
}

const CLIENT_ASSERTION_MS = 60_000

/** The assertion by which a client proves itself (RFC 7523 2.2). */
export function clientAssertion(party: Party, clientId: string, audience: string): string {
  const { key } = party.oauth2.client
  if (key === undefined) throw new EngineError('definition_invalid', 'private_key_jwt without `client.key`')
  return jwt(party, key, { iss: clientId, sub: clientId, aud: audience, ...lifetime(party, CLIENT_ASSERTION_MS) })
}
