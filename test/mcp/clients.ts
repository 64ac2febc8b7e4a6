import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransport2025 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpTransport2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { MAIN, plainEnvironment } from '../support/served.ts'

/** A tool as a client sees it. */
export interface SeenTool {
  readonly name: string
  readonly description?: string | undefined
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly outputSchema?: object | undefined
  readonly annotations?: Readonly<Record<string, unknown>> | undefined
}

/** An answer as a client sees it. */
export interface SeenAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly structuredContent?: any
  readonly content: readonly { readonly type: string; readonly text?: string }[]
  readonly isError?: boolean | undefined
}

/** What both clients can do, said in one way. */
export interface AnyClient {
  list(): Promise<{ readonly tools: readonly SeenTool[]; readonly nextCursor?: string | undefined }>
  call(name: string, args?: Record<string, unknown>): Promise<SeenAnswer>
  readonly revision: () => string | undefined
  close(): Promise<void>
}

type Connect = (url: string, token: string) => Promise<AnyClient>

const INFO = { name: 'tests', version: '1' }
const program = (url: string, token: string) => ({
  command: process.execPath,
  args: [MAIN, 'mcp', '--url', url],
  env: plainEnvironment({ ONEFOLD_TOKEN: token }),
})
const withToken = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } })

async function today(transport: Parameters<Client['connect']>[0]): Promise<AnyClient> {
  const client = new Client(INFO, { versionNegotiation: { mode: 'auto' } })
  await client.connect(transport)
  return {
    list: async () => (await client.listTools()) as Awaited<ReturnType<AnyClient['list']>>,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as SeenAnswer,
    revision: () => client.getNegotiatedProtocolVersion(),
    close: () => client.close(),
  }
}

async function of2025(transport: HttpTransport2025 | StdioTransport2025): Promise<AnyClient> {
  const client = new Client2025(INFO)
  await client.connect(transport as Parameters<Client2025['connect']>[0])
  return {
    list: async () => (await client.listTools()) as Awaited<ReturnType<AnyClient['list']>>,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as SeenAnswer,
    revision: () => (transport instanceof HttpTransport2025 ? transport.protocolVersion : undefined),
    close: () => client.close(),
  }
}

/** The official clients, of today and of 2025, over both transports. */
export const CLIENTS: Readonly<Record<string, Connect>> = {
  'the client of today over HTTP': (url, token) =>
    today(new StreamableHTTPClientTransport(new URL(url), withToken(token))),
  'the client of 2025 over HTTP': (url, token) => of2025(new HttpTransport2025(new URL(url), withToken(token))),
  'the client of today over stdio': (url, token) => today(new StdioClientTransport(program(url, token))),
  'the client of 2025 over stdio': (url, token) => of2025(new StdioTransport2025(program(url, token))),
}

/** The client of today over HTTP. */
export const connectToday: Connect = CLIENTS['the client of today over HTTP'] as Connect
