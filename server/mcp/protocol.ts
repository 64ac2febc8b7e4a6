import { CLIENT_CAPABILITIES_META_KEY, type ClientCapabilities, Server } from '@modelcontextprotocol/server'
import { LIBRARY_METHODS, type Toolbox } from './contract.ts'

/** The MCP server over a toolbox, of every protocol revision that the SDK speaks. */
export function createProtocol(toolbox: Toolbox): Server {
  const server = new Server(
    { name: 'onefold', title: 'Onefold', version: '1' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: toolbox.instructions },
  )
  server.setRequestHandler('tools/list', async () => ({ tools: [...(await toolbox.list())] }))
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
    const abilities = abilitiesIn(mcpReq.envelope) ?? server.getClientCapabilities()
    const { signal, inputResponses: responses } = mcpReq
    const round = { signal, canAsk: canAsk(abilities), responses, state: mcpReq.requestState<string>() }
    return toolbox.call(params.name, params.arguments ?? {}, round)
  })
  for (const method of LIBRARY_METHODS) {
    // The SDK checks the result against the schema of the method.
    server.setRequestHandler(method, ({ params }) => toolbox.consult(method, { ...params }) as Promise<never>)
  }
  return server
}

/** What a client says of itself with each request, since 2026-07-28. */
const abilitiesIn = (envelope: object | undefined): ClientCapabilities | undefined =>
  (envelope as Record<string, ClientCapabilities | undefined> | undefined)?.[CLIENT_CAPABILITIES_META_KEY]

/** Whether a client shows forms: an empty capability means just that (MCP, elicitation). */
function canAsk(abilities: ClientCapabilities | undefined): boolean {
  const { elicitation } = abilities ?? {}
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}
