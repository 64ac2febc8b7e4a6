import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransport2025 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'

type Reply = { action: 'accept' | 'decline'; content?: Record<string, string> }
type Asked = { message: string; requestedSchema?: unknown }
/** Gets a prompt and answers its text. */
type Get = (name: string, args?: Record<string, string>) => Promise<string>

let stand: Stand
let token: string
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(12)
  token = await stand.accountToken({ effects: ['read'], expires_in: null })
})
afterAll(async () => {
  for (const close of closers) await close()
  await stand.close()
})

const textIn = ({ messages }: { messages: readonly { content: unknown }[] }): string =>
  String((messages[0]?.content as { text?: string } | undefined)?.text)

async function today(reply: Reply, asked: Asked[]): Promise<Get> {
  const info = { name: 'tests', version: '1' }
  const client = new Client(info, { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' } })
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params as Asked)
    return reply
  })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${stand.url}/mcp`), { requestInit }))
  closers.push(() => client.close())
  return async (name, args = {}) => textIn(await client.getPrompt({ name, arguments: args }))
}

async function of2025(reply: Reply, asked: Asked[]): Promise<Get> {
  const client = new Client2025({ name: 'tests', version: '1' }, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params as Asked)
    return reply
  })
  const args = [MAIN, 'mcp', '--url', `${stand.url}/mcp`]
  const env = plainEnvironment({ ONEFOLD_TOKEN: token })
  await client.connect(new StdioTransport2025({ command: process.execPath, args, env }))
  closers.push(() => client.close())
  return async (name, given = {}) => textIn(await client.getPrompt({ name, arguments: given }))
}

describe.each([
  ['the client of today over HTTP', today],
  ['the client of 2025 over stdio', of2025],
] as const)('%s', (_name, connect) => {
  it('asks its person for what a prompt lacks, and for nothing else', async () => {
    const asked: Asked[] = []
    const get = await connect({ action: 'accept', content: { payout_id: 'po_7', integrated_account_id: 'x' } }, asked)
    expect(await get('reconcile_payout', { integrated_account_id: 'acme-1' })).toContain('"payout_id":"po_7"')
    expect(asked).toMatchObject([{ message: 'Reconcile a payout', requestedSchema: { required: ['payout_id'] } }])
    expect(await get('reconcile_payout', { payout_id: 'po_8', integrated_account_id: 'acme-1' })).toContain('acme-1')
    expect(asked).toHaveLength(1)
  })

  it('is told what is missing when its person does not say', async () => {
    const get = await connect({ action: 'decline' }, [])
    await expect(get('reconcile_payout')).rejects.toThrow(/`payout_id` is missing/)
  })
})

describe('progress', () => {
  async function messages(revision: string, meta: object): Promise<Record<string, unknown>[]> {
    const declared = {
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientInfo': { name: 'tests', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const args = { resource: 'payment-gateway/customers', limit: 12 }
    const params = { name: 'list_records', arguments: args, _meta: { ...(revision > '2026' ? declared : {}), ...meta } }
    const response = await fetch(`${stand.url}/mcp`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...{ accept: 'application/json, text/event-stream', 'mcp-protocol-version': revision },
        ...(revision > '2026' ? { 'mcp-method': 'tools/call', 'mcp-name': 'list_records' } : {}),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    })
    const text = await response.text()
    return text.startsWith('{')
      ? [JSON.parse(text)]
      : [...text.matchAll(/^data: (.+)$/gm)].map(([, one]) => JSON.parse(one ?? ''))
  }

  it.each(['2025-11-25', '2026-07-28'])('is told as each request goes to the provider, in %s', async (revision) => {
    const said = await messages(revision, { progressToken: 'p1' })
    const told = said.filter(({ method }) => method === 'notifications/progress')
    expect(told.map(({ params }) => params)).toEqual(
      [1, 2, 3].map((progress) => ({ progressToken: 'p1', progress, message: `Request ${progress} to the provider` })),
    )
    expect(said.at(-1)).toMatchObject({ id: 1, result: { structuredContent: { truncated: false } } })
    expect(await messages(revision, {})).toHaveLength(1)
  })
})
