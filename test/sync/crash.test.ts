import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { rawRows } from '../stores/raw.ts'
import { type Served, serve } from '../support/served.ts'
import { startLedger } from './ledger.ts'
import { CUSTOMERS, SYNC_DEFINITIONS } from './stand.ts'

const LANES = 24
const TOKEN = 'admin-token-of-the-tests'
const RECORDS = 4_000

/** Calls the API of the served product as the bootstrap token. */
async function call(served: Served, verb: string, path: string, body?: unknown) {
  const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, {
    method: verb,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as { id: string; run_id: string; status: string; progress: { added: number } }
}

it('a server that is killed again and again reads at most a page of each lane twice, and loses and doubles nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-sync-'))
  const ledger = await startLedger()
  const settings = {
    ONEFOLD_ADMIN_TOKEN: TOKEN,
    ONEFOLD_SANDBOX: 'off',
    ONEFOLD_DEFINITIONS: SYNC_DEFINITIONS,
    ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
  }
  let served = await serve(folder, settings)
  onTestFinished(async () => {
    await served.kill()
    await ledger.close()
    rmSync(folder, { recursive: true, force: true })
  })
  ledger.add(RECORDS, Date.UTC(2025, 0, 1) / 1000, 1_000)
  const account = {
    integration: 'acme',
    tenant_id: 't',
    credentials: { key: 'k' },
    settings: { base_url: ledger.upstream.url },
  }
  const { id } = await call(served, 'POST', '/integrated-account', account)
  const made = await call(served, 'POST', '/sync-job', { integrated_account_id: id, resources: [CUSTOMERS] })
  const kills = [7, 19, 40]
  for (const after of kills) {
    await new Promise<void>((resolve) => {
      ledger.onPage = (_request, pages) => {
        if (pages >= after) resolve()
        return undefined
      }
    })
    await served.kill()
    served = await serve(folder, settings)
  }
  ledger.onPage = undefined
  const status = async () => (await call(served, 'GET', `/sync-job-run/${made.run_id}`)).status
  await expect.poll(status, { timeout: 60_000, interval: 100 }).toBe('succeeded')

  const place = { dataDir: join(folder, '.onefold') }
  const rows = await rawRows(place, 'select record_id, hash, data from synced_records')
  expect(rows.map(({ record_id }) => record_id).sort()).toEqual([...ledger.customers.keys()].sort())
  const isTrue = (row: Record<string, unknown>) => row.hash === hash('sha256', String(row.data), 'base64url')
  expect(rows.filter((row) => !isTrue(row))).toEqual([])
  // The change log tells each once, and the run counts each once, whatever was read twice.
  expect(await rawRows(place, 'select count(*) as n from synced_changes')).toEqual([{ n: RECORDS }])
  expect((await call(served, 'GET', `/sync-job-run/${made.run_id}`)).progress.added).toBe(RECORDS)
  const asked = ledger.pages.map(({ target }) => target)
  expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(kills.length * LANES)
}, 150_000)
