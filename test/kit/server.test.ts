import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { ADMIN, DEFINITIONS, openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY } from '../http/upstream.ts'
import { openReceiver } from '../outbound/receiver.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'

const run = promisify(execFile)

/** The command line beside a running server. */
async function beside(): Promise<
  Stand & { folder: string; run: (...args: string[]) => Promise<{ code: number; stdout: string; stderr: string }> }
> {
  const stand = await openStand()
  const folder = mkdtempSync(join(tmpdir(), 'onefold-kit-server-'))
  onTestFinished(async () => {
    await stand.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const options = { cwd: folder, env: plainEnvironment({ ONEFOLD_TOKEN: ADMIN }) }
  return {
    ...stand,
    folder,
    run: (...args) =>
      run(process.execPath, [MAIN, ...args, '--url', stand.url], options).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (failed: { code: number; stdout: string; stderr: string }) => failed,
      ),
  }
}

const CUSTOMERS = ['acme', 'payment-gateway', 'customers', 'list', '--query', 'limit=2', '--account', 'acme-1']

it('an account of a server is called and recorded through it, and its credentials stay there', async () => {
  const stand = await beside()
  stand.upstream.addCustomers(2)
  const tried = await stand.run('try', ...CUSTOMERS, '--definitions', DEFINITIONS)
  expect(tried).toMatchObject({ code: 0, stderr: '' })
  expect(tried.stdout).toContain('2 records')
  expect(tried.stdout).not.toContain(GOOD_KEY)
  expect(stand.upstream.reached.at(-1)?.headers.authorization).toBe(`Bearer ${GOOD_KEY}`)
  const name = ['--name', 'Two', '--out', 'two.yaml', '--definitions', DEFINITIONS]
  expect(await stand.run('record', ...CUSTOMERS, ...name)).toMatchObject({ code: 0 })
  const text = readFileSync(join(stand.folder, 'two.yaml'), 'utf8')
  for (const { name: person, email } of stand.upstream.customers) {
    expect(text).not.toContain(person)
    expect(text).not.toContain(email ?? person)
  }
  expect(parse(text).cases[0].expect.result).toHaveLength(2)
})

it('what the server refuses is told as it says it', async () => {
  const stand = await beside()
  const other = await stand.run('try', 'acme', 'customers', 'list', '--account', 'nobody', '--definitions', DEFINITIONS)
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown_account') })
})

it('webhooks are made, tried, looked at, sent again and deleted', async () => {
  const stand = await beside()
  const receiver = await openReceiver()
  const webhooks = (...args: string[]) => stand.run('webhooks', ...args)
  const made = await webhooks('create', receiver.url, '--event', 'webhook.test', 'payment.*', '--description', 'mine')
  expect(made.stdout).toMatch(
    /^(\S+) {2}webhook {2}http:.* {2}webhook\.test,payment\.\* {2}ok\nsecret, shown this once: whsec_/,
  )
  const id = made.stdout.split(' ')[0] ?? ''
  expect((await webhooks('list')).stdout.trim()).toBe(made.stdout.split('\n')[0])
  expect(await webhooks('test', id)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^delivered {2}answered 200/),
  })
  receiver.answer = (_received, response) => {
    response.statusCode = 500
    response.end()
  }
  expect(await webhooks('test', id)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^failed {2}answered 500/),
  })
  expect((await webhooks('deliveries', id, '--status', 'dead')).stdout).toBe('Nothing.\n')
  expect((await webhooks('redeliver', id, '--since', '2025-01-01T00:00:00Z')).stdout).toBe('0 are sent again\n')
  expect(await webhooks('redeliver', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('--since') })
  const rotated = JSON.parse((await webhooks('rotate-secret', id, '--keep-previous', '60', '--json')).stdout)
  expect(rotated).toMatchObject({ id, secret: expect.stringMatching(/^whsec_/) })
  expect(made.stdout).not.toContain(rotated.secret)
  expect((await webhooks('delete', id)).stdout).toBe(`${id} is deleted\n`)
  expect((await webhooks('test', id)).stderr).toContain('not_found')
})
