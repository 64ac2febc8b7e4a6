import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Stripe from 'stripe'
import { compileCatalog, type Integration, type Log, renderIssues, type Transport } from '../../engine/index.ts'
import { listen, type RunningSandbox, Sandbox } from '../../server/sandbox/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** When the tests' sandboxes start: 2026-10-01T00:00:00Z. */
export const START_MS = 1_790_812_800_000

const ignore = (): void => undefined

/** A log that fails the test on an error. */
export const LOG: Log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: (fields, message) => {
    throw Object.assign(new Error(message), { cause: fields.err })
  },
}

/** An integration compiled from some of its files: path below `integrations/<name>/` -> text. */
export function integrationOf(name: string, files: Readonly<Record<string, string>>): Integration {
  const sources = Object.entries(files).map(([path, text]) => ({ path: `integrations/${name}/${path}`, text }))
  const { catalog, issues } = compileCatalog(sources)
  const integration = catalog?.integrations.get(name)
  if (integration === undefined) throw new Error(renderIssues(issues))
  return integration
}

/** An integration of the project: what its sandbox needs, without mappings and cases. */
export function ownIntegration(name: string): Integration {
  const folder = join(import.meta.dirname, '../../integrations', name)
  const paths = [
    'integration.yaml',
    ...['resources', 'sandbox'].flatMap((part) => readdirSync(join(folder, part)).map((file) => `${part}/${file}`)),
  ]
  return integrationOf(name, Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')])))
}

/** A fresh sandbox on a port of its own, with its invented data or empty; it delivers where it has a network. */
export async function start(
  integration: Integration,
  isSown = true,
  transport?: Transport,
): Promise<RunningSandbox & { clock: VirtualClock }> {
  const clock = new VirtualClock(START_MS)
  const running = await listen(new Sandbox({ integration, clock, isSown, transport }), LOG)
  await running.ready()
  return { ...running, clock }
}

/** The official client, pointed at a sandbox. */
export function clientOf({ origin, credentials }: RunningSandbox, key = credentials.secret_key ?? ''): Stripe {
  const { hostname, port } = new URL(origin)
  return new Stripe(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
}

/** Moves the clock of a sandbox on. */
export const letPass = (sandbox: RunningSandbox, seconds: number): Promise<void> =>
  control(sandbox, 'clock', { advance: { hours: seconds / 3600 } })

/** Has a sandbox go wrong as asked; see its documentation. */
export const spoil = (sandbox: RunningSandbox, fault: object): Promise<void> => control(sandbox, 'faults', fault)

/** The header that proves a request to a sandbox. */
export function proofOf({ authorization = '' }: RunningSandbox): Record<string, string> {
  const [name = '', value = ''] = authorization.split(': ')
  return { [name]: value }
}

async function control(sandbox: RunningSandbox, what: string, body: object): Promise<void> {
  const { origin } = sandbox
  const headers = { ...proofOf(sandbox), 'content-type': 'application/json' }
  const response = await fetch(`${origin}/_sandbox/${what}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${what} cannot be set: ${await response.text()}`)
}

/** What a call of the official client fails with; an error of the test when it does not fail. */
export async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof Stripe.errors.StripeError) return thrown
  throw new Error('the call did not fail', { cause: thrown })
}
