import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, Server, type Tool } from '@modelcontextprotocol/server'
import { Pool } from 'undici'
import { answerParent } from '../harness/answer.ts'
import { meterCpu, type Usage } from '../harness/usage.ts'

// The floor of MCP: the SDK's low-level server with a fixed list of tools, whose one call reads a page and parses it.
let stop: (() => Usage) | undefined

interface Floor {
  readonly tools: readonly Tool[]
  readonly origin: string
  readonly target: string
  readonly records: number
}

interface NativePage {
  readonly data: readonly unknown[]
}

function serverOf({ tools, target, records }: Floor, pool: Pool): Server {
  const server = new Server({ name: 'floor', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools: [...tools] }))
  server.setRequestHandler('tools/call', async () => {
    const headers = { authorization: 'Bearer sk_live_bench' }
    const { body } = await pool.request({ path: target, method: 'GET', headers })
    const { data } = JSON.parse(await body.text()) as NativePage
    const result = data.slice(0, records)
    return {
      content: [{ type: 'text', text: `${result.length} items in structuredContent.result.` }],
      structuredContent: { result, next_cursor: null },
    }
  })
  return server
}

answerParent({
  listen: async (floor: Floor) => {
    const pool = new Pool(floor.origin, { connections: 64, pipelining: 1 })
    const handler = createMcpHandler(() => serverOf(floor, pool))
    const listener = getRequestListener((request) => handler.fetch(request), { overrideGlobalObjects: false })
    const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void listener(request, response))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  },
  start: () => {
    stop = meterCpu()
  },
  stop: () => stop?.(),
})
