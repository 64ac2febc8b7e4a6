import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { LIBRARY_METHODS, type Round, type Toolbox } from './contract.ts'

/** The MCP server over a toolbox, of every protocol revision that the SDK speaks. */
export function createProtocol(toolbox: Toolbox): Server {
  const server = new Server(
    { name: 'onefold', title: 'Onefold', version: '1' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: toolbox.instructions },
  )
  server.setRequestHandler('tools/list', async () => ({ tools: [...(await toolbox.list())] }))
  server.setRequestHandler('tools/call', ({ params }, context) =>
    toolbox.call(params.name, params.arguments ?? {}, roundOf(server, context)),
  )
  for (const method of LIBRARY_METHODS) {
    // The SDK checks the result against the schema of the method.
    server.setRequestHandler(
      method,
      ({ params }, context) => toolbox.consult(method, { ...params }, roundOf(server, context)) as Promise<never>,
    )
  }
  return server
}

function roundOf(server: Server, { mcpReq }: ServerContext): Round {
  const { signal, inputResponses: responses, envelope, _meta } = mcpReq
  const abilities = abilitiesIn(envelope) ?? server.getClientCapabilities() ?? {}
  const state = mcpReq.requestState<string>()
  const token = _meta?.progressToken
  if (token === undefined) return { signal, abilities, responses, state }
  // A client that is gone is told nothing more; its call ends by the signal.
  const report: Round['report'] = (progress, message, total) =>
    void mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken: token, progress, message, total } })
      .catch(() => undefined)
  return { signal, abilities, responses, state, report }
}

/** What a client says of itself with each request, since 2026-07-28. */
const abilitiesIn = (envelope: object | undefined): ClientCapabilities | undefined =>
  (envelope as Record<string, ClientCapabilities | undefined> | undefined)?.[CLIENT_CAPABILITIES_META_KEY]

/** Whether a client shows forms to its person: an empty capability means just that (MCP, elicitation). */
export function canAsk({ abilities: { elicitation } }: Round): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}
