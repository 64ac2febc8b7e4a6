import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Log } from '../../engine/index.ts'
import type { Toolbox } from './contract.ts'
import { createProtocol } from './protocol.ts'

export { createToolbox } from './toolbox.ts'

const MOST_SUBSCRIPTIONS = 64

/** MCP over Streamable HTTP, for the toolbox that each request brings with it. */
export const createHandler = (log: Log) =>
  createMcpHandler(({ authInfo }) => createProtocol(authInfo?.extra?.toolbox as Toolbox), {
    maxSubscriptions: MOST_SUBSCRIPTIONS,
    onerror: (error) => log.debug({ err: error }, 'mcp'),
  })
