import type { AuthMethod, OAuth2 as OAuth2File, SigningKey as SigningKeyFile } from '../../schema/generated.ts'
import type { OAuth2, OAuthEndpoint, SigningKey } from '../catalog.ts'
import type { Located } from '../document.ts'
import { frozenCopy } from '../frozen.ts'
import { defaultExpression, expressionOf, expressionsOf, maybeExpression, templateOf } from './slots.ts'

type Answer = NonNullable<OAuth2File['answer']>

/** Compiled OAuth 2.0 of a method; an app that declares client_id and client_secret needs no `client`. */
export function oauth2Of(node: Located<OAuth2File>, app: NonNullable<AuthMethod['app']>): OAuth2 {
  const { grant, issuer, scopes = [] } = node.value
  const token = node.need('token')
  const revoke = node.at('revoke')
  return {
    grant: grant ?? 'authorization_code',
    issuer,
    scopes: frozenCopy(scopes),
    authorize: authorizeOf(node.at('authorize')),
    client: clientOf(node.at('client'), app),
    token: { ...endpointOf(token), timeoutMs: token.value.timeout_ms ?? 20_000 },
    assertion: assertionOf(node.at('assertion')),
    answer: answerOf(node.at('answer')),
    keep: expressionsOf(node.at('keep')),
    settings: expressionsOf(node.at('settings')),
    identity: maybeExpression(node.at('identity')),
    refresh: refreshOf(node.at('refresh')),
    revoke: revoke === undefined ? undefined : { ...endpointOf(revoke), isOwn: revoke.at('params') !== undefined },
  }
}

function endpointOf(node: Located<OAuth2File['token']> | Located<NonNullable<OAuth2File['revoke']>>): OAuthEndpoint {
  const each = node as Located<OAuth2File['token']>
  return {
    host: each.value.host ?? 'default',
    path: templateOf(each.need('path')),
    params: expressionsOf(each.at('params')),
    headers: expressionsOf(each.at('headers')),
    body: each.value.body ?? 'form',
  }
}

function authorizeOf(node: Located<NonNullable<OAuth2File['authorize']>> | undefined): OAuth2['authorize'] {
  if (node === undefined) return undefined
  const { host, pkce, scope_param, scope_separator } = node.value
  return {
    host: host ?? 'default',
    path: templateOf(node.need('path')),
    params: expressionsOf(node.at('params')),
    pkce: pkce ?? 'S256',
    scopeParam: scope_param ?? 'scope',
    scopeSeparator: scope_separator ?? ' ',
  }
}

function clientOf(
  node: Located<NonNullable<OAuth2File['client']>> | undefined,
  app: NonNullable<AuthMethod['app']>,
): OAuth2['client'] {
  const ofApp = (name: string) => (Object.hasOwn(app, name) ? defaultExpression(`$app.${name}`, ['app']) : undefined)
  return {
    id: maybeExpression(node?.at('id')) ?? ofApp('client_id'),
    secret: maybeExpression(node?.at('secret')) ?? ofApp('client_secret'),
    auth: node?.value.auth ?? 'client_secret_basic',
    key: keyOf(node?.at('key')),
  }
}

function keyOf(node: Located<SigningKeyFile> | undefined): SigningKey | undefined {
  if (node === undefined) return undefined
  return { alg: node.value.alg, value: expressionOf(node.need('value')), id: maybeExpression(node.at('id')) }
}

function assertionOf(node: Located<NonNullable<OAuth2File['assertion']>> | undefined): OAuth2['assertion'] {
  const key = keyOf(node?.at('key'))
  if (node === undefined || key === undefined) return undefined
  return {
    key,
    issuer: expressionOf(node.need('issuer')),
    subject: maybeExpression(node.at('subject')),
    audience: maybeExpression(node.at('audience')),
    lifetimeMs: (node.value.lifetime_s ?? 300) * 1000,
    claims: expressionsOf(node.at('claims')),
  }
}

function answerOf(node: Located<Answer> | undefined): OAuth2['answer'] {
  const at = (name: keyof Answer) =>
    maybeExpression(node?.at(name) as Located<string> | undefined) ??
    defaultExpression(`$response.${name}`, ['response'])
  return {
    accessToken: at('access_token'),
    refreshToken: at('refresh_token'),
    expiresIn: at('expires_in'),
    expiresAt: at('expires_at'),
    scope: at('scope'),
    error: at('error'),
  }
}

function refreshOf(node: Located<NonNullable<OAuth2File['refresh']>> | undefined): OAuth2['refresh'] {
  const { ahead_s = 300, expires_in_s, rotates = true } = node?.value ?? {}
  return {
    aheadMs: ahead_s * 1000,
    lifetimeMs: expires_in_s === undefined ? undefined : expires_in_s * 1000,
    rotates,
    params: expressionsOf(node?.at('params')),
  }
}
