import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../engine/index.ts'
import type { Stores } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, openAt, type Place } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import { openDesk, SECRET } from './desk.ts'
import { openReceiver } from './receiver.ts'

const KILLS = 12

/** Starts worker.mjs on the built product. */
function startWorker(options: Place & { masterKeys: readonly string[]; ahead: number; most: number; type: string }) {
  if (!existsSync(join(ROOT, 'dist/server/outbound/index.js')))
    throw new Error('dist/ is not built: run `npm run build`')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  return { child, said, ended: once(child, 'exit') }
}

/** Ids of everything stored of payments. */
async function allPayments({ events }: Stores): Promise<string[]> {
  const stored: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await events.pull('default', { limit: 1_000, after, type: 'payment.*' })
    stored.push(...page.result.map(({ id }) => id))
    after = page.next
    if (!page.hasMore) return stored
  }
}

onBothDatabases((backend) => {
  it('no event is lost and none has two ids, with the process killed again and again', async () => {
    const masterKeys = [newKey()]
    const place = await backend.place()
    const receiver = await openReceiver()
    // Until the last round some answers are refusals, and some never reach the sender.
    let isLast = false
    receiver.answer = ({ headers }, response) => {
      const seen = receiver.ids().filter((id) => id === headers['webhook-id']).length
      if (isLast) response.end()
      else if (seen === 1 && receiver.received.length % 5 === 0) response.writeHead(500).end()
      else if (seen === 1 && receiver.received.length % 7 === 0) response.destroy()
      else setTimeout(() => response.end(), 3)
    }
    const desk = await openDesk(backend, { place, masterKeys, isIdle: true })
    await desk.webhook({ url: receiver.url, secrets: new Secret({ signing: [SECRET] }), eventTypes: ['payment.*'] })
    await desk.webhook({ url: receiver.url.replace('hook', 'second'), eventTypes: ['payment.*'] })
    await desk.stores.close()
    const committed = new Set<string>()
    // Killed by what it has stored, never by time: a slow machine sees as many events as a fast one.
    const [lives] = fc.sample(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: KILLS, maxLength: KILLS }), 1)
    for (const [n, events] of (lives ?? []).entries()) {
      // Claims of the killed one have run out by the time of the next.
      const worker = startWorker({ ...place, masterKeys, ahead: n * 61_000, most: 10_000, type: 'payment.failed' })
      await expect.poll(() => worker.said.includes('ready'), { timeout: 30_000 }).toBe(true)
      await expect.poll(() => worker.said.length, { timeout: 60_000, interval: 2 }).toBeGreaterThan(events)
      worker.child.kill('SIGKILL')
      await worker.ended
      for (const line of worker.said) if (line.startsWith('evt_')) committed.add(line)
    }
    isLast = true
    const last = startWorker({ ...place, masterKeys, ahead: (KILLS + 60) * 61_000, most: 20, type: 'payment.failed' })
    await expect.poll(() => last.said.includes('drained'), { timeout: 90_000 }).toBe(true)
    for (const line of last.said) if (line.startsWith('evt_')) committed.add(line)
    const paths = (path: string) =>
      new Set(receiver.received.filter((one) => one.path === path).map(({ headers }) => headers['webhook-id']))
    last.child.stdin.end()
    await last.ended
    const stores = await openAt(place, { masterKeys })
    const stored = await allPayments(stores)
    expect([...committed].filter((id) => !stored.includes(id))).toEqual([])
    expect(stored.length).toBeGreaterThanOrEqual(committed.size)
    expect(committed.size).toBeGreaterThanOrEqual(KILLS + 20)
    for (const path of ['/hook', '/second']) expect([...paths(path)].sort()).toEqual(stored)
    const bodies = new Map(receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]))
    expect(receiver.received.filter(({ headers, body }) => bodies.get(headers['webhook-id']) !== body)).toEqual([])
  }, 180_000)
})
