import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Catalog, Clock, Log, Transport } from '../../engine/index.ts'
import { ConnectionCut } from './faults.ts'
import { Sandbox } from './sandbox.ts'

export { instantOf } from './control.ts'
export { Sandbox } from './sandbox.ts'

/** A sandbox that listens on loopback, and how to connect an account to it. */
export interface RunningSandbox {
  readonly integration: string
  /** Address to give the account as its base URL. */
  readonly origin: string
  readonly credentials: Readonly<Record<string, string>>
  readonly connection: Readonly<Record<string, string>>
  readonly authMethod: string
  /** The header that proves a request, as `Name: value`; undefined where there is none. */
  readonly authorization: string | undefined
  /** Id of the account: `sandbox-<integration>`. */
  readonly accountId: string
  /** Settles when the invented data is there; requests that come before wait. */
  ready(): Promise<void>
  /** From here on the first request has the invented data sown; until then one that is held shows none. */
  release(): void
  close(): Promise<void>
}

/**
 * Starts the sandbox of every integration that has rules for one, each on a free port of 127.0.0.1 and held: what many
 * sandboxes invent costs seconds, and most of them are never asked. One whose rules fail is left out, and the log says why.
 */
export async function startSandboxes(
  catalog: Catalog,
  options: { readonly clock: Clock; readonly log: Log; readonly transport: Transport },
): Promise<readonly RunningSandbox[]> {
  const { clock, log, transport } = options
  const simulated = [...catalog.integrations.values()].filter(({ sandbox }) => sandbox.length > 0)
  const started = simulated.map(async (integration) => {
    try {
      return await listen(new Sandbox({ integration, clock, transport, isHeld: true }), log)
    } catch (error) {
      log.error({ err: error, integration: integration.name }, 'a sandbox could not be started')
      return undefined
    }
  })
  return (await Promise.all(started)).filter((sandbox) => sandbox !== undefined)
}

/** Serves a sandbox on a port of 127.0.0.1; 0 takes a free one. */
export async function listen(sandbox: Sandbox, log: Log, port = 0): Promise<RunningSandbox> {
  const { integration, account, rules } = sandbox
  const answer = async (request: Request, { incoming }: HttpBindings | Http2Bindings): Promise<Response> => {
    try {
      return await sandbox.fetch(request)
    } catch (error) {
      if (error instanceof ConnectionCut) {
        incoming.socket.resetAndDestroy()
        return RESPONSE_ALREADY_SENT
      }
      log.error({ err: error, integration: integration.name }, 'the sandbox failed')
      return new Response('The sandbox failed; its log says why.', { status: 500 })
    }
  }
  const server = createAdaptorServer({ fetch: answer })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: open } = server.address() as AddressInfo
  return {
    integration: integration.name,
    origin: `http://127.0.0.1:${open}`,
    credentials: account.credentials,
    connection: rules.account.connection,
    authMethod: account.method,
    authorization: account.authorization,
    accountId: `sandbox-${integration.name}`,
    ready: () => sandbox.ready(),
    release: () => sandbox.release(),
    close: () =>
      new Promise((resolve) => {
        sandbox.close()
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
