export { serveStdio } from '@modelcontextprotocol/server/stdio'
export { createProtocol } from './protocol.ts'
export { createRemoteToolbox } from './remote.ts'
