import { expect, it } from 'vitest'
import { openSandboxed, type Sandboxed } from './sandboxed.ts'

const CUSTOMERS = 'payment-gateway/customers'
const PRODUCTS = 'subscription-management/products'

/** The copy holds what the provider has, in every field that its lists show. */
async function expectEqual(stand: Sandboxed, ...resources: string[]): Promise<void> {
  for (const resource of resources) {
    const [live, kept] = [await stand.records(resource, 'live'), await stand.records(resource, 'synced')]
    expect([...kept.keys()].sort()).toEqual([...live.keys()].sort())
    for (const [id, record] of live) {
      const shown = Object.entries(record).filter(([, value]) => value !== null)
      expect(kept.get(id)).toMatchObject(Object.fromEntries(shown))
    }
  }
}

const briefly = async (stand: Sandboxed) =>
  (await stand.told()).map(({ type, resource_id: id }) => `${type.replace('record:', '')} ${id}`)

it('what the provider tells moves the copy, and a full run after it finds nothing to do or to tell', async () => {
  const stand = await openSandboxed(false)
  const { provider } = stand
  const [ada, bob] = [
    await provider.customers.create({ name: 'Ada' }),
    await provider.customers.create({ name: 'Bob' }),
  ]
  const product = await provider.products.create({ name: 'Tea' })
  await stand.quiet()
  const { id, run_id } = await stand.sync([CUSTOMERS, PRODUCTS])
  expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded', progress: { added: 3 } })
  await provider.customers.update(ada.id, { email: 'ada@example.com' })
  await provider.customers.del(bob.id)
  await provider.customers.create({ name: 'Cy' })
  await provider.products.update(product.id, { name: 'Green tea' })
  await stand.quiet()
  await expectEqual(stand, CUSTOMERS, PRODUCTS)
  const told = await stand.told()
  const changed = told.find(({ type, resource_id: of }) => type === 'record:updated' && of === ada.id)
  expect(changed?.changes).toEqual({ email: { from: null, to: 'ada@example.com' } })
  const { result } = await stand.call('GET', `/unified/${CUSTOMERS}/changes?integrated_account_id=pay`)
  const log = result.slice(2).map(({ change, id: of }: { change: string; id: string }) => `${change} ${of}`)
  expect(log).toEqual([`updated ${ada.id}`, `deleted ${bob.id}`, expect.stringMatching(/^added cus_/)])
  const full = await stand.call('POST', `/sync-job/${id}/run`, { mode: 'full' })
  const { progress } = await stand.ended(full.id)
  expect(progress).toMatchObject({ added: 0, updated: 0, deleted: 0 })
  await expectEqual(stand, CUSTOMERS, PRODUCTS)
  expect(await stand.told()).toEqual(told)
}, 60_000)

it('records of one second that are made, changed and deleted during the first reading are as they are there', async () => {
  const stand = await openSandboxed(false)
  const { provider } = stand
  const made = await Promise.all(
    Array.from({ length: 130 }, (_, at) => provider.customers.create({ name: `Number ${at}` })),
  )
  const { run_id } = await stand.sync([CUSTOMERS])
  for (const [at, { id }] of made.entries()) {
    if (at % 25 === 0) await provider.customers.del(id)
    else if (at % 10 === 0) await provider.customers.update(id, { name: `Changed ${at}` })
    if (at % 30 === 0) await provider.customers.create({ name: `Late ${at}` })
    if (at % 40 === 0) await stand.clock.advance(50)
  }
  expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
  await stand.quiet()
  await expectEqual(stand, CUSTOMERS)
}, 60_000)

it('what no delivery told is found and told once; the provider telling it later is no news', async () => {
  const stand = await openSandboxed(false)
  const { provider, clock, server } = stand
  const { events, inbound, database } = server.services.stores
  const [ada, bob] = [
    await provider.customers.create({ name: 'Ada' }),
    await provider.customers.create({ name: 'Bob' }),
  ]
  await stand.quiet()
  const { run_id } = await stand.sync([CUSTOMERS], { schedule: '1h' })
  await stand.ended(run_id)
  const before = await briefly(stand)
  for (const { id } of (await provider.webhookEndpoints.list()).data) await provider.webhookEndpoints.del(id)
  await clock.advance(5_000)
  await provider.customers.update(ada.id, { name: 'Ada Two' })
  await provider.customers.del(bob.id)
  const cy = await provider.customers.create({ name: 'Cy' })
  // The feed has lost a part of the time: everything is read again by itself.
  const gap = { from: '2026-10-01T00:00:00Z', until: '2026-10-01T00:01:00Z', retention_days: 30 }
  await database.db.transaction().execute((trx) =>
    events.append(
      trx,
      'default',
      [
        {
          ...{
            type: 'integrated_account.feed_gap',
            integratedAccountId: 'pay',
            tenantId: 't',
            integration: 'stripe',
            livemode: false,
          },
          data: { id: 'pay', ...gap },
        },
      ],
      clock.now(),
    ),
  )
  const runs = async () => (await stand.call('GET', '/sync-job-run')).result
  for (let minute = 0; minute < 5 && (await runs()).length < 2; minute++) await clock.advance(60_000)
  const [full] = await runs()
  expect(await stand.ended(full.id)).toMatchObject({
    ...{ mode: 'full', status: 'succeeded' },
    progress: { added: 1, updated: 1, deleted: 1 },
  })
  await expectEqual(stand, CUSTOMERS)
  const found = (await briefly(stand)).slice(before.length)
  expect(found.sort()).toEqual([`created ${cy.id}`, `deleted ${bob.id}`, `updated ${ada.id}`])
  const told = (await stand.told()).find(({ type, resource_id: of }) => type === 'record:updated' && of === ada.id)
  expect(told).toMatchObject({ changes: { name: { from: 'Ada', to: 'Ada Two' } }, data: { name: 'Ada Two' } })
  // What was never delivered comes by the feed after all.
  await inbound.seen.startPolling('default', 'pay', clock.now() - 3_600_000)
  const raw = async () => (await stand.call('GET', '/raw-event?limit=100')).result
  for (let minute = 0; minute < 5 && (await raw()).length < 5; minute++) {
    await clock.advance(60_000)
    await stand.quiet()
  }
  expect(await raw()).toHaveLength(5)
  expect((await briefly(stand)).slice(before.length)).toHaveLength(found.length)
  await expectEqual(stand, CUSTOMERS)
}, 60_000)
