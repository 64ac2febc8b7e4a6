import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../bench/harness/free-port.ts'
import { ROOT } from './house.ts'

/** The built command line; `npm test` builds it first. */
export const MAIN = join(ROOT, 'dist/server/cli/main.js')

const READY_TIMEOUT_MS = 90_000

/** A real server process of the built product. */
export interface Served {
  readonly port: number
  readonly passthroughPort: number
  /** Ends it by SIGTERM and answers its exit code. */
  stop(): Promise<number | null>
  /** Ends it by SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>
}

/** An environment as a new user has it: none of our settings, nothing of the test runner. */
export const plainEnvironment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '/',
  ...extra,
})

async function untilReady(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const tooLate = AbortSignal.timeout(READY_TIMEOUT_MS)
  while (child.exitCode === null && !tooLate.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: tooLate }).catch(() => null)
    if (answer?.status === 200) return
    await sleep(50)
  }
  const ending = child.exitCode === null ? 'was not ready in time' : `ended with ${child.exitCode} before it was ready`
  child.kill('SIGKILL')
  throw new Error(`the server ${ending}:\n${said()}`)
}

/** Starts `onefold serve` in a folder on free ports and waits until /readyz answers 200; settings are environment variables. */
export async function serve(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Served> {
  if (!existsSync(MAIN)) throw new Error('dist/ is not built: run `npm run build` first')
  const [port, passthroughPort] = [await freePort(), await freePort()]
  const env = plainEnvironment({
    PORT: String(port),
    PASSTHROUGH_PORT: String(passthroughPort),
    ONEFOLD_DATA: join(folder, '.onefold'),
    ...settings,
  })
  const child = spawn(process.execPath, [MAIN, 'serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'exit')
  await untilReady(child, port, () => output)
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    await ended
    return child.exitCode
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return { port, passthroughPort, stop, kill }
}
