import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, ERRORS, type ErrorCode } from '../../engine/index.ts'

/** What calls of the command line are made with. */
type Environment = Readonly<Record<string, string | undefined>>

/** Said below the help of every command that calls a running server. */
export const TOKEN_HELP = `
The token comes from ONEFOLD_TOKEN, else from the file admin-token in the data folder (ONEFOLD_DATA, default ./.onefold).
ONEFOLD_ENVIRONMENT names the environment of a bootstrap token.
`

/** Calls a running server. Throws EngineError with the code that it answers, or `connection_failed`. */
export async function callServer(
  to: { readonly url: string; readonly env: Environment },
  verb: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const { url, env } = to
  const environment = env.ONEFOLD_ENVIRONMENT
  const request = new Request(new URL(path, checkedUrl(url)), {
    method: verb,
    body: body === undefined ? null : JSON.stringify(body),
    headers: {
      authorization: `Bearer ${tokenOf(env)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(environment === undefined ? {} : { 'x-onefold-environment': environment }),
    },
  })
  const response = await fetch(request).catch((cause: unknown) => {
    throw new EngineError('connection_failed', `No server answers at ${url}`, { cause, hint: 'Is it running?' })
  })
  if (response.ok) return response
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; hint?: string }
  const { code = '', detail = `The server answered ${response.status}`, hint } = problem
  throw new EngineError(isCode(code) ? code : 'invalid_request', detail, { hint })
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text)

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new EngineError('config_invalid', '--url is not an http or https URL', { where: '--url' })
}

function tokenOf(env: Environment): string {
  const given = env.ONEFOLD_TOKEN?.trim()
  if (given !== undefined && given !== '') return given
  try {
    return readFileSync(join(env.ONEFOLD_DATA ?? '.onefold', 'admin-token'), 'utf8').trim()
  } catch {
    throw new EngineError('config_invalid', 'ONEFOLD_TOKEN is not set, and there is no admin-token file', {
      where: 'ONEFOLD_TOKEN',
      hint: 'Give an API token in the environment, or run this where the server keeps its data.',
    })
  }
}
