import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MAIN, plainEnvironment } from '../support/served.ts'

const run = promisify(execFile)

/** Runs the built command line. */
export function onefold(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd, env: plainEnvironment(), maxBuffer: 10_000_000 }
  return run(process.execPath, [MAIN, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  )
}
