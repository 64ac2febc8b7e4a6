import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ADMIN } from '../http/stand.ts'
import { newKey } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import type { Upstream } from '../support/upstream.ts'
import { settle, type VirtualClock } from '../support/virtual-clock.ts'

/** Rounds without anything new after which a process waits for its time, or for who waits for the same time. */
const QUIET = 3

interface Sleeping {
  readonly next: number | null
  readonly slept: number
}

/** The built server in a process that lives by the clock of the test, as its upstream does, and that can be killed. */
export class ToldServer {
  readonly #clock: VirtualClock
  readonly #upstream: Upstream
  readonly #folder: string
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcess | null = null
  #url = ''

  /** Its home, with definitions and data, is the folder. */
  constructor(folder: string, clock: VirtualClock, upstream: Upstream) {
    if (!existsSync(join(ROOT, 'dist/server/server.js'))) throw new Error('dist/ is not built: run `npm run build`')
    this.#folder = folder
    this.#clock = clock
    this.#upstream = upstream
    this.#env = {
      ...{ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: join(folder, 'data'), ONEFOLD_MASTER_KEY: newKey() },
      ...{ ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_SANDBOX: 'off', ONEFOLD_EGRESS_ALLOW: '127.0.0.1' },
    }
  }

  async start(): Promise<void> {
    const given = JSON.stringify({ env: this.#env, folder: this.#folder, now: this.#clock.now() })
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), given], { stdio: [...stdio] })
    this.#url = (await this.#told<{ url: string }>()).url
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const died = once(child, 'exit')
    child.kill('SIGKILL')
    await died
  }

  /** Calls the API while time goes on. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  call(verb: string, path: string, body?: unknown): Promise<any> {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return this.drive(fetch(`${this.#url}${path}`, { method: verb, headers, ...sent }).then((answer) => answer.json()))
  }

  /** Has time go on from sleeper to sleeper, here and in the process, whenever nothing else happens, until the work is done. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    for (let quiet = 0, before = ''; !isDone; ) {
      const { next, slept } = await this.#ask(null)
      await settle()
      const now = [slept, this.#upstream.received.length, this.#upstream.open].join()
      quiet = now === before ? quiet + 1 : 0
      before = now
      const at = Math.min(next ?? Number.POSITIVE_INFINITY, this.#clock.nextAt ?? Number.POSITIVE_INFINITY)
      if (isDone || quiet < QUIET || at === Number.POSITIVE_INFINITY) continue
      await this.#ask(at)
      await this.#clock.advance(Math.max(0, at - this.#clock.now()))
      quiet = 0
    }
    return work
  }

  /** Tells what time it is, or, with null, has the process go on by it. Answers for what it waits. */
  #ask(instant: number | null): Promise<Sleeping> {
    const told = this.#told<Sleeping>()
    this.#child?.send(instant as never)
    return told
  }

  #told<T>(): Promise<T> {
    const child = this.#child as ChildProcess
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error('the server ended'))
      child.once('exit', gone)
      child.once('message', (message) => {
        child.off('exit', gone)
        resolve(message as T)
      })
    })
  }
}
