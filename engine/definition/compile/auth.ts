import type {
  Auth as AuthFile,
  AuthMethod,
  Integration as IntegrationFile,
  Signing as SigningFile,
  PostInstallStep as StepFile,
} from '../../schema/generated.ts'
import type { Auth, CompiledAuthMethod, Integration, PostInstallStep, Signing } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenSet, frozenCopy } from '../frozen.ts'
import { oauth2Of } from './oauth2.ts'
import { defaultExpression, expressionOf, expressionsOf, mapOf, maybeExpression, slotsOf, templateOf } from './slots.ts'

/** Compiled auth of an integration. */
export function authOf(node: Located<AuthFile>): Auth {
  const methods = mapOf(node.need('methods') as Located<AuthFile['methods']>, methodOf)
  const postInstall = (node.at('post_install')?.items() ?? []).map((step) => stepOf(step as Located<StepFile>))
  return { methods, verify: node.value.verify, identity: maybeExpression(node.at('identity')), postInstall }
}

function stepOf(step: Located<StepFile>): PostInstallStep {
  return {
    name: step.value.name,
    operation: step.value.to,
    unless: maybeExpression(step.at('unless')),
    path: slotsOf(step.at('path')),
    query: slotsOf(step.at('query')),
    body: slotsOf(step.at('body')),
    traits: expressionsOf(step.at('traits')),
    settings: expressionsOf(step.at('settings')),
  }
}

function methodOf(method: Located<AuthMethod>, name: string): CompiledAuthMethod {
  const { type, label, description, fields = {}, app = {}, in: place, name: keyName } = method.value
  const oauth2 = method.at('oauth2')
  const signing = method.at('signing')
  return {
    name,
    type,
    label,
    description,
    fields: frozenCopy(fields),
    app: frozenCopy(app),
    token: tokenOf(method),
    username: maybeExpression(method.at('username')),
    password: maybeExpression(method.at('password')),
    in: place,
    keyName,
    value: method.at('value') === undefined ? undefined : templateOf(method.need('value')),
    headers: expressionsOf(method.at('headers')),
    verify: method.value.verify,
    identity: maybeExpression(method.at('identity')),
    oauth2: oauth2 === undefined ? undefined : oauth2Of(oauth2, app),
    signing: signing === undefined ? undefined : signingOf(signing),
  }
}

/** An access token goes as RFC 6750 says, unless the definition says otherwise. */
function tokenOf(method: Located<AuthMethod>): CompiledAuthMethod['token'] {
  const { type, name, token } = method.value
  const isBearer = type === 'oauth2' && name === undefined && token === undefined
  return isBearer
    ? defaultExpression('$credentials.access_token', ['credentials'])
    : maybeExpression(method.at('token'))
}

function signingOf(node: Located<SigningFile>): Signing {
  const { hash, key_encoding, encoding, parts, separator, timestamp } = node.value
  return {
    hash: hash ?? 'sha256',
    key: expressionOf(node.need('key')),
    keyEncoding: key_encoding ?? 'utf8',
    encoding: encoding ?? 'hex',
    parts: frozenCopy(parts),
    separator: separator ?? '',
    timestamp: timestamp ?? 's',
    headers: expressionsOf(node.at('headers')),
  }
}

/** What the caller may never set: what is declared, and every place where auth puts something. */
export function ownedOf(file: Located<IntegrationFile>): Integration['owned'] {
  const { owned = {}, auth } = file.value
  const methods = Object.values(auth.methods)
  const keys = (where: string): string[] =>
    methods.flatMap(({ in: place, name }) => (place === where && name !== undefined ? [name] : []))
  const usesAuthorization = methods.some(
    ({ type, name }) => type === 'bearer' || type === 'basic' || (type === 'oauth2' && name === undefined),
  )
  const headers = [
    ...(usesAuthorization ? ['authorization'] : []),
    ...(owned.headers ?? []),
    ...keys('header'),
    ...methods.flatMap(({ headers: own, signing }) => Object.keys({ ...own, ...signing?.headers })),
  ]
  return {
    headers: new FrozenSet(headers.map((header) => header.toLowerCase())),
    query: new FrozenSet([...(owned.query ?? []), ...keys('query')]),
    body: new FrozenSet(keys('body')),
    paths: frozenCopy(owned.paths ?? []),
  }
}
