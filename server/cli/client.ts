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

/** A running server, and what its token is taken from. */
export interface ServerAddress {
  readonly url: string
  readonly env: Environment
}

/** Calls a running server. Throws EngineError with the code that it answers, or `connection_failed`. */
export async function callServer(to: ServerAddress, verb: string, path: string, body?: unknown): Promise<Response> {
  const json = body === undefined ? null : JSON.stringify(body)
  const headers = body === undefined ? [] : [['content-type', 'application/json'] as const]
  const response = await askServer(to, { verb, path, headers, body: json })
  if (response.ok) return response
  throw await problemOf(response)
}

/** A request to a running server before its token is put to it. */
export interface ServerRequest {
  readonly verb: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

/** Sends a request to a running server and answers whatever comes. Throws `connection_failed` or `config_invalid`. */
export async function askServer({ url, env }: ServerAddress, request: ServerRequest): Promise<Response> {
  const environment = env.ONEFOLD_ENVIRONMENT
  const headers = new Headers(request.headers.map(([name, value]): [string, string] => [name, value]))
  headers.set('authorization', `Bearer ${tokenOf(env)}`)
  if (environment !== undefined) headers.set('x-onefold-environment', environment)
  const { verb: method, path, body } = request
  return await fetch(new URL(path, checkedUrl(url)), { method, headers, body, redirect: 'manual' }).catch(
    (cause: unknown) => {
      throw new EngineError('connection_failed', `No server answers at ${url}`, { cause, hint: 'Is it running?' })
    },
  )
}

/** The error that a server answered. */
export async function problemOf(response: Response): Promise<EngineError> {
  const problem = (await response.json().catch(() => ({}))) as {
    readonly code?: string
    readonly detail?: string
    readonly hint?: string
    readonly where?: string
    readonly valid?: readonly string[]
  }
  const { code = '', detail = `The server answered ${response.status}`, hint, where, valid } = problem
  return new EngineError(isCode(code) ? code : 'invalid_request', detail, { hint, where, valid })
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
