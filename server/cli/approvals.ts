import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Options {
  readonly url: string
  readonly json?: boolean
  readonly state?: string
  readonly note?: string
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly summary: string
  readonly expires_at: string
}

const HELP = `
The token comes from the environment variable ONEFOLD_TOKEN: an API token of role approve or admin.
ONEFOLD_ENVIRONMENT names the environment of a bootstrap token.

Examples:
  ONEFOLD_TOKEN=ofk_... onefold approvals list
  ONEFOLD_TOKEN=ofk_... onefold approvals release apr_... --note 'asked for by mail'
  ONEFOLD_TOKEN=ofk_... onefold approvals refuse apr_...
`

/** `onefold approvals list|release|refuse`: what agents asked for, decided on by a person at a terminal. */
export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('What agents asked for: look at it, release it, refuse it.')
  const withServer = (command: Command): Command =>
    command
      .option('--url <url>', 'address of the running server', 'http://127.0.0.1:4000')
      .option('--json', 'print what the API answers')
      .addHelpText('after', HELP)
  withServer(approvals.command('list'))
    .description('list what waits, newest first')
    .option('--state <state>', 'pending, released, refused or used', 'pending')
    .action(async ({ url, json, state = 'pending' }: Options) => {
      const { result } = await ask<{ result: readonly Shown[] }>(
        url,
        'GET',
        `/approval?limit=100&state=${encodeURIComponent(state)}`,
      )
      console.log(json === true ? JSON.stringify(result, null, 2) : result.map(lineOf).join('\n') || 'Nothing.')
    })
  for (const decision of ['release', 'refuse'] as const) {
    withServer(approvals.command(decision))
      .description(decision === 'release' ? 'let the agent do it, once' : 'keep the agent from it')
      .argument('<id>', 'id of the approval')
      .option('--note <note>', 'why')
      .action(async (id: string, { url, json, note }: Options) => {
        const body = { decision, ...(note === undefined ? {} : { note }) }
        const made = await ask<Shown>(url, 'POST', `/approval/${encodeURIComponent(id)}`, body)
        console.log(json === true ? JSON.stringify(made, null, 2) : lineOf(made))
      })
  }
  return approvals
}

const lineOf = ({ id, state, summary, expires_at: until }: Shown) => `${id}  ${state}  ${summary}  until ${until}`

async function ask<T>(base: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(addressOf(base, path), {
    method,
    headers: headersOf(process.env),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new EngineError('connection_failed', `There is no answer at ${base}`, { where: '--url', cause })
  })
  const answer = (await response.json()) as { code?: EngineError['code']; detail?: string; hint?: string }
  if (response.ok) return answer as T
  throw new EngineError(answer.code ?? 'internal', answer.detail ?? `status ${response.status}`, { hint: answer.hint })
}

function addressOf(base: string, path: string): URL {
  if (URL.canParse(base) && /^https?:$/.test(new URL(base).protocol)) return new URL(path, base)
  throw new EngineError('config_invalid', '--url is not an http or https URL', { where: '--url' })
}

function headersOf({
  ONEFOLD_TOKEN: token = '',
  ONEFOLD_ENVIRONMENT: environment,
}: Environment): Record<string, string> {
  if (token.trim() === '') {
    throw new EngineError('config_invalid', 'ONEFOLD_TOKEN is not set', {
      where: 'ONEFOLD_TOKEN',
      hint: 'Make an API token of role approve with POST /api-token.',
    })
  }
  return {
    authorization: `Bearer ${token.trim()}`,
    'content-type': 'application/json',
    ...(environment === undefined ? {} : { 'x-onefold-environment': environment }),
  }
}
