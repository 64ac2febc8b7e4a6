import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A process of a bench that can be asked. */
export interface Child {
  /** Asks one of the process's handlers. Rejects with what the handler threw, or when the process ends. */
  ask<T>(question: string, argument?: unknown): Promise<T>
  /** What it wrote, for messages. */
  said(): string
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number | null>
  close(): Promise<void>
}

/** How a process is started. */
export interface Start {
  /** Compiled script, absolute. */
  readonly script: string
  readonly args?: readonly string[] | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Loads the probe first, so that a program which knows nothing of benches can be asked for its CPU time. */
  readonly hasProbe?: boolean | undefined
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** The compiled script of a bench process, by its name. */
export const processScript = (name: string): string => join(import.meta.dirname, '..', 'processes', `${name}.js`)

/** An environment as a new user has it. */
const plain = (): Record<string, string> => ({ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/' })

/** Starts a process; what it writes goes into a file, which costs it what a log costs. */
export function start({ script, args = [], cwd, env = {}, hasProbe = false }: Start): Child {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-'))
  const log = join(folder, 'output')
  const output = openSync(log, 'a')
  const preload = hasProbe ? ['--import', pathToFileURL(processScript('probe')).href] : []
  const child = spawn(process.execPath, [...preload, script, ...args], {
    cwd,
    env: { ...plain(), ...env },
    stdio: ['ignore', output, output, 'ipc'],
  })
  const ended = once(child, 'exit').then(() => child.exitCode)
  const said = (): string => readFileSync(log, 'utf8').slice(-4000)
  return {
    ask: asker(child, said),
    said,
    ended,
    async close() {
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(patience)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function asker(child: ChildProcess, said: () => string): Child['ask'] {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let asked = 0
  child.on('message', ({ id, value, error }: Answer) => {
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) waiter?.resolve(value as never)
    else waiter?.reject(new Error(error))
  })
  const fail = (why: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(`${why}\n${said()}`))
    waiting.clear()
  }
  child.once('exit', (code, signal) => fail(`a process of the bench ended with ${code ?? signal}:`))
  child.once('error', (error) => fail(`a process of the bench could not be started: ${error.message}`))
  return (question, argument) =>
    new Promise((resolve, reject) => {
      const id = ++asked
      waiting.set(id, { resolve, reject })
      child.send({ id, question, argument }, (error) => {
        if (error !== null && waiting.delete(id)) reject(new Error(`${error.message}\n${said()}`))
      })
    })
}
