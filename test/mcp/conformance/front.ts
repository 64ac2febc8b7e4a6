import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createHostCheck } from '../../../server/http/hosts.ts'
import { addMcp } from '../../../server/http/mcp.ts'
import type { Stand } from '../../http/stand.ts'
import { fixtureToolbox } from './fixture.ts'

/** A port that is open until it is closed. */
export interface Open {
  readonly url: string
  close(): void
}

async function opened(server: Server): Promise<Open> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The suites cannot send a token: this adds it to every request and changes nothing else. */
export function openFront(url: string, token: string): Promise<Open> {
  const { hostname, port } = new URL(url)
  return opened(
    createServer((incoming, response) => {
      const { method, url: path, headers } = incoming
      const own = { ...headers, authorization: `Bearer ${token}` }
      const onward = request({ hostname, port, method, path, headers: own }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      incoming.pipe(onward)
    }),
  )
}

/** The MCP endpoint of a server, with all that stands before it, over the tools that the suites ask for. */
export function openFixture({ server }: Stand): Promise<Open> {
  const app = new Hono()
  addMcp(app, server.services, createHostCheck(server.services.settings), () => fixtureToolbox)
  return opened(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })))
}
