import { expect, it } from 'vitest'
import { EndpointLookups } from '../../server/inbound/lookups.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, openDesk, T } from './desk.ts'

const statuses = async (desk: Desk, status: string): Promise<number> =>
  (await desk.call('GET', `/raw-event?status=${status}&limit=1000`)).body.result.length
const toldNow = async (desk: Desk, type = 'record:*') =>
  (await desk.call('GET', `/event?type=${type}&limit=1000`)).body.result
const ids = (events: readonly { resource_id: string }[]) => events.map(({ resource_id }) => resource_id)

onBothDatabases((backend) => {
  it('what cannot be read for now keeps nothing behind it waiting, and is told when it can', async () => {
    const desk = await openDesk(backend)
    const { provider, clock } = desk
    const bad = Array.from({ length: 230 }, (_, at) => provider.change(`bad_${at}`, T, 'Bad', { version: '1' }))
    for (const { customer } of bad) provider.broken.add(customer.id)
    expect(await desk.deliver(bad)).toBe(200)
    expect(await desk.deliver([provider.change('good', T, 'Good')])).toBe(200)
    await expect.poll(async () => ids(await toldNow(desk)), { timeout: 30_000 }).toEqual(['good'])
    await expect.poll(() => statuses(desk, 'waiting')).toBe(230)
    provider.broken.clear()
    await clock.advance(3_000)
    await expect.poll(() => statuses(desk, 'waiting'), { timeout: 30_000 }).toBe(0)
    expect(ids(await toldNow(desk)).sort()).toEqual([...bad.map(({ customer }) => customer.id), 'good'].sort())
  })

  it('an event whose meaning cannot be told waits, and puts its record behind nothing', async () => {
    const desk = await openDesk(backend)
    const { provider, clock, server } = desk
    await desk.deliver([provider.change('c', T, 'One')])
    // Its time is no time: taken as of now, what happens after it at the provider would be older.
    await desk.deliver([provider.change('c', 'soon' as unknown as number, 'Two')])
    await desk.deliver([provider.change('c', T + 2, 'Three')])
    await expect.poll(() => statuses(desk, 'waiting')).toBe(1)
    const told = (await toldNow(desk)) as readonly { readonly data: { readonly name: string } }[]
    expect(told.map(({ data }) => data.name)).toEqual(['One', 'Three'])
    await server.services.stores.database.db.updateTable('inbound_events').set({ attempts: 11 }).execute()
    await clock.advance(3_000)
    await expect.poll(() => statuses(desk, 'failed')).toBe(1)
    expect((await desk.call('GET', '/raw-event?status=failed')).body.result).toMatchObject([
      { error: 'expression_failed' },
    ])
  })

  it('an event is given up by its own attempts, however many others come meanwhile', async () => {
    const desk = await openDesk(backend)
    const { provider, clock, server } = desk
    provider.broken.add('bad')
    await desk.deliver([provider.change('bad', T, 'Bad', { version: '1' })])
    const attempts = async () =>
      (await server.services.stores.database.db.selectFrom('inbound_events').select('attempts').execute())[0]?.attempts
    await expect.poll(attempts).toBe(1)
    await desk.deliver([provider.change('other', T, 'Other')])
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['other'])
    expect(await attempts()).toBe(1)
    await server.services.stores.database.db.updateTable('inbound_events').set({ attempts: 11 }).execute()
    await clock.advance(3_000)
    await expect.poll(() => statuses(desk, 'failed')).toBe(1)
    expect((await desk.call('GET', '/raw-event?status=failed')).body.result).toMatchObject([
      { error: 'provider_unavailable' },
    ])
    expect(ids(await toldNow(desk))).toEqual(['other'])
  })

  it('an account that works again has everything tried anew at once', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    provider.broken.add('bad')
    await desk.deliver([provider.change('bad', T, 'Bad', { version: '1' })])
    const reads = () => provider.asked.filter((one) => one === 'GET /customers/bad').length
    await expect.poll(reads).toBe(1)
    provider.broken.clear()
    for (const status of ['disabled', 'active']) {
      expect((await desk.call('PATCH', '/integrated-account/acme-1', { status })).status).toBe(200)
    }
    expect(ids(await desk.told())).toEqual(['bad'])
  })

  it('events of one delivery are told in the order in which they were sent', async () => {
    const desk = await openDesk(backend)
    const events = Array.from({ length: 40 }, (_, at) => desk.provider.change(`cus_${(at * 7) % 40}`, T, `Name ${at}`))
    await desk.deliver(events)
    expect(ids(await desk.told())).toEqual(events.map(({ customer }) => customer.id))
  })

  it('what nobody signed tells of no record that somebody invented, and of a deletion once', async () => {
    const desk = await openDesk(backend, { connects: false })
    const { provider } = desk
    await desk.call('POST', '/integrated-account', {
      ...{ id: 'h-1', integration: 'hearsay', tenant_id: 't', credentials: { key: 'ak_test_inbound' } },
      settings: { base_url: provider.origin },
    })
    await expect.poll(async () => (await desk.account('h-1')).webhook?.state).toBe('manual')
    const { url } = (await desk.account('h-1')).webhook
    const say = (id: string) =>
      desk.post(url, `customer=${id}`, { 'content-type': 'application/x-www-form-urlencoded' })
    await say('cus_invented')
    provider.change('cus_1', T, 'Ada')
    await Promise.all(Array.from({ length: 5 }, () => say('cus_1')))
    expect((await desk.told()).map(({ type, resource_id }) => [type, resource_id])).toEqual([
      ['record:created', 'cus_1'],
    ])
    provider.change('cus_1', T + 1, null)
    await Promise.all(Array.from({ length: 5 }, () => say('cus_1')))
    expect((await desk.told()).map(({ type }) => type)).toEqual(['record:created', 'record:deleted'])
  })

  it('what is not signed beside what is tells what was found by reading, once', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    const { url } = (await desk.account()).webhook
    const say = (id: string) =>
      desk.post(url, `customer=${id}`, { 'content-type': 'application/x-www-form-urlencoded' })
    await desk.deliver([provider.change('cus_1', T, 'Ada')])
    expect((await desk.told()).map(({ type, resource_id }) => [type, resource_id])).toEqual([
      ['record:created', 'cus_1'],
    ])
    expect((await say('cus_1')).status).toBe(200)
    await say('cus_invented')
    expect(ids(await desk.told())).toEqual(['cus_1'])
    provider.change('cus_1', T + 1, 'Ada King')
    await Promise.all(Array.from({ length: 5 }, () => say('cus_1')))
    expect((await desk.told()).map(({ type }) => type)).toEqual(['record:created', 'record:updated'])
    expect((await desk.post(url, '{"events":[]}', { 'content-type': 'application/json' })).status).toBe(401)
  })

  it('everybody who shares an address shows it when it becomes another one', async () => {
    const desk = await openDesk(backend, { connects: false })
    for (const id of ['acme-1', 'acme-2']) await desk.connect(id, 'shared')
    const urls = async () =>
      await Promise.all(['acme-1', 'acme-2'].map(async (id) => (await desk.account(id)).webhook?.url ?? null))
    await expect.poll(async () => new Set(await urls()).has(null)).toBe(false)
    const [before] = await urls()
    await desk.call('POST', '/integrated-account/acme-1/webhook', { rotate_url: true })
    const [after] = await urls()
    expect(after).not.toBe(before)
    await expect.poll(urls).toEqual([after, after])
  })

  it('processes that store the same events at once do not end each other', async () => {
    const desk = await openDesk(backend)
    const { database, inbound } = desk.server.services.stores
    const event = (id: number) => ({
      ...{ accountId: 'acme-1', providerId: `evt_x${id}`, type: 'moon.rose', apiVersion: null, value: {} },
      source: 'feed' as const,
    })
    const shuffled = (round: number) =>
      Array.from({ length: 30 }, (_, at) => event(round * 30 + at)).sort(() => Math.random() - 0.5)
    for (let round = 0; round < 15; round++) {
      const put = () =>
        database.db.transaction().execute(async (trx) => {
          await inbound.raw.put(trx, 'default', shuffled(round).slice(0, 15), 1)
          await inbound.raw.put(trx, 'default', [], 1)
        })
      await Promise.all([put(), put(), put()])
    }
  })
})

it('deliveries that arrive together share a look, and each is answered by what was there after it arrived', async () => {
  let looks = 0
  let [version, finish]: [number, (() => void)[]] = [1, []]
  const lookups = new EndpointLookups(async () => {
    looks += 1
    const found = version
    await new Promise<void>((resolve) => finish.push(resolve))
    return found as never
  })
  const first = lookups.find('a')
  const [second, third] = [lookups.find('a'), lookups.find('a')]
  version = 2
  for (const one of finish.splice(0)) one()
  expect(await first).toBe(1)
  await expect.poll(() => finish.length).toBe(1)
  for (const one of finish.splice(0)) one()
  expect([await second, await third, looks]).toEqual([2, 2, 2])
  finish = []
  const failing = new EndpointLookups(() => Promise.reject(new Error('cut')))
  await expect(failing.find('a')).rejects.toThrow('cut')
  await expect(Promise.allSettled([failing.find('a'), failing.find('a')])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ])
})
