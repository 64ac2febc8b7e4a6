import {
  EngineError,
  type Integration,
  type Transport,
  type WireRequest,
  type WireResponse,
} from '../../engine/index.ts'
import { askServer, problemOf, type ServerAddress } from '../cli/client.ts'
import type { Sandbox } from '../sandbox/index.ts'

/** Headers of the hop to our own server, and those that it sets itself. */
const NOT_PASSED_ON = new Set([
  'authorization',
  'host',
  'content-length',
  'connection',
  'accept-encoding',
  'user-agent',
])

/** A provider's stand-in in this process for a network. */
export function throughSandbox(sandbox: Sandbox): Pick<Transport, 'send'> {
  return {
    send: async ({ url, verb, headers, body }) => {
      const request = new Request(url, {
        method: verb,
        headers: headers.map(([name, value]) => [name, value]),
        body: bytesOf(body),
      })
      const response = await sandbox.fetch(request).catch((cause: unknown) => {
        throw new EngineError('connection_failed', 'The sandbox did not answer', { cause, sent: true })
      })
      return await wireResponse(response)
    },
  }
}

/** An account of a running server for a network: the server puts its credentials to each request and sends it on. */
export function throughServer(
  server: ServerAddress,
  accountId: string,
  { owned, hosts }: Integration,
): Pick<Transport, 'send'> {
  const bases = [...hosts.values()].map(({ url }) => basePath(url.source)).filter((base) => base !== '')
  return {
    send: async (request) => {
      const { pathname: whole, searchParams } = new URL(request.url)
      const base = bases.find((one) => whole.startsWith(`${one}/`)) ?? ''
      const pathname = whole.slice(base.length)
      for (const name of owned.query) searchParams.delete(name)
      searchParams.set('integrated_account_id', accountId)
      const headers = request.headers.filter(([name]) => isPassedOn(name.toLowerCase(), owned.headers))
      const sent = {
        path: `/custom${pathname}?${searchParams}`,
        verb: request.verb,
        headers,
        body: bytesOf(request.body),
      }
      const response = await askServer(server, sent)
      // What a provider answers is passed on in a cage; a refusal of our own server is not.
      if (response.headers.get('content-security-policy') === 'sandbox') return await wireResponse(response)
      throw await problemOf(response)
    },
  }
}

/** The path of a host's URL, which the server puts in front again; empty where it has none, or one of settings. */
function basePath(template: string): string {
  const url = template.replaceAll(/\{\{.*?\}\}/g, 'x')
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : ''
}

const isPassedOn = (name: string, owned: ReadonlySet<string>): boolean => !NOT_PASSED_ON.has(name) && !owned.has(name)

const bytesOf = (body: WireRequest['body']): Uint8Array<ArrayBuffer> | null =>
  body instanceof Uint8Array ? new Uint8Array(body) : null

async function wireResponse(response: Response): Promise<WireResponse> {
  const body = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}
