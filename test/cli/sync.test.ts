import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { CUSTOMERS, openSyncStand } from '../sync/stand.ts'

const run = promisify(execFile)

it('sync lists jobs, runs one and shows it; export writes a file', async () => {
  const stand = await openSyncStand()
  const { ledger, url } = stand
  ledger.add(30, Date.UTC(2025, 0, 1) / 1000, 60)
  const job = await stand.sync([CUSTOMERS], { schedule: '1h' })
  await stand.ended(job.run_id)
  const folder = mkdtempSync(join(tmpdir(), 'onefold-cli-sync-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const options = { cwd: folder, env: plainEnvironment({ ONEFOLD_TOKEN: 'admin-token-of-the-tests' }) }
  const onefold = async (...args: string[]) =>
    (await run(process.execPath, [MAIN, ...args, '--url', url], options)).stdout
  expect(await onefold('sync', 'list')).toBe(`${job.id}  acme-s  ${CUSTOMERS}  1h\n`)
  const started = (await onefold('sync', 'run', job.id, '--full')).trim()
  await stand.ended(started)
  const shown = await onefold('sync', 'status', started, '--watch')
  expect(shown).toMatch(/^succeeded {2}30 read {2}\+0 ~0 -0/)
  expect(shown).toContain('in parts of time')
  await onefold('export', CUSTOMERS, '--account', 'acme-s', '--as', 'csv', '--fields', 'id', '--out', 'out.csv')
  expect(readFileSync(join(folder, 'out.csv'), 'utf8').split('\r\n').slice(0, 2)).toEqual(['id', 'cus_0000029'])
  const lines = await onefold('export', CUSTOMERS, '--account', 'acme-s')
  expect(lines.trimEnd().split('\n')).toHaveLength(30)
  await onefold('sync', 'pause', job.id)
  expect(await onefold('sync', 'list')).toContain('paused')
  await onefold('sync', 'resume', job.id)
  expect(await onefold('sync', 'list')).not.toContain('paused')
  await expect(onefold('sync', 'cancel', started)).rejects.toMatchObject({
    stderr: expect.stringContaining('conflict'),
  })
  await expect(onefold('sync', 'status', 'sr_none')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not_found'),
  })
}, 60_000)
