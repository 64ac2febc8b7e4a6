import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plainEnvironment } from '../support/served.ts'
import type { AnyClient, SeenAnswer } from './any-client.ts'

/** The command line client as it is installed beside the project; undefined when it is absent. */
export const MCPC: string | undefined =
  process.env.ONEFOLD_TEST_MCP_JUDGES && join(process.env.ONEFOLD_TEST_MCP_JUDGES, 'node_modules/@apify/mcpc/bin/mcpc')

const SESSION = '@onefold-tests'
const NOWHERE = 'http://127.0.0.1:9'

/** Connects a session of its own, with a home of its own and no way to the network beyond this machine. */
export async function connectMcpc(url: string, token: string): Promise<AnyClient> {
  const home = mkdtempSync(join(tmpdir(), 'onefold-mcpc-'))
  const env = plainEnvironment({ HOME: home, HTTPS_PROXY: NOWHERE, HTTP_PROXY: NOWHERE, NO_PROXY: '127.0.0.1' })
  const run = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { env, timeout: 60_000, maxBuffer: 1 << 26 }
      execFile(process.execPath, [MCPC ?? '', '--json', ...args], options, (error, stdout, stderr) => {
        if (stdout.trim() === '' && error !== null) reject(new Error(stderr))
        else resolve(stdout)
      })
    })
  await run('connect', url, SESSION, '--header', `Authorization: Bearer ${token}`)
  return {
    list: async () => ({ tools: JSON.parse(await run(SESSION, 'tools-list')) }),
    call: async (name, args = {}) => {
      const said = JSON.parse(await run(SESSION, 'tools-call', name, JSON.stringify(args)))
      if (said.content === undefined) throw new Error(String(said.error?.message ?? said.error ?? JSON.stringify(said)))
      return said as SeenAnswer
    },
    resources: async () => JSON.parse(await run(SESSION, 'resources-list')).map(({ uri }: { uri: string }) => uri),
    read: async (uri) => JSON.parse(await run(SESSION, 'resources-read', uri)).contents[0].text,
    revision: () => undefined,
    close: async () => {
      await run('close', SESSION)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
