import { Command, InvalidArgumentError } from 'commander'
import { EngineError, type Integration } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import { loadDefinitions } from '../load-definitions.ts'
import { createLog } from '../log.ts'
import { instantOf, listen, type RunningSandbox, Sandbox } from '../sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport } from '../transport/index.ts'
import { untilSignal } from './serve.ts'

const PORT = 4010

interface Options {
  readonly port: number
  readonly seed?: string
  readonly now?: number
  readonly empty?: boolean
  readonly definitions: readonly string[]
}

/** `onefold sandbox <integration>`: serves the stand-in of one provider until SIGTERM or SIGINT. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Serves the stand-in of a provider alone, for any client of that provider.')
    .argument('<integration>', 'name of an integration that has sandbox rules')
    .option('--port <port>', 'port of 127.0.0.1; 0 takes a free one', portOf, PORT)
    .option('--seed <text>', 'the same text gives the same data; default the name of the integration')
    .option('--now <instant>', 'when its world starts, such as 2027-01-31T00:00:00Z; default now', nowOf)
    .option('--empty', 'without invented data')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
    .addHelpText('after', '\nExample:\n  onefold sandbox acme --port 4010 --seed mine\n')
    .action((name: string, options: Options) => serveSandbox(name, options))
}

async function serveSandbox(name: string, { port, seed, now, empty, definitions }: Options): Promise<void> {
  const integration = await integrationNamed(name, definitions)
  const log = createLog('info')
  const transport = createTransport({ egress: createNarrowEgressPolicy() })
  const startS = now ?? Math.floor(SYSTEM_CLOCK.now() / 1000)
  const isSown = empty !== true
  const sandbox = new Sandbox({ integration, clock: SYSTEM_CLOCK, seed, isSown, transport, startS })
  const running = await listen(sandbox, log, port)
  try {
    await running.ready
    console.log(greeting(running))
    await untilSignal(log)
  } finally {
    await running.close()
    await transport.close()
  }
}

async function integrationNamed(name: string, folders: readonly string[]): Promise<Integration> {
  const { catalog, issues } = await loadDefinitions(folders)
  if (catalog === null) throw new EngineError('definition_invalid', `The definitions are not valid:\n${issues}`)
  const simulated = [...catalog.integrations.values()].filter(({ sandbox }) => sandbox.length > 0)
  const found = simulated.find((integration) => integration.name === name)
  if (found !== undefined) return found
  const hint = `There is one of ${simulated.map((integration) => integration.name).join(', ')}.`
  throw new EngineError('unknown_integration', `There is no sandbox of ${name}`, { hint })
}

function greeting({ integration, origin, credentials, authorization }: RunningSandbox): string {
  const secrets = Object.entries(credentials).map(([name, value]) => `  ${name.padEnd(14)}${value}`)
  const header = authorization === undefined ? '' : ` \\\n    -H "${authorization}"`
  return [
    `The sandbox of ${integration} is ready on ${origin}`,
    '',
    ...secrets,
    '',
    `  curl ${origin}/_sandbox${header}`,
    '',
    'Steered at (GET shows, POST changes):',
    `  ${origin}/_sandbox/clock      { "advance": { "days": 40 } } or { "now": "2027-01-31T00:00:00Z" }`,
    `  ${origin}/_sandbox/faults     { "kind": "error", "status": 503, "times": 2 }; DELETE takes them back`,
    `  ${origin}/_sandbox/limits     { "on": true }`,
    `  ${origin}/_sandbox/webhooks   what was delivered to webhook endpoints`,
    '',
  ].join('\n')
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new InvalidArgumentError('It is a number from 0 to 65535.')
}

function nowOf(text: string): number {
  try {
    return instantOf(/^\d+$/.test(text) ? Number(text) : text)
  } catch (thrown) {
    throw thrown instanceof EngineError ? new InvalidArgumentError(String(thrown.details.hint)) : thrown
  }
}
