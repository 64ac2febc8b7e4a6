import { afterEach, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { connectToday } from './clients.ts'

let stand: Stand
afterEach(() => stand.close())

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }

/** Everything that is kept or told of requests. */
async function traces(): Promise<string> {
  await stand.clock.advance(5_000)
  const { body: requests } = await stand.call('GET', '/request-log?limit=200')
  const { body: audit } = await stand.call('GET', '/audit-log?limit=200')
  expect(requests.result.length).toBeGreaterThan(0)
  const told = JSON.stringify([requests, audit, stand.log.told])
  expect(told).toContain('/mcp/[token]')
  return told
}

it('is not served unless it is switched on', async () => {
  stand = await openStand()
  const token = await stand.accountToken()
  const { status, body } = await stand.call('POST', `/mcp/${token}`, { token: null, body: LIST, headers })
  expect([status, body.code]).toEqual([404, 'not_found'])
  expect(JSON.stringify(body)).not.toContain(token)
  expect(await traces()).not.toContain(token)
})

it('switched on, a client needs its address only', async () => {
  stand = await openStand({ ONEFOLD_MCP_PATH_TOKENS: 'on' })
  stand.upstream.addCustomers(1)
  const token = await stand.accountToken({ expires_in: null })
  const client = await connectToday(`${stand.url}/mcp/${token}?max_bytes=4000`, 'not-used')
  const answer = await client.call('list_records', { resource: 'payment-gateway/customers', fields: ['id'] })
  expect(answer.structuredContent.result).toEqual([{ id: 'cus0000' }])
  await client.close()
  expect(await traces()).not.toContain(token)
})

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])(
  '%s leaves no trace of the token',
  async (verb) => {
    stand = await openStand({ ONEFOLD_MCP_PATH_TOKENS: 'on' })
    const token = await stand.accountToken()
    for (const path of [`/mcp/${token}`, `/mcp/${token}/`, `/mcp/${token}/more?x=1`, `/mcp/wrong${token}`]) {
      const answer = await stand.call(verb, path, { token: null, ...(verb === 'POST' ? { body: LIST } : {}) })
      expect(answer.status).toBeLessThan(500)
      expect(JSON.stringify([...answer.headers, answer.body])).not.toContain(token)
    }
    expect(await traces()).not.toContain(token)
  },
)
