import { request } from 'undici'
import type { Bench, Figure, Rig } from '../harness/bench.ts'
import { install } from '../harness/installation.ts'
import { Closing } from '../harness/rig.ts'
import { ADMIN_TOKEN, startServer } from '../harness/server.ts'
import { type Count, countTasks, type Row, totalOf } from './count.ts'
import { TASKS } from './tasks.ts'

const ACCOUNT = 'sandbox-stripe'
const ALL = 'all ten'
/** At least five times fewer. */
const MOST = 0.2

const figures: readonly Figure[] = [...TASKS.map(({ name }) => name), ALL].map((key) => ({
  ...{ key, name: `MCP, bytes to ${key}`, kind: 'ratio', unit: 'KB', most: MOST },
}))

function open(): Promise<Rig> {
  const closing = new Closing()
  return closing.guard(async () => {
    const installation = closing.add(install(), (one) => one.remove())
    const server = closing.add(await startServer(installation, { sandbox: true }), (one) => one.close())
    const made = await request(`${server.origin}/integrated-account/${ACCOUNT}/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ effects: ['read', 'write', 'money'], expires_in: null }),
    })
    const { token } = (await made.body.json()) as { readonly token: string }
    const rows = await countTasks({ origin: server.origin, token, accountId: ACCOUNT, approver: ADMIN_TOKEN })
    return {
      note: noteOf(totalOf(rows, 'ours'), totalOf(rows, 'naive')),
      subject: () => Promise.resolve(measuresOf(rows, 'ours')),
      floor: () => Promise.resolve(measuresOf(rows, 'naive')),
      close: () => closing.close(),
    }
  })
}

const kilobytes = ({ list, calls }: Count): number => (list + calls) / 1024

const measuresOf = (rows: readonly Row[], side: 'ours' | 'naive') => ({
  ...Object.fromEntries(rows.map((row) => [row.task, kilobytes(row[side])])),
  [ALL]: kilobytes(totalOf(rows, side)),
})

const noteOf = (ours: Count, naive: Count): string =>
  `calls alone ${(ours.calls / naive.calls).toFixed(2)}x, about ${Math.round((ours.list + ours.calls) / 4000)} thousand tokens beside ${Math.round((naive.list + naive.calls) / 4000)} thousand`

/** What stands in the context of a model for everyday tasks, counted once, beside a tool for each operation. */
export const mcpTokens: Bench = { name: 'mcp-tokens', isWarmed: false, figures, open }
