import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The reason of a test that is judged by a provider's own command line tool, where that tool is not installed. */
export const NOT_INSTALLED = 'official CLI not installed'

/** What a run of a tool came to. */
export interface Ran {
  readonly code: number | null
  readonly output: string
}

/** A provider's own tool as it is installed. */
export interface OfficialCli {
  /** Text that a call prints, which must succeed. */
  text(...args: readonly string[]): string
  run(...args: readonly string[]): Promise<Ran>
}

const PATIENCE_MS = 30_000

/** A tool that cannot reach the network beyond this machine, with a home of its own. */
const shutIn = (): NodeJS.ProcessEnv => {
  const nowhere = 'http://127.0.0.1:9'
  const home = mkdtempSync(join(tmpdir(), 'onefold-cli-'))
  return { PATH: process.env.PATH, HOME: home, HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere, NO_PROXY: '127.0.0.1' }
}

/** The tool of this name, from the variable or else the PATH; undefined when it is absent or of another version. */
export function officialCli(name: string, variable: string, version: string): OfficialCli | undefined {
  const command = process.env[variable] ?? name
  const first = spawnSync(command, ['--version'], { env: shutIn(), encoding: 'utf8', timeout: PATIENCE_MS })
  if (first.status !== 0 || !first.stdout.includes(version)) return undefined
  return {
    text: (...args) => {
      const { status, stdout } = spawnSync(command, args, { env: shutIn(), encoding: 'utf8', timeout: PATIENCE_MS })
      if (status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${status}`)
      return stdout
    },
    run: (...args) => run(command, args),
  }
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: shutIn(), timeout: PATIENCE_MS })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
