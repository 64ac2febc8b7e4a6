import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { type Child, start } from './child.ts'
import { freePort } from './free-port.ts'
import { type Installation, PROVIDER } from './installation.ts'

/** Bootstrap token of every server that is started here. */
export const ADMIN_TOKEN = 'admin_token_of_the_benches'
const READY_WITHIN_MS = 120_000

/** A real server process of an installation. */
export interface Server {
  readonly child: Child
  readonly origin: string
  readonly dropIn: string
  /** Milliseconds from its start until /readyz answered 200. */
  readonly readyMs: number
  close(): Promise<void>
}

/** A connected account of the provider and a token for it. */
export interface Connected {
  readonly accountId: string
  readonly token: string
}

/** How a server is started. */
export interface ServerOptions {
  readonly keptData?: string | undefined
  readonly sandbox?: boolean
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts `serve` on free ports with a data folder of its own, or the one given, which is then kept. */
export async function startServer(
  installation: Installation,
  { keptData, sandbox = false, env: more = {} }: ServerOptions = {},
): Promise<Server> {
  const [port, dropInPort] = [await freePort(), await freePort()]
  const data = keptData ?? mkdtempSync(join(tmpdir(), 'onefold-bench-data-'))
  const env = {
    PORT: String(port),
    PASSTHROUGH_PORT: String(dropInPort),
    ONEFOLD_DATA: data,
    ONEFOLD_ADMIN_TOKEN: ADMIN_TOKEN,
    ONEFOLD_SANDBOX: sandbox ? 'on' : 'off',
    ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
    ...more,
  }
  const from = performance.now()
  const child = start({ script: installation.main, args: ['serve'], cwd: installation.folder, env, hasProbe: true })
  const origin = `http://127.0.0.1:${port}`
  await untilReady(child, origin)
  const readyMs = performance.now() - from
  return {
    child,
    origin,
    dropIn: `http://127.0.0.1:${dropInPort}`,
    readyMs,
    async close() {
      await child.close()
      if (keptData === undefined) rmSync(data, { recursive: true, force: true })
    },
  }
}

async function untilReady(child: Child, origin: string): Promise<void> {
  let hasEnded = false
  void child.ended.then(() => {
    hasEnded = true
  })
  const end = performance.now() + READY_WITHIN_MS
  while (!hasEnded && performance.now() < end) {
    const answer = await request(`${origin}/readyz`).catch(() => null)
    await answer?.body.dump()
    if (answer?.statusCode === 200) return
    await sleep(2)
  }
  const said = child.said()
  await child.close()
  throw new Error(`the server was not ready:\n${said}`)
}

/** Connects an account of the provider whose requests go to the upstream, and makes it a lasting token. */
export async function connect(server: Server, upstream: string): Promise<Connected> {
  const account = await post(server, '/integrated-account', {
    integration: PROVIDER,
    tenant_id: 'bench',
    authentication_method: 'secret_key',
    credentials: { secret_key: 'sk_live_bench' },
    settings: { base_url: upstream },
  })
  const accountId = String(account.id)
  const { token } = await post(server, `/integrated-account/${accountId}/token`, { expires_in: null })
  return { accountId, token: String(token) }
}

const post = (server: Server, path: string, body: unknown) => ask(server, 'POST', path, body)

/** Calls the API of a server. Throws for every answer from 300 on. */
export async function ask(
  server: Server,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await request(server.origin + path, { method, headers, ...sent })
  const text = await answer.body.text()
  if (answer.statusCode >= 300)
    throw new Error(`${path} answered ${answer.statusCode}: ${text}\n${server.child.said()}`)
  return JSON.parse(text)
}
