import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { openStores, type Stores } from '../../server/stores/index.ts'
import { ADMIN } from '../http/stand.ts'
import { newKey } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'

/** The built server in a process of its own, killed and started again on the same data. */
export class ServerProcess {
  readonly #env: NodeJS.ProcessEnv
  readonly #place: { readonly folder: string; readonly databaseUrl: string }
  readonly #key = newKey()
  #child: ChildProcess | null = null
  #url = ''

  constructor(place: { readonly folder: string; readonly databaseUrl: string }) {
    if (!existsSync(join(ROOT, 'dist/server/cli/main.js'))) throw new Error('dist/ is not built: run `npm run build`')
    this.#place = place
    this.#env = {
      ...process.env,
      ...{ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: join(place.folder, 'data'), DATABASE_URL: place.databaseUrl },
      ...{ ONEFOLD_MASTER_KEY: this.#key, ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_SANDBOX: 'off' },
      ONEFOLD_DEFINITIONS: join(import.meta.dirname, 'definitions'),
      ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
    }
    onTestFinished(() => void this.#child?.kill('SIGKILL'))
  }

  get url(): string {
    return this.#url
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, 'dist/server/cli/main.js'), 'serve'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /Onefold is ready on (\S+)/.exec(line)?.[1]
      if (url === undefined) continue
      this.#url = url
      break
    }
    child.stdout.resume()
    if (child.exitCode !== null) throw new Error('the server did not start')
  }

  /** Ends it at once, whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Does something with its stores, as a tool beside it. */
  async inStores<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    const { folder, databaseUrl } = this.#place
    const where = databaseUrl === '' ? { dataDir: join(folder, 'data') } : { databaseUrl }
    const stores = await openStores({ masterKeys: [this.#key], ...where, role: 'tool' })
    return await work(stores).finally(() => stores.close())
  }

  /** Calls the API. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  async call(verb: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${this.#url}${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return await answer.json()
  }
}
