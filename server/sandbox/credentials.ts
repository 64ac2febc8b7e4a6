import { timingSafeEqual } from 'node:crypto'
import type { Compiled, CompiledAuthMethod, Integration } from '../../engine/index.ts'
import type { Rules } from './contract.ts'
import { SANDBOX_TOKEN } from './tokens.ts'

/** Where a request carries its proof, and the proof that is right. */
interface Proof {
  readonly in: 'header' | 'query'
  readonly name: string
  readonly value: string
}

/** Name of the auth method that the sandbox's account is connected with. */
export function authMethodOf(integration: Integration, rules: Rules): CompiledAuthMethod {
  const { methods } = integration.auth
  const method = rules.account.method === undefined ? [...methods.values()][0] : methods.get(rules.account.method)
  if (method === undefined) throw new TypeError(`${integration.name} has no auth method for its sandbox`)
  return method
}

/** What a request shows as proof, and whether it is right. */
export type Check = (
  headers: Headers,
  query: URLSearchParams,
) => { readonly given: string | undefined; readonly isRight: boolean }

/** Checks requests against the credentials of the rules, where the auth method puts them. */
export function createCheck(integration: Integration, rules: Rules): Check {
  const proof = proofOf(authMethodOf(integration, rules), rules)
  if (proof === undefined) return () => ({ given: undefined, isRight: true })
  return (headers, query) => {
    const given = (proof.in === 'header' ? headers.get(proof.name) : query.get(proof.name)) ?? undefined
    return { given, isRight: given !== undefined && isSame(given, proof.value) }
  }
}

/** The header that proves a request, as `Name: value`; undefined where the proof is no header. */
export function headerOf(integration: Integration, rules: Rules): string | undefined {
  const proof = proofOf(authMethodOf(integration, rules), rules)
  return proof?.in === 'header' ? `${proof.name}: ${proof.value}` : undefined
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function proofOf(method: CompiledAuthMethod, { account }: Rules): Proof | undefined {
  const { connection } = account
  const credentials =
    method.oauth2 === undefined ? account.credentials : { ...account.credentials, access_token: SANDBOX_TOKEN }
  const text = (source: Compiled | undefined): string =>
    String(source?.evaluate(undefined, { credentials, connection }) ?? '')
  if (method.type === 'none') return undefined
  const isBearer = method.type === 'bearer' || (method.type === 'oauth2' && method.keyName === undefined)
  if (isBearer) return { in: 'header', name: 'authorization', value: `Bearer ${text(method.token)}` }
  if (method.type === 'basic') {
    const pair = `${text(method.username)}:${text(method.password)}`
    return { in: 'header', name: 'authorization', value: `Basic ${Buffer.from(pair).toString('base64')}` }
  }
  if (method.in === 'body') throw new TypeError('the sandbox cannot check a key in the body')
  const value = method.value?.render(undefined, { credentials, connection }) ?? ''
  return { in: method.in ?? 'header', name: method.keyName ?? '', value }
}
