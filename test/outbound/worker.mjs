// A process of its own that stores events and sends them, until it is killed or has stored as many as asked.
import { createMetrics } from '../../dist/server/metrics.js'
import { createOutbound } from '../../dist/server/outbound/index.js'
import { openStores } from '../../dist/server/stores/index.js'

const { ahead, most, type, ...place } = JSON.parse(process.argv[2])
const say = (text) => process.stdout.write(`${text}\n`)
const silent = () => undefined
const clock = {
  now: () => Date.now() + ahead,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, Math.min(ms, 2_000_000_000))
      signal?.addEventListener('abort', () => reject(clearTimeout(timer)), { once: true })
    }),
}
const stores = await openStores(place)
const outbound = createOutbound({
  settings: { egressAllow: ['127.0.0.1'], smtp: null },
  stores,
  clock,
  log: { debug: silent, info: silent, warn: silent, error: console.error },
  random: { next: () => 0, id: () => 'x' },
  metrics: createMetrics(),
})
await outbound.start()
say('ready')
const of = { integratedAccountId: null, tenantId: null, integration: null, livemode: null }
for (let n = 0; n < most; n++) {
  const [event] = await stores.database.db
    .transaction()
    .execute((trx) => stores.events.append(trx, 'default', [{ ...of, type, data: { n } }], clock.now()))
  say(event.id)
}
while ((await stores.deliveries.counts()).some(({ status }) => status === 'waiting')) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
say('drained')
process.stdin.on('end', async () => {
  await outbound.stop(10_000)
  await stores.close()
})
process.stdin.resume()
