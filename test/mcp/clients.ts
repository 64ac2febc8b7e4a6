import { MultiServerMCPClient } from '@langchain/mcp-adapters'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransport2025 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpTransport2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { MAIN, plainEnvironment } from '../support/served.ts'
import type { AnyClient, SeenAnswer } from './any-client.ts'
import { connectMcpc, MCPC } from './mcpc.ts'

export type { AnyClient, SeenAnswer } from './any-client.ts'

type Connect = (url: string, token: string) => Promise<AnyClient>

const INFO = { name: 'tests', version: '1' }
const program = (url: string, token: string) => ({
  command: process.execPath,
  args: [MAIN, 'mcp', '--url', url],
  env: plainEnvironment({ ONEFOLD_TOKEN: token }),
})
/** What both official clients say of resources, in the same words. */
function libraryOf(client: Pick<Client2025, 'listResources' | 'readResource'>) {
  return {
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    read: async (uri: string) => {
      const [content] = (await client.readResource({ uri })).contents
      return content !== undefined && 'text' in content ? String(content.text) : ''
    },
  }
}

const withToken = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } })

async function today(transport: Parameters<Client['connect']>[0]): Promise<AnyClient> {
  const client = new Client(INFO, { versionNegotiation: { mode: 'auto' } })
  await client.connect(transport)
  return {
    list: async () => (await client.listTools()) as Awaited<ReturnType<AnyClient['list']>>,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as SeenAnswer,
    ...libraryOf(client as unknown as Client2025),
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
    ...libraryOf(client),
    revision: () => (transport instanceof HttpTransport2025 ? transport.protocolVersion : undefined),
    close: () => client.close(),
  }
}

/** LangChain makes tools of its own out of ours, and throws what went wrong in a call. */
async function langchain(url: string, token: string): Promise<AnyClient> {
  const server = { url, headers: { authorization: `Bearer ${token}` }, automaticSSEFallback: false }
  const client = new MultiServerMCPClient({ mcpServers: { onefold: server } })
  const tools = await client.getTools()
  return {
    list: async () => ({
      tools: tools.map(({ name, description, schema }) => ({ name, description, inputSchema: { ...schema } })),
    }),
    call: async (name, args = {}) => {
      const tool = tools.find((one) => one.name === name)
      if (tool === undefined) throw new Error(`There is no tool ${name}`)
      try {
        const { content, artifact } = await tool.invoke({ type: 'tool_call', id: '1', name, args })
        return { structuredContent: artifact[0].data, content: [{ type: 'text', text: String(content) }] }
      } catch (error) {
        return { isError: true, content: [{ type: 'text', text: error instanceof Error ? error.message : '' }] }
      }
    },
    resources: async () => (await client.listResources()).onefold?.map(({ uri }) => uri) ?? [],
    read: async (uri) => (await client.readResource('onefold', uri)).map(({ text }) => text).join(''),
    revision: () => undefined,
    close: () => client.close(),
  }
}

/** The official clients, of today and of 2025, over both transports, and those that others built on them. */
export const CLIENTS: Readonly<Record<string, Connect>> = {
  'the client of today over HTTP': (url, token) =>
    today(new StreamableHTTPClientTransport(new URL(url), withToken(token))),
  'the client of 2025 over HTTP': (url, token) => of2025(new HttpTransport2025(new URL(url), withToken(token))),
  'the client of today over stdio': (url, token) => today(new StdioClientTransport(program(url, token))),
  'the client of 2025 over stdio': (url, token) => of2025(new StdioTransport2025(program(url, token))),
  LangChain: langchain,
  ...(MCPC === undefined ? {} : { mcpc: connectMcpc }),
}

/** The client of today over HTTP. */
export const connectToday: Connect = CLIENTS['the client of today over HTTP'] as Connect
