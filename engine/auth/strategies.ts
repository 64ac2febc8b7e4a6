import type { CompiledAuthMethod } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'

/** What a strategy reads: the only place where credentials are in the clear. */
export interface AuthVariables {
  readonly credentials: Readonly<Record<string, string>>
  readonly connection: Readonly<Record<string, string>>
  readonly app: Readonly<Record<string, string>>
}

/** What a strategy adds to a request. */
export interface Proof {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly query?: readonly [name: string, value: string]
  readonly body?: readonly [path: string, value: string]
}

type Strategy = (method: CompiledAuthMethod, variables: AuthVariables) => Proof

const failed = (method: CompiledAuthMethod, why: string, where?: string): EngineError =>
  new EngineError('invalid_credentials', `The auth method '${method.name}' cannot be applied: ${why}`, { where })

/** The text an expression gives, or undefined. Whatever it throws is left behind: a message could quote a credential. */
export function textOf(method: CompiledAuthMethod, expression: Compiled | undefined, variables: object) {
  let value: unknown
  try {
    value = expression?.evaluate(undefined, { ...variables })
  } catch {
    throw failed(method, 'its expression fails', expression?.apart)
  }
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw failed(method, 'its expression gives no text')
}

/** What a method cannot do without. Throws invalid_credentials. */
export function needed(method: CompiledAuthMethod, text: string | undefined, what: string): string {
  if (text !== undefined) return text
  throw failed(method, `it has no ${what}`)
}

/** RFC 7617 with UTF-8: a colon would move into the password, control characters are not allowed. */
const basic: Strategy = (method, variables) => {
  const username = needed(method, textOf(method, method.username, variables), 'user name')
  const password = textOf(method, method.password, variables) ?? ''
  if (username.includes(':')) throw failed(method, 'the user name holds a colon')
  if (/\p{Cc}/u.test(username + password)) throw failed(method, 'it holds a control character')
  return { headers: [['Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]] }
}

/** RFC 6750, header form. */
const bearer: Strategy = (method, variables) => {
  const token = needed(method, textOf(method, method.token, variables), 'token')
  if (!/^[\x21-\x7e]+$/.test(token)) throw failed(method, 'the token holds a character that no header can carry')
  return { headers: [['Authorization', `Bearer ${token}`]] }
}

const apiKey: Strategy = (method, variables) => {
  let text: string | undefined
  try {
    text = method.value?.render(undefined, { ...variables })
  } catch {
    const parts = method.value?.parts.filter((part) => typeof part !== 'string')
    throw failed(method, 'its template fails', parts?.[0]?.apart)
  }
  const value = needed(method, text === '' ? undefined : text, 'key')
  const name = needed(method, method.keyName, 'name')
  if (method.in === 'query') return { headers: [], query: [name, value] }
  if (method.in === 'body') return { headers: [], body: [name, value] }
  return { headers: [[name, headerValue(method, value)]] }
}

/** A text that can stand in a header. Throws invalid_credentials, without the text. */
export function headerValue(method: CompiledAuthMethod, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value
  throw failed(method, 'a value holds a character that no header can carry')
}

/** One strategy for each type of the schema. */
const STRATEGIES: Readonly<Record<CompiledAuthMethod['type'], Strategy>> = {
  basic,
  bearer,
  api_key: apiKey,
  oauth2: (method, variables) => (method.keyName === undefined ? bearer : apiKey)(method, variables),
  none: () => ({ headers: [] }),
}

/** What an auth method adds, its further headers included. Throws invalid_credentials, never with a value in it. */
export function prove(method: CompiledAuthMethod, variables: AuthVariables): Proof {
  const proof = STRATEGIES[method.type](method, variables)
  if (method.headers.size === 0) return proof
  const headers = [...proof.headers]
  for (const [name, expression] of method.headers) {
    const value = textOf(method, expression, variables)
    if (value !== undefined) headers.push([name, headerValue(method, value)])
  }
  return { ...proof, headers }
}
