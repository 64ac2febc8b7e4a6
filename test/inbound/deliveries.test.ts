import { expect, it } from 'vitest'
import { onBothDatabases } from '../stores/backends.ts'
import { openDesk, T } from './desk.ts'

onBothDatabases((backend) => {
  it('a delivery becomes events, with the record, what changed, and the raw event', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    const first = provider.change('cus_1', T, 'Ada', { token: 'kept' })
    const second = provider.change('cus_1', T + 5, 'Ada Reyes')
    expect(await desk.deliver([first])).toBe(200)
    await desk.told()
    expect(await desk.deliver([second])).toBe(200)
    const [created, updated, ...more] = await desk.told()
    expect(more).toEqual([])
    expect(created).toMatchObject({
      ...{ type: 'record:created', integrated_account_id: 'acme-1', tenant_id: 'tenant-1', integration: 'acme' },
      ...{ model: 'payment-gateway', resource: 'customers', resource_id: 'cus_1', changes: null },
      ...{ occurred_at: '2026-01-01T00:00:00.000Z', data: { id: 'cus_1', name: 'Ada', object: 'customer' } },
    })
    expect(updated).toMatchObject({
      type: 'record:updated',
      data: { name: 'Ada Reyes' },
      changes: { name: { from: 'Ada', to: 'Ada Reyes' } },
    })
    expect(provider.asked.filter((one) => one.includes('/customers'))).toEqual([])
    const raw = await desk.call('GET', `/raw-event/${created.raw_event_id}`)
    expect(raw.body).toMatchObject({
      provider_id: 'evt_1',
      type: 'customer.created',
      status: 'done',
      source: 'webhook',
    })
    expect(raw.body.body).toMatchObject({ customer: { name: 'Ada' }, token: 'kept' })
  })

  it('what comes twice is told once, however often and together with what', async () => {
    const desk = await openDesk(backend)
    const events = ['a', 'b', 'c'].map((id) => desk.provider.change(id, T, id))
    for (const some of [events, [events[1]!], [...events, ...events]]) expect(await desk.deliver(some)).toBe(200)
    await Promise.all(Array.from({ length: 10 }, () => desk.deliver(events)))
    const told = await desk.told()
    expect(told.map(({ resource_id }) => resource_id).sort()).toEqual(['a', 'b', 'c'])
    expect(await desk.deliver([])).toBe(200)
  })

  it('what happened before is not taken for what is now; what happened at one time is asked for', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    const [old, next] = [provider.change('cus_1', T, 'Old'), provider.change('cus_1', T + 9, 'New')]
    await desk.deliver([next])
    await desk.told()
    await desk.deliver([old])
    const told = await desk.told()
    expect(told.map(({ type, data, changes }) => [type, data.name, changes])).toEqual([
      ['record:updated', 'New', null],
      ['record:created', 'New', null],
    ])
    expect(provider.asked.filter((one) => one.includes('/customers'))).toEqual([])
    const tie = provider.change('cus_1', T + 9, 'Newest')
    await desk.deliver([{ ...tie, customer: { ...tie.customer, name: 'Not this' } }])
    expect((await desk.told()).at(-1)).toMatchObject({
      data: { name: 'Newest' },
      changes: { name: { from: 'New', to: 'Newest' } },
    })
    expect(provider.asked.filter((one) => one.includes('/customers'))).toEqual(['GET /customers/cus_1'])
  })

  it('what nobody dates is asked for, and makes nothing older that happens later at the provider', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    const asked = () => provider.asked.filter((one) => one.includes('/customers')).length
    const undated = (event: object) => ({ ...event, at: undefined }) as never
    const [old, next] = [provider.change('cus_1', T, 'Old'), provider.change('cus_1', T + 1, 'New')]
    await desk.deliver([undated(next)])
    await desk.told()
    await desk.deliver([undated(old)])
    const told = await desk.told()
    expect(told.map(({ data, occurred_at: at }) => [data.name, at])).toEqual([
      ['New', null],
      ['New', null],
    ])
    expect(asked()).toBe(2)
    // The clock of the provider is an hour behind.
    await desk.deliver([provider.change('cus_1', T - 3_600, 'Newer')])
    await desk.told()
    await desk.deliver([provider.change('cus_1', T - 3_599, 'Newest')])
    expect((await desk.told()).map(({ data }) => data.name)).toEqual(['New', 'New', 'Newer', 'Newest'])
  })

  it('a record in another version is read anew, and one that is deleted is marked', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    await desk.deliver([provider.change('cus_1', T, 'Ada', { version: '1' })])
    await desk.told()
    expect(provider.asked.filter((one) => one.includes('/customers'))).toEqual(['GET /customers/cus_1'])
    await desk.deliver([provider.change('cus_1', T + 1, null)])
    expect((await desk.told()).at(-1)).toMatchObject({
      type: 'record:deleted',
      data: { name: 'Ada', is_deleted: true },
      changes: { is_deleted: { from: false, to: true } },
    })
    await desk.deliver([
      provider.change('cus_2', T + 2, 'Eve', { version: '1' }),
      provider.change('cus_2', T + 3, null),
    ])
    expect((await desk.told()).slice(-2).map(({ data }) => data.is_deleted)).toEqual([true, true])
  })

  it('a record that is gone goes back to nothing older, whichever of two events of one second comes last', async () => {
    const desk = await openDesk(backend)
    const { provider } = desk
    const [old, next] = [provider.change('cus_1', T, 'Old'), provider.change('cus_1', T, 'New')]
    await desk.deliver([next])
    await desk.told()
    provider.customers.delete('cus_1')
    await desk.deliver([old])
    expect((await desk.told()).at(-1)).toMatchObject({
      data: { name: 'New', is_deleted: true },
      changes: { is_deleted: { from: false, to: true } },
    })
  })

  it('an unknown event is stored and acknowledged, and told to nobody', async () => {
    const desk = await openDesk(backend)
    const odd = { ...desk.provider.change('cus_1', T, 'Ada'), id: 'evt_odd', kind: 'moon.rose' }
    expect(await desk.deliver([odd])).toBe(200)
    expect(await desk.told()).toEqual([])
    const { result } = (await desk.call('GET', '/raw-event?type=moon.rose')).body
    expect(result).toMatchObject([{ provider_id: 'evt_odd', status: 'ignored' }])
  })

  it('what cannot be read for now waits for its time, and keeps nothing else waiting', async () => {
    const desk = await openDesk(backend)
    const { provider, clock } = desk
    const lost = provider.change('gone/../x', T, 'Lost', { version: '1' })
    await desk.deliver([lost, provider.change('cus_2', T, 'Eve')])
    const names = async () =>
      (await desk.call('GET', '/raw-event')).body.result.map((one: { status: string }) => one.status)
    await expect.poll(names, { timeout: 20_000 }).toEqual(expect.arrayContaining(['done']))
    await clock.advance(1)
    expect((await desk.told()).map(({ resource_id }) => resource_id)).toContain('cus_2')
  })

  it('an account that is deleted takes all of it along', async () => {
    const desk = await openDesk(backend)
    await desk.deliver([desk.provider.change('cus_1', T, 'Ada')])
    await desk.told()
    const { url } = (await desk.account()).webhook
    expect((await desk.call('DELETE', '/integrated-account/acme-1')).status).toBe(200)
    expect((await desk.call('GET', '/raw-event')).body.result).toEqual([])
    const { db } = desk.server.services.stores.database
    for (const table of ['inbound_events', 'inbound_attachments', 'seen_records', 'inbound_feeds'] as const) {
      expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([])
    }
    expect((await desk.post(url, '{}')).status).toBe(404)
    await expect.poll(() => desk.provider.hooks.size, { timeout: 20_000 }).toBe(0)
  })
})
