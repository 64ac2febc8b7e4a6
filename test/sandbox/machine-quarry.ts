import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Integration } from '../../engine/index.ts'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { integrationOf, proofOf } from './support.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/providers/quarry/integrations/quarry')
const RULES = readFileSync(join(import.meta.dirname, 'quarry.yaml'), 'utf8')

/** The made-up provider with the rules of its sandbox and more of them, and with its definition as `defined` leaves it. */
export function quarryWith(
  more: string,
  edited: (rules: string) => string = (rules) => rules,
  defined: (text: string) => string = (text) => text,
): Integration {
  const files = ['integration.yaml', ...readdirSync(join(FOLDER, 'resources')).map((file) => `resources/${file}`)]
  const texts = files.map((path) => [path, defined(readFileSync(join(FOLDER, path), 'utf8'))] as const)
  return integrationOf('quarry', {
    ...Object.fromEntries(texts),
    'sandbox/rules.yaml': edited(RULES),
    'sandbox/more.yaml': more,
  })
}

/** An answer as a test reads it. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the answer holds
  readonly body: any
}

/** Calls a sandbox of the made-up provider, or its control paths, with JSON. */
export async function callQuarry(
  { origin }: RunningSandbox,
  verb: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const authorization = `Basic ${Buffer.from('quarry-key:quarry-secret').toString('base64')}`
  const response = await fetch(`${origin}${path.startsWith('/_') ? '' : '/api'}${path}`, {
    method: verb,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Steers a sandbox through its control paths. */
export async function steer(
  sandbox: RunningSandbox,
  path: string,
  body?: unknown,
  verb = body === undefined ? 'GET' : 'POST',
): Promise<Reply> {
  const response = await fetch(`${sandbox.origin}/_sandbox/${path}`, {
    method: verb,
    headers: proofOf(sandbox),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
