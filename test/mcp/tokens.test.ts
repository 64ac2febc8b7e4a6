import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { countTasks, totalOf } from '../../bench/mcp-tokens/count.ts'
import { type Served, serve } from '../support/served.ts'

let served: Served
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-tokens-'))
  served = await serve(folder, { ONEFOLD_SANDBOX: 'on' })
}, 120_000)
afterAll(async () => {
  await served.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('ten everyday tasks take at least five times fewer bytes than with a tool for each operation', async () => {
  const origin = `http://127.0.0.1:${served.port}`
  const approver = readFileSync(join(folder, '.onefold/admin-token'), 'utf8').trim()
  const made = await fetch(`${origin}/integrated-account/sandbox-stripe/token`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${approver}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ effects: ['read', 'write', 'money'], expires_in: null }),
  })
  const { token } = (await made.json()) as { readonly token: string }
  const rows = await countTasks({ origin, token, accountId: 'sandbox-stripe', approver })
  expect(rows).toHaveLength(10)
  for (const { task, ours, naive } of rows) {
    expect([task, (ours.list + ours.calls) * 5 <= naive.list + naive.calls]).toEqual([task, true])
  }
  // Without the lists of tools, too, which a client may keep from one task to the next.
  expect(totalOf(rows, 'ours').calls * 3).toBeLessThan(totalOf(rows, 'naive').calls)
}, 120_000)
