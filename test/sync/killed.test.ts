import { hash } from 'node:crypto'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../stores/backends.ts'
import { rawRows } from '../stores/raw.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { type PaymentProvider, paymentOf, startPayments } from './payments.ts'
import { SYNC_DEFINITIONS } from './stand.ts'
import { ToldServer } from './told-server.ts'

/** Parts that are read at once, as docs/sync.md says. */
const LANES = 24
const SIZE = 100_000
const PAGE = 100
const LIMIT = { latencyMs: 150, perSecond: 100 }
/** How long it takes until a server that was killed runs again. */
const RESTART_MS = 2_000
const RECORD = 'payment-gateway/payments'

/** A home of a server with the definitions of these tests built in, and a provider that says how much it takes. */
function home(): string {
  const folder = tempFolder()
  symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
  cpSync(join(SYNC_DEFINITIONS, 'integrations'), join(folder, 'integrations'), { recursive: true })
  const file = join(folder, 'integrations', 'acme', 'integration.yaml')
  const text = readFileSync(file, 'utf8')
  const limit = `{ kind: sliding, limit: ${LIMIT.perSecond}, window_ms: 1000 }`
  const limited = text.replace(/(?<=^ {4}all: ).*$/m, limit)
  expect(limited).not.toBe(text)
  writeFileSync(file, limited)
  return folder
}

const pagesOf = (provider: PaymentProvider, count: number): Promise<void> =>
  new Promise((resolve) => {
    provider.onPage = () => {
      if (provider.pages.length >= count) resolve()
    }
  })

it('a backfill of 100,000 payments that is killed again and again fetches at most a page of each worker twice, within the limit', async () => {
  const clock = new VirtualClock(Date.UTC(2025, 11, 1))
  const provider = await startPayments(clock, { size: SIZE, ...LIMIT })
  const { upstream, pages } = provider
  const folder = home()
  const server = new ToldServer(folder, clock, upstream)
  onTestFinished(async () => {
    await server.kill()
    await upstream.close()
  })
  await server.start()
  const account = {
    integration: 'acme',
    tenant_id: 't',
    credentials: { key: 'k' },
    settings: { base_url: upstream.url },
  }
  const { id } = await server.call('POST', '/integrated-account', account)
  const begun = clock.now()
  const { run_id } = await server.call('POST', '/sync-job', { integrated_account_id: id, resources: [RECORD] })
  const kills = [5, 130, 400, 777]
  for (const after of kills) {
    await server.drive(pagesOf(provider, after))
    await server.kill()
    await clock.advance(RESTART_MS)
    await server.start()
  }
  provider.onPage = undefined
  const run = async () => await server.call('GET', `/sync-job-run/${run_id}`)
  while (['waiting', 'running'].includes((await run()).status)) await server.drive(clock.sleep(100))
  const took = clock.now() - begun - kills.length * RESTART_MS

  const { status, progress } = await run()
  expect({ status, added: progress.added }).toEqual({ status: 'succeeded', added: SIZE })
  const place = { dataDir: join(folder, 'data') }
  const rows = await rawRows(place, 'select record_id, hash, data from synced_records order by record_id')
  expect(rows.map(({ record_id }) => record_id)).toEqual(Array.from({ length: SIZE }, (_, n) => paymentOf(n).id))
  const wrong = rows.filter(({ hash: stored, data }, n) => {
    const { amount, currency, note, created } = paymentOf(n)
    const kept = JSON.parse(String(data))
    const isSame = kept.amount === amount && kept.currency === currency && kept.description === note
    const isThen = Date.parse(kept.created_at) === created * 1_000
    return !(isSame && isThen && stored === hash('sha256', String(data), 'base64url'))
  })
  expect(wrong).toEqual([])
  expect(await rawRows(place, 'select count(*) as n from synced_changes')).toEqual([{ n: SIZE }])

  expect(pages.length - new Set(pages).size).toBeLessThanOrEqual(kills.length * LANES)
  // Each part ends with a page that is not full, and may have read one that reaches over where it was cut.
  expect(pages.length).toBeLessThanOrEqual(SIZE / PAGE + 2 * progress.partitions + kills.length * LANES)
  expect(provider.refused).toBe(0)
  expect(took).toBeGreaterThan((pages.length / LIMIT.perSecond - 1) * 1_000)
}, 300_000)
