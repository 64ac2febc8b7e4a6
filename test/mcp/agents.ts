import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../server/config.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'

const STRIPE = 'sandbox-stripe'
const PAYMENTS = 'payment-gateway/payments'

/** An answer of the API. */
export interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any
}

/** A server with the sandboxes of the built-in providers, and what tests of agents ask of it. */
export interface Desk {
  readonly server: OnefoldServer
  readonly mcp: string
  api(verb: string, path: string, body?: unknown, token?: string): Promise<Answered>
  /** A token for an agent on the sandbox, with its id. */
  agent(config?: Record<string, unknown>): Promise<{ readonly id: string; readonly token: string }>
  /** A token that approves. */
  approver(): Promise<string>
  /** Ids and refundable amounts of payments that can be refunded, in one currency. */
  refundable(count: number): Promise<readonly Refundable[]>
  /** How many refunds there are. */
  refunds(): Promise<number>
  acts(query: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** A payment with money left to give back. */
export interface Refundable {
  readonly id: string
  readonly amount_refundable: number
  readonly currency: string
}

/** Starts the server on free ports. */
export async function openDesk(settings: Record<string, string> = {}): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-agents-'))
  const env = { PORT: '0', PASSTHROUGH_PORT: '0', ONEFOLD_DATA: join(folder, 'data'), ONEFOLD_ADMIN_TOKEN: ADMIN }
  const server = await startServer(readSettings({ ...env, ...settings }, folder), listeningLog())
  const api: Desk['api'] = async (verb, path, body, token = ADMIN) => {
    const response = await fetch(`${server.url}${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${token}`,
        ...(token === ADMIN ? { 'x-onefold-environment': 'sandbox' } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const list = async (path: string): Promise<Record<string, unknown>[]> => (await api('GET', path)).body.result
  return {
    server,
    mcp: `${server.url}/mcp`,
    api,
    agent: async (config = {}) => {
      const made = await api('POST', `/integrated-account/${STRIPE}/mcp`, { name: 'helper', config })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      return made.body
    },
    approver: async () => (await api('POST', '/api-token', { role: 'approve', environment: 'sandbox' })).body.token,
    refundable: async (count) => {
      const payments = await list(`/unified/${PAYMENTS}?integrated_account_id=${STRIPE}&limit=200&status=succeeded`)
      const found = payments as unknown as (Refundable & { is_refundable: boolean })[]
      const fit = found.filter(
        (one) => one.is_refundable && one.currency === found[0]?.currency && one.amount_refundable > 500,
      )
      if (fit.length < count) throw new Error(`only ${fit.length} payments can be refunded`)
      return fit.slice(0, count)
    },
    refunds: async () =>
      (await list(`/unified/payment-gateway/refunds?integrated_account_id=${STRIPE}&limit=1000`)).length,
    acts: (query) => list(`/audit-log?limit=1000&${query}`),
    close: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The arguments of a refund. */
export const refundOf = (id: string, amount?: number) => ({
  action: `${PAYMENTS}/refund`,
  id,
  body: amount === undefined ? {} : { amount },
})
