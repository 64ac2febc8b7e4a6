import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { ROOT } from '../support/house.ts'

/** A process of its own; its first line tells how it went: `open`, a key or the code of an error. */
export interface Other {
  readonly said: string
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>
  /** Lets it close what it opened. */
  leave(): Promise<void>
}

/** Starts child.mjs over a data folder, on the built product, and waits for its first line. */
export async function otherProcess(command: 'key' | 'open', dataDir: string, role = 'server'): Promise<Other> {
  if (!existsSync(join(ROOT, 'dist/server/stores/index.js'))) {
    throw new Error('dist/ is not built: run `npm run build` first')
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.mjs'), command, dataDir, role], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    said,
    kill: () => end(child, () => child.kill('SIGKILL')),
    leave: () => end(child, () => child.stdin.end()),
  }
}

async function end(child: ChildProcess, act: () => unknown): Promise<void> {
  const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve()
  act()
  await ended
}
