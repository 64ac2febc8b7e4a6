import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves on a free loopback port; answers its origin. */
export async function listen(handle: RequestListener): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
