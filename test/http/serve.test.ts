import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { DEFINITIONS } from './stand.ts'

const run = promisify(execFile)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-serve-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts the built server and waits for its first call to be printed. */
async function startBuilt(settings: Record<string, string>) {
  const env = plainEnvironment({ PORT: '0', PASSTHROUGH_PORT: '0', ONEFOLD_SANDBOX: 'off', ...settings })
  const child = spawn(process.execPath, [MAIN, 'serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => (said.err += String(chunk)))
  const ended = once(child, 'exit')
  await expect
    .poll(() => said.out.includes('Authorization') || child.exitCode !== null, { timeout: 60_000, interval: 50 })
    .toBe(true)
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    await ended
    return child.exitCode
  }
  return { said, stop, url: /http:\/\/127\.0\.0\.1:\d+/.exec(said.out)?.[0] ?? '' }
}

const refusedStart = (settings: Record<string, string>) => {
  const env = plainEnvironment({ ONEFOLD_SANDBOX: 'off', ...settings })
  return run(process.execPath, [MAIN, 'serve'], { cwd: folder, env }).then(
    () => ({ code: 0, stderr: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  )
}

describe('onefold serve', () => {
  it('prints one ready line and a first call that works, at the second start too, and ends on SIGTERM', async () => {
    for (const _start of [1, 2]) {
      const server = await startBuilt({})
      expect(server.said.out.match(/Onefold is ready on http:\/\/127\.0\.0\.1:\d+ \(drop-in port \d+\)/g)).toHaveLength(
        1,
      )
      const command = server.said.out.slice(server.said.out.indexOf('curl')).replace(/\\\n/, ' ')
      const { stdout } = await run('bash', ['-c', command.replace('curl', 'curl -sS --fail-with-body')], {
        cwd: folder,
      })
      expect(JSON.parse(stdout)).toEqual({ result: [], next_cursor: null, limit: 20 })
      // Of another server, or of a data folder that is gone: no provider's key, however loosely some providers' are described.
      const headers = { authorization: `Bearer ofk_${'b'.repeat(43)}` }
      const foreign = await fetch(`${server.url}/integrated-account`, { headers })
      expect(await foreign.json()).toMatchObject({ code: 'unauthorized', detail: 'The token is not known here' })
      expect(await server.stop()).toBe(0)
    }
    for (const secret of ['admin-token', 'master-key', 'onefold.db']) {
      expect(statSync(join(folder, '.onefold', secret)).mode & 0o777).toBe(0o600)
    }
  }, 120_000)

  it('prints no secret, and writes its log as lines of JSON', async () => {
    const server = await startBuilt({ ONEFOLD_DEFINITIONS: DEFINITIONS })
    const token = readFileSync(join(folder, '.onefold/admin-token'), 'utf8').trim()
    await fetch(`${server.url}/integrated-account?x=secret`, { headers: { authorization: `Bearer ${token}` } })
    await server.stop()
    const lines = server.said.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({
      path: '/integrated-account',
      code: 'unknown_parameter',
    })
    const key = readFileSync(join(folder, '.onefold/master-key'), 'utf8').trim()
    for (const secret of [token, key, 'x=secret']) expect(server.said.out + server.said.err).not.toContain(secret)
  }, 60_000)

  it.each([
    [{ PORT: 'x' }, /^config_invalid: PORT: 'x' is not a port\nhint: /],
    [{ HOST: '0.0.0.0' }, /^config_invalid: HOST: /],
    [{ NODE_ENV: 'production' }, /^config_invalid: ONEFOLD_MASTER_KEY: /],
    [{ ONEFOLD_MASTER_KEY: 'short' }, /Master key 1 is not base64/],
    [{ ONEFOLD_CONNECT: 'nobody:key=hush-hush' }, /^config_invalid: ONEFOLD_CONNECT: There is no integration nobody/m],
  ])(
    'ends with 1 and one message for %j',
    async (settings, message) => {
      const data = join(folder, 'refused')
      const { code, stderr } = await refusedStart({ ...(settings as Record<string, string>), ONEFOLD_DATA: data })
      expect(code).toBe(1)
      expect(stderr).toMatch(message)
      expect(stderr).not.toMatch(/hush-hush|\n\s+at /)
    },
    60_000,
  )

  it('refuses a second server on the same data folder', async () => {
    const server = await startBuilt({})
    const { code, stderr } = await refusedStart({ PORT: '0', PASSTHROUGH_PORT: '0' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^store_locked: /)
    await server.stop()
  }, 60_000)
})

describe('onefold --help', () => {
  it('names the commands, and serve its settings', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--help'])
    expect(stdout).toMatch(/serve[\s\S]*check/)
    const serve = await run(process.execPath, [MAIN, 'serve', '--help'])
    expect(serve.stdout).toMatch(/ONEFOLD_MASTER_KEY[\s\S]*PASSTHROUGH_PORT|PASSTHROUGH_PORT[\s\S]*ONEFOLD_MASTER_KEY/)
  })
})
