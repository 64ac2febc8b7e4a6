// A server process that only runs jobs: `node worker.mjs '<json of where>'`. It tells on stdout what it does.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { SYSTEM_CLOCK, SYSTEM_RANDOM } from '../../dist/server/clock.js'
import { openJobs } from '../../dist/server/jobs/index.js'
import { SILENT_LOG } from '../../dist/server/log.js'
import { createMetrics } from '../../dist/server/metrics.js'
import { openStores } from '../../dist/server/stores/index.js'

const { schedule, ...place } = JSON.parse(process.argv[2])
const say = (text) => process.stdout.write(`${text}\n`)

const stores = await openStores(place)
const { db } = stores.database
const means = { clock: SYSTEM_CLOCK, random: SYSTEM_RANDOM, log: SILENT_LOG, metrics: createMetrics() }
const jobs = await openJobs(stores.database, means)

/** Notes in the database how many run at once, and that this one ran. */
jobs.handle('acme.note', async ({ n }) => {
  await sql`update busy set now = now + 1, most = case when now + 1 > most then now + 1 else most end`.execute(db)
  await sql`insert into ran (n, process) values (${n}, ${String(process.pid)})`.execute(db)
  await sleep(3)
  await sql`update busy set now = now - 1`.execute(db)
})
jobs.handle('acme.hang', async ({ n }, { attempt }) => {
  say(`hangs ${n} ${attempt}`)
  await sleep(600_000)
})
jobs.handle('acme.slow', async ({ n }) => {
  say(`began ${n}`)
  await sleep(300)
  say(`ended ${n}`)
})
if (schedule) jobs.schedule('acme.note', schedule)
await jobs.start()
say('ready')

process.stdin.resume().once('end', async () => {
  await jobs.stop(5_000)
  await stores.close()
  process.exit(0)
})
