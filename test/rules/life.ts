import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { ADMIN } from '../http/stand.ts'
import { newKey, type Place, tempFolder } from '../stores/backends.ts'
import { rawRun } from '../stores/raw.ts'
import { ROOT } from '../support/house.ts'

/** Where a server lives that is killed and started again, and what it is given. */
interface LifeOptions {
  readonly place: Place
  /** Epoch ms at the start. */
  readonly now: number
  readonly settings: Record<string, string>
  /** After how many points of its work each life ends; the ones after these live on. */
  readonly kills: readonly number[]
  /** Count the points at which something is being sent in place of all others. */
  readonly inWindow?: boolean
}

/** The built server with a time that moves when told to, killed at counted points and started again on the same data. */
export class LongLife {
  readonly #options: LifeOptions
  readonly #folder: string
  #place: Place
  readonly #env: Record<string, string>
  #child: ChildProcess | null = null
  #lines: Interface | null = null
  #url = ''
  #now: number
  /** How often it was started. */
  lives = 0

  constructor(options: LifeOptions) {
    if (!existsSync(join(ROOT, 'dist/server/server.js'))) throw new Error('dist/ is not built: run `npm run build`')
    this.#options = options
    this.#now = options.now
    this.#folder = tempFolder()
    symlinkSync(join(ROOT, 'unified-models'), join(this.#folder, 'unified-models'))
    const { databaseUrl = '' } = options.place
    const dataDir = join(this.#folder, 'data')
    this.#place = databaseUrl === '' ? { dataDir } : options.place
    this.#env = {
      ...{ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: dataDir, DATABASE_URL: databaseUrl },
      ...{ ONEFOLD_MASTER_KEY: newKey(), ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_SANDBOX: 'off' },
      ...{ ONEFOLD_DEFINITIONS: join(import.meta.dirname, 'definitions'), ONEFOLD_EGRESS_ALLOW: '127.0.0.1' },
      ...options.settings,
    }
    onTestFinished(() => void this.#child?.kill('SIGKILL'))
  }

  get now(): number {
    return this.#now
  }

  get place(): Place {
    return this.#place
  }

  get masterKey(): string {
    return this.#env.ONEFOLD_MASTER_KEY ?? ''
  }

  /** Kills the server; with a place it goes on there when it is called again. */
  async end(place = this.#place): Promise<void> {
    const child = this.#child
    const died = child !== null && child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    child?.kill('SIGKILL')
    await died
    this.#place = place
    this.#env.DATABASE_URL = place.databaseUrl ?? ''
  }

  /** Does something with a running server; one that dies meanwhile is started again, and it is done again. */
  async #alive<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null) await this.#start()
      try {
        return await work()
      } catch (error) {
        const isDying = this.#child?.signalCode !== null || (await this.#diesSoon())
        if (!isDying) throw error
      }
    }
  }

  /** A call that failed may be the first sign of the end. */
  async #diesSoon(): Promise<boolean> {
    const child = this.#child
    if (child === null || child.signalCode !== null) return true
    return await Promise.race([
      once(child, 'exit').then(() => true),
      new Promise<boolean>((go) => setTimeout(go, 2_000, false)),
    ])
  }

  async #start(): Promise<void> {
    const { kills, inWindow = false } = this.#options
    if (this.#place.databaseUrl !== undefined && this.lives > 0) await rawRun(this.#place, FREE)
    const given = { env: this.#env, folder: this.#folder, now: this.#now, killAt: kills[this.lives] ?? 0, inWindow }
    this.lives += 1
    const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), JSON.stringify(given)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    // Every wait for it to move listens for its end.
    child.setMaxListeners(0)
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })
    this.#url = await Promise.race([this.#line(), once(child, 'exit').then(() => '')])
    // Killed while it began: the next life goes on from there.
    if (this.#url === '' && child.signalCode !== 'SIGKILL') throw new Error('the server did not start')
  }

  #line = async (): Promise<string> => String((await once(this.#lines as Interface, 'line'))[0])

  /** Moves its time on. */
  async moveTo(now: number): Promise<void> {
    this.#now = Math.max(now, this.#now)
    await this.#alive(async () => {
      const moved = this.#line()
      this.#child?.stdin?.write(`${this.#now}\n`)
      const died = once(this.#child as ChildProcess, 'exit').then(() => Promise.reject(new Error('it died')))
      await Promise.race([moved, died])
    })
  }

  /** Calls the API. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  call(verb: string, path: string, body?: unknown): Promise<any> {
    return this.#alive(async () => {
      const answer = await fetch(`${this.#url}${path}`, {
        method: verb,
        headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return await answer.json()
    })
  }

  /** Delivers to an address of the server as a provider does: again until it was taken. */
  async deliver(url: string, make: () => { body: string; headers: Record<string, string> }): Promise<void> {
    const path = new URL(url).pathname
    await this.#alive(async () => {
      const answer = await fetch(`${this.#url}${path}`, { method: 'POST', ...make() })
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${await answer.text()}`)
    })
  }

  /** Resolves when nothing is left to be done at the present time. */
  async idle(): Promise<void> {
    const place = this.#place
    for (let quiet = 0; quiet < 2; ) {
      if (place.databaseUrl !== undefined) await rawRun(place, release(this.#now))
      const { result } = await this.call('GET', '/job?limit=1000')
      const isBusy = result.some(
        ({ name, status, run_at: at }: { name: string; status: string; run_at: string }) =>
          /^(rules|inbound\.process)/.test(name) && (status === 'running' || Date.parse(at) <= this.#now),
      )
      quiet = isBusy ? 0 : quiet + 1
      if (isBusy) await new Promise((resolve) => setTimeout(resolve, 15))
    }
  }
}

/** What is claimed by a process that is gone is free, as it is after a minute. */
const FREE = `update graphile_worker._private_jobs set locked_at = null, locked_by = null;
  update graphile_worker._private_job_queues set locked_at = null, locked_by = null;`

/** A database tells its own time: what is due by the time of the test is due by its own, too. */
const release = (now: number): string => `
  update graphile_worker._private_jobs set run_at = now() - interval '1 second'
    where run_at > now() and run_at <= to_timestamp(${now}::double precision / 1000) and locked_at is null;
  select pg_notify('jobs:insert', '{"count":10}');`
