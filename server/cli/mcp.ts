import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

const HELP = `
The token comes from the environment variable ONEFOLD_TOKEN, never from the command line, where others can read it.
ONEFOLD_ENVIRONMENT names the environment of a bootstrap token.

Examples:
  ONEFOLD_TOKEN=ofa_... onefold mcp
  ONEFOLD_TOKEN=ofa_... onefold mcp --url 'https://onefold.example.com/mcp?mode=flat&methods=read'
`

/** The command that speaks MCP over standard input and output, for clients that start their servers as programs. */
export function mcpCommand(): Command {
  return new Command('mcp')
    .description('speak MCP over stdio, in front of a running server')
    .option('--url <url>', 'MCP address of the running server', 'http://127.0.0.1:4000/mcp')
    .addHelpText('after', HELP)
    .action(({ url }: { url: string }) => speak(url, process.env))
}

async function speak(address: string, env: Environment): Promise<void> {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new EngineError('config_invalid', '--url is not an http or https URL', { where: '--url' })
  }
  const token = env.ONEFOLD_TOKEN?.trim() ?? ''
  if (token === '') {
    throw new EngineError('config_invalid', 'ONEFOLD_TOKEN is not set', {
      where: 'ONEFOLD_TOKEN',
      hint: 'Make an account token with POST /integrated-account/{id}/token and give it in the environment.',
    })
  }
  const { createProtocol, createRemoteToolbox, serveStdio } = await import('../mcp/stdio.ts')
  serveStdio(
    () => {
      let revision = (): string | undefined => undefined
      const environment = env.ONEFOLD_ENVIRONMENT
      const server = createProtocol(createRemoteToolbox({ url, token, environment, revision: () => revision() }))
      revision = () => server.getNegotiatedProtocolVersion()
      return server
    },
    { onerror: (error) => console.error(error.message) },
  )
}
