import { Command, InvalidArgumentError } from 'commander'
import { EngineError, type Integration } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import { integrationIn, openKit } from '../kit/definitions.ts'
import { createLog } from '../log.ts'
import { instantOf, listen, type RunningSandbox, Sandbox } from '../sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport } from '../transport/index.ts'
import { collected, foldersOf } from './account-options.ts'
import { untilSignal } from './serve.ts'

const PORT = 4010

interface Options {
  readonly port: number
  readonly seed?: string
  readonly now?: number
  readonly empty?: boolean
  readonly fault: readonly string[]
  readonly limits?: boolean
  readonly json?: boolean
  readonly definitions: readonly string[]
}

const HELP = `
A fault has a kind (latency, error, reset, lost, malformed), and which requests it strikes: verb, path with *, times (1 by
default, null for always), probability. The sandbox is steered further at /_sandbox while it runs; docs/sandbox.md has it all.

Examples:
  onefold sandbox                                      which providers have one
  onefold sandbox acme --port 4010 --seed mine
  onefold sandbox acme --fault '{ "kind": "error", "status": 503, "times": 2 }' --limits
  onefold sandbox acme --port 0 --json                 address and credentials for a script, on the first line
`

/** `onefold sandbox [integration]`: serves the stand-in of one provider until SIGTERM or SIGINT; without a name lists them. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Serves the stand-in of a provider alone, for any client of that provider.')
    .argument('[integration]', 'name of an integration that has sandbox rules; without one they are listed')
    .option('--port <port>', 'port of 127.0.0.1; 0 takes a free one', portOf, PORT)
    .option('--seed <text>', 'the same text gives the same data; default the name of the integration')
    .option('--now <instant>', 'when its world starts, such as 2027-01-31T00:00:00Z; default now', nowOf)
    .option('--empty', 'without invented data')
    .option('--fault <json>', 'what goes wrong from the start on; may be given several times', collected, [])
    .option('--limits', "keep to the provider's rate limits")
    .option('--json', 'print address, credentials and header as one line of JSON')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: Options) =>
      name === undefined ? list(options) : serveSandbox(name, options),
    )
}

function list(options: Options): void {
  const { catalog } = openKit({ folders: foldersOf(options) })
  const found = [...catalog.integrations.values()].filter(({ sandbox }) => sandbox.length > 0)
  if (options.json === true) console.log(JSON.stringify(found.map(({ name, label }) => ({ name, label }))))
  else
    console.log(found.map(({ name, label }) => `${name}  ${label}`).join('\n') || 'No integration has sandbox rules.')
}

async function serveSandbox(name: string, options: Options): Promise<void> {
  const integration = integrationNamed(name, options)
  const log = createLog('info')
  const transport = createTransport({ egress: createNarrowEgressPolicy() })
  const startS = options.now ?? Math.floor(SYSTEM_CLOCK.now() / 1000)
  const isSown = options.empty !== true
  const sandbox = new Sandbox({ integration, clock: SYSTEM_CLOCK, seed: options.seed, isSown, transport, startS })
  const running = await listen(sandbox, log, options.port).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    const hint = 'Give another --port; 0 takes a free one.'
    throw new EngineError('config_invalid', `Port ${options.port} is taken`, { where: '--port', hint, cause })
  })
  try {
    await running.ready()
    for (const fault of options.fault) await steer(sandbox, 'faults', fault)
    if (options.limits === true) await steer(sandbox, 'limits', '{ "on": true }')
    console.log(options.json === true ? JSON.stringify(runningOut(running)) : greeting(running))
    await untilSignal(log)
  } finally {
    await running.close()
    await transport.close()
  }
}

/** Steers the sandbox as its clients do. Throws invalid_parameter with what it says. */
async function steer(sandbox: Sandbox, part: string, body: string): Promise<void> {
  const [name = '', ...value] = (sandbox.account.authorization ?? '').split(': ')
  const headers = name === '' ? {} : { [name]: value.join(': ') }
  const request = new Request(`http://sandbox/_sandbox/${part}`, { method: 'POST', headers, body })
  const answer = await sandbox.fetch(request)
  if (answer.ok) return
  throw new EngineError('invalid_parameter', `The sandbox does not take ${body}: ${await answer.text()}`, {
    where: `--${part.slice(0, -1)}`,
  })
}

function integrationNamed(name: string, options: Options): Integration {
  const kit = openKit({ folders: foldersOf(options), only: name })
  const found = integrationIn(kit, name)
  if (found.sandbox.length > 0) return found
  const hint = 'onefold sandbox lists the integrations that have one.'
  throw new EngineError('unknown_integration', `There is no sandbox of ${name}`, { hint })
}

const runningOut = ({ integration, origin, credentials, connection, authorization }: RunningSandbox): object => ({
  ...{ integration, origin, credentials, connection, authorization: authorization ?? null },
})

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
