import { expect, it } from 'vitest'
import { catchUp } from '../../server/inbound/index.ts'
import { FEED_GAP } from '../../server/stores/index.ts'
import type { Restore } from '../../server/stores/restores.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, openDesk, T } from './desk.ts'
import { delivery } from './provider.ts'

const settled = (desk: Desk, id: string, state: string) =>
  expect.poll(async () => (await desk.account(id)).webhook?.state, { timeout: 20_000 }).toBe(state)
const inEvents = async (desk: Desk, count: number) => {
  await expect.poll(async () => (await desk.told()).length, { timeout: 20_000 }).toBe(count)
  return desk.told()
}
const toldNow = async (desk: Desk, type = 'record:*') =>
  (await desk.call('GET', `/event?type=${type}&limit=1000`)).body.result
const ids = (events: readonly { resource_id: string }[]) => events.map(({ resource_id }) => resource_id)

/** An account whose credentials may not ask for deliveries. */
async function openPolled(backend: Parameters<typeof openDesk>[0]): Promise<Desk> {
  const desk = await openDesk(backend, { connects: false })
  desk.provider.refuseHooks = 403
  await desk.connect('acme-1')
  await settled(desk, 'acme-1', 'polling')
  return desk
}

onBothDatabases((backend) => {
  it('credentials that may not ask have their feed polled instead, and say why', async () => {
    const desk = await openDesk(backend, { connects: false })
    desk.provider.refuseHooks = 403
    desk.provider.most = 1
    desk.provider.change('before', T - 600, 'Long before')
    await desk.connect('acme-1')
    await settled(desk, 'acme-1', 'polling')
    expect((await desk.account()).webhook.reason).toMatch(/^provider_forbidden: /)
    await polled(desk)
  })

  it('without a public URL what happens is read from the feed, each once, over a restart', async () => {
    const reached = { HOST: '0.0.0.0', ONEFOLD_TRUST_PROXY: 'on' }
    const desk = await openDesk(backend, { connects: false, settings: reached })
    const { provider, clock } = desk
    provider.most = 7
    provider.change('before', T - 600, 'Long before')
    expect((await desk.connect('acme-1')).status).toBe(201)
    await settled(desk, 'acme-1', 'polling')
    const { url, reason } = (await desk.account()).webhook
    expect([url, reason]).toEqual([null, expect.stringContaining('ONEFOLD_PUBLIC_URL')])
    for (let at = 0; at < 20; at++) provider.change(`cus_${at}`, T + at, `Name ${at}`)
    await clock.advance(60_000)
    const first = await inEvents(desk, 20)
    const { next_cursor: place } = (await desk.call('GET', '/event?limit=1000')).body

    provider.change('cus_3', T + 58, 'Just before the end')
    await desk.restart(() => {
      provider.change('cus_4', T + 70, null)
      provider.change('cus_20', T + 71, 'Born meanwhile')
    })
    provider.change('cus_3', T + 72, 'After the start')
    await clock.advance(60_000)
    const next = (await inEvents(desk, 24)).slice(20)
    expect(next.map(({ type, resource_id: id, data }) => [type, id, data.name, data.is_deleted])).toEqual([
      ['record:updated', 'cus_3', 'After the start', false],
      ['record:deleted', 'cus_4', 'Name 4', true],
      ['record:created', 'cus_20', 'Born meanwhile', false],
      ['record:updated', 'cus_3', 'After the start', false],
    ])
    // Who had read until the restart is told the rest, and what is read again from the feed is no news.
    await clock.advance(60_000)
    const rest = (await desk.call('GET', `/event?limit=1000&after=${place}`)).body.result
    expect(rest.map(({ id }: { id: string }) => id)).toEqual(next.map(({ id }) => id))
    const raws = await Promise.all(
      [...first, ...next].map(async ({ raw_event_id: id }) => (await desk.call('GET', `/raw-event/${id}`)).body),
    )
    expect(new Set(raws.map(({ source }) => source))).toEqual(new Set(['feed']))
    expect(raws.map(({ provider_id: id }) => id)).toEqual(provider.events.slice(1).map(({ id }) => id))
    expect(provider.asked.filter((one) => one.includes('/hooks'))).toEqual([])
  })

  /** More events than a page, told once, however often the feed is read; and those that came while it was. */
  async function polled(desk: Desk): Promise<void> {
    const { provider, clock } = desk
    for (let at = 0; at < 150; at++) provider.change(`cus_${at}`, T + at, `Name ${at}`)
    await clock.advance(60_000)
    const first = await inEvents(desk, 150)
    expect(first.every(({ type }) => type === 'record:created')).toBe(true)
    expect(first.some(({ resource_id }) => resource_id === 'before')).toBe(false)
    provider.change('cus_7', T + 149, 'Another name')
    await clock.advance(60_000)
    const next = await inEvents(desk, 151)
    expect(next.at(-1)).toMatchObject({ resource_id: 'cus_7', data: { name: 'Another name' } })
    const raw = await desk.call('GET', `/raw-event/${next.at(-1).raw_event_id}`)
    expect(raw.body).toMatchObject({ source: 'feed' })
    await clock.advance(60_000)
    expect(await desk.told()).toHaveLength(151)
  }

  it('a feed that cannot be read leaves no dead jobs behind, and is read when it can', async () => {
    const desk = await openPolled(backend)
    const { provider, clock } = desk
    provider.broken.add('*')
    provider.change('cus_1', T, 'Ada')
    const asked = () => provider.asked.filter((one) => one === 'GET /events').length
    for (let minute = 0; minute < 3; minute++) {
      const before = asked()
      await clock.advance(60_000)
      await expect.poll(asked).toBeGreaterThan(before)
    }
    expect((await desk.call('GET', '/job?status=dead')).body.result).toEqual([])
    provider.broken.clear()
    await clock.advance(60_000)
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['cus_1'])
  })

  it('what was read of a feed before it failed is told a little later, and the rest when it can be read', async () => {
    const desk = await openPolled(backend)
    const { provider, clock } = desk
    const names = Array.from({ length: 105 }, (_, at) => `cus_${at}`)
    for (const [at, name] of names.entries()) provider.change(name, T + at, name)
    // The list of a hundred behind it fails.
    provider.broken.add('evt_6')
    const later = async () => {
      await clock.advance(20_000)
      return ids(await toldNow(desk))
    }
    const newest = names.slice(5)
    await expect.poll(later, { timeout: 10_000, interval: 300 }).toEqual(newest)
    provider.broken.clear()
    await expect.poll(later, { timeout: 10_000, interval: 300 }).toEqual([...newest, ...names.slice(0, 5)])
  })

  it('a feed left unread for longer than it remembers has a gap, which is told once; then it goes on', async () => {
    const desk = await openPolled(backend)
    const { provider, clock, server } = desk
    const { db } = server.services.stores.database
    const day = 86_400_000
    await db
      .updateTable('inbound_feeds')
      .set({ since: T * 1000 - 31 * day })
      .execute()
    provider.change('cus_1', T - 60, 'Ada')
    await clock.advance(60_000)
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['cus_1'])
    const [gap, ...more] = await toldNow(desk, FEED_GAP)
    expect(gap).toMatchObject({ integrated_account_id: 'acme-1', tenant_id: 'tenant-1', integration: 'acme' })
    const { id, from, until, retention_days: days } = gap.data
    expect([id, Date.parse(from), days]).toEqual(['acme-1', T * 1000 - 31 * day, 30])
    expect(Date.parse(until) - T * 1000 + 30 * day - 3_600_000).toBeGreaterThanOrEqual(0)
    expect(more).toEqual([])
    provider.change('cus_2', T + 90, 'Eve')
    await clock.advance(60_000)
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['cus_1', 'cus_2'])
    expect(await toldNow(desk, FEED_GAP)).toHaveLength(1)
  })

  it('polling begins where deliveries ended', async () => {
    const desk = await openDesk(backend)
    const { clock, provider, server } = desk
    const { seen } = server.services.stores.inbound
    await desk.deliver([provider.change('cus_1', T, 'Ada')])
    await desk.told()
    const received = clock.now()
    await clock.advance(30_000)
    await seen.startPolling('default', 'acme-1', clock.now())
    expect(await seen.since('default', 'acme-1')).toBe(received)
  })

  it('deliveries begin where polling ended: what happened before the provider was asked is read', async () => {
    const desk = await openPolled(backend)
    const { clock, provider, server } = desk
    const { seen } = server.services.stores.inbound
    const state = async () => (await desk.account()).webhook?.state
    provider.change('cus_1', T + 1, 'Ada')
    provider.refuseHooks = 0
    await desk.call('POST', '/integrated-account/acme-1/webhook', {})
    await expect.poll(state).toBe('provisioned')
    await clock.advance(60_000)
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['cus_1'])
    // A feed tells late of what happened just before.
    provider.change('cus_2', T + 2, 'Bob')
    await clock.advance(60_000)
    await expect.poll(async () => ids(await toldNow(desk))).toEqual(['cus_1', 'cus_2'])
    await clock.advance(60_000)
    await expect.poll(() => seen.since('default', 'acme-1')).toBeNull()
  })

  it.each([
    ['that the provider was asked to deliver to', 'key', undefined],
    ['whose deliveries a person set up', 'shared', 'brought-secret'],
  ])(
    'after a restore the feed of an account %s is read once, from the end of the backup',
    async (_of, method, secret) => {
      const desk = await openDesk(backend, { connects: false })
      const { clock, provider, server } = desk
      const { restores, inbound } = server.services.stores
      const webhook = async () => (await desk.account()).webhook
      await desk.connect('acme-1', method)
      await expect.poll(async () => (await webhook())?.state).toMatch(/^(provisioned|manual)$/)
      if (secret !== undefined) await desk.call('POST', '/integrated-account/acme-1/webhook', { secret })
      await expect.poll(webhook).toMatchObject({ state: expect.stringMatching(/^(provisioned|manual)$/), reason: null })
      await clock.advance(180_000)
      await expect.poll(() => inbound.seen.since('default', 'acme-1')).toBeNull()
      const event = { ...provider.change('cus_1', T + 180, 'Ada'), account: 'acct_1' }
      const { body, headers } = delivery([event], secret ?? 'secret-of-hook_1', T + 180)
      expect((await desk.post((await webhook()).url, body, headers)).status).toBe(200)
      await desk.told()
      // Delivered to the database that was lost.
      provider.change('cus_2', T + 210, 'Bob')
      await clock.advance(40_000)
      await restores.mark(clock.now())
      await catchUp(server.services, (await restores.of('default')) as Restore)
      // In steps: what runs apart is stopped when the clock has passed its limit.
      const later = async () => {
        await clock.advance(10_000)
        return ids(await toldNow(desk))
      }
      await expect.poll(later, { timeout: 10_000, interval: 300 }).toEqual(['cus_1', 'cus_2'])
      await expect.poll(() => inbound.seen.since('default', 'acme-1')).toBeNull()
    },
  )
})
