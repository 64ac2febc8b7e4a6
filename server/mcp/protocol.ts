import { Server } from '@modelcontextprotocol/server'
import { LIBRARY_METHODS, type Toolbox } from './contract.ts'

/** The MCP server over a toolbox, of every protocol revision that the SDK speaks. */
export function createProtocol(toolbox: Toolbox): Server {
  const server = new Server(
    { name: 'onefold', title: 'Onefold', version: '1' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: toolbox.instructions },
  )
  server.setRequestHandler('tools/list', async () => ({ tools: [...(await toolbox.list())] }))
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
    toolbox.call(params.name, params.arguments ?? {}, mcpReq.signal),
  )
  for (const method of LIBRARY_METHODS) {
    // The SDK checks the result against the schema of the method.
    server.setRequestHandler(method, ({ params }) => toolbox.consult(method, { ...params }) as Promise<never>)
  }
  return server
}

/** Revisions that know no structured content, or a request that names none. */
export const isTextOnly = (revision: string | null | undefined): boolean => (revision ?? '') < '2025-06-18'
