import type { IncomingMessage, ServerResponse } from 'node:http'
import { Pool } from 'undici'
import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { meterCpu, type Usage } from '../harness/usage.ts'

// The floor of the proxy hop: node:http in, undici out, the body piped, one fixed key; nobody is asked who they are.
let stop: (() => Usage) | undefined

const relay =
  (pool: Pool) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host: _host, connection: _connection, ...headers } = request.headers
    const {
      statusCode,
      headers: answered,
      body,
    } = await pool.request({
      path: request.url ?? '/',
      method: 'GET',
      headers: { ...headers, authorization: 'Bearer sk_live_bench' },
    })
    const { connection: _hop, 'keep-alive': _hops, ...kept } = answered
    response.writeHead(statusCode, kept)
    body.pipe(response)
  }

answerParent({
  listen: ({ origin }: { origin: string }) => {
    const pass = relay(new Pool(origin, { connections: 64, pipelining: 1 }))
    return listen((request, response) => {
      pass(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)))
    })
  },
  start: () => {
    stop = meterCpu()
  },
  stop: () => stop?.(),
})
