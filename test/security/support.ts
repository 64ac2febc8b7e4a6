import { connect } from 'node:net'
import type { Stand } from '../http/stand.ts'

/** What the acme-1 account is called in a query. */
export const PAY = 'integrated_account_id=acme-1'

/** A way to reach the provider through the server, with the path of customers on it. */
export interface Surface {
  readonly name: string
  /** Asks for a path below the customers, e.g. `/cus0000`; the token is that of an account. */
  ask(stand: Stand, token: string, rest: string, init?: RequestInit): Promise<Response>
}

const at = (name: string, base: (stand: Stand) => string): Surface => ({
  name,
  ask: (stand, token, rest, init = {}) =>
    fetch(`${base(stand)}${rest}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    }),
})

/** Every surface that calls a provider. */
export const SURFACES: readonly Surface[] = [
  at('unified', ({ url }) => `${url}/unified/payment-gateway/customers`),
  at('proxy', ({ url }) => `${url}/proxy/customers`),
  at('custom', ({ url }) => `${url}/custom/v1/customers`),
  at('drop-in', ({ dropIn }) => `${dropIn}/v1/customers`),
]

/** Surfaces that pass a request on as it is. */
export const RAW_SURFACES: readonly Surface[] = SURFACES.slice(2)

/** The `code` of a problem; undefined for an answer that is none. */
export async function codeIn(response: Response): Promise<string | undefined> {
  const text = await response.text()
  const isProblem = response.headers.get('content-type')?.includes('problem+json') === true
  return isProblem ? (JSON.parse(text) as { code: string }).code : undefined
}

/** What reached the provider while `work` ran. */
export async function reachedDuring(stand: Stand, work: () => Promise<unknown>): Promise<Stand['upstream']['reached']> {
  const before = stand.upstream.reached.length
  await work()
  return stand.upstream.reached.slice(before)
}

/** Sends these bytes and answers with all that comes back until the server closes the connection. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (chunk) => {
      got += String(chunk)
    })
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
    socket.write(text)
  })
}
