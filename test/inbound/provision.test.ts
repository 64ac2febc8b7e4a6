import { expect, it } from 'vitest'
import { toEngineAccount } from '../../server/api/accounts.ts'
import { removeProviderWebhook, reviewInbound } from '../../server/inbound/index.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, openDesk, T } from './desk.ts'
import { delivery } from './provider.ts'

const settled = (desk: Desk, id: string, state: string) =>
  expect.poll(async () => (await desk.account(id)).webhook?.state, { timeout: 20_000 }).toBe(state)
const inEvents = async (desk: Desk, count: number) => {
  await expect.poll(async () => (await desk.told()).length, { timeout: 20_000 }).toBe(count)
  return desk.told()
}

onBothDatabases((backend) => {
  it('the provider is asked once, told of another address, and asked to send no more', async () => {
    const desk = await openDesk(backend)
    const { provider, server } = desk
    const { webhook } = await desk.account()
    expect(webhook).toMatchObject({ state: 'provisioned', reason: null })
    expect(webhook.url).toMatch(new RegExp(`^${server.url}/webhook-in/[\\w-]{43}$`))
    expect(provider.hooks.get('hook_1')).toMatchObject({ url: webhook.url })
    const rotated = await desk.call('POST', '/integrated-account/acme-1/webhook', { rotate_url: true })
    expect(rotated.body.webhook).toMatchObject({ state: 'pending' })
    await settled(desk, 'acme-1', 'provisioned')
    const { url } = (await desk.account()).webhook
    expect(url).not.toBe(webhook.url)
    expect(provider.hooks).toEqual(new Map([['hook_1', { id: 'hook_1', url, secret: 'secret-of-hook_1' }]]))
    expect((await desk.post(webhook.url, '{}')).status).toBe(404)
    expect(await desk.deliver([provider.change('cus_1', T, 'Ada')])).toBe(200)
    const stored = await server.services.stores.accounts.get('default', 'acme-1')
    const step = removeProviderWebhook(server.services)
    await step.run(toEngineAccount(stored!))
    await step.run(toEngineAccount(stored!))
    expect(provider.hooks.size).toBe(0)
    expect((await desk.post(url, '{}')).status).toBe(404)
  })

  it('the look that a start takes does not ask again for an account that is being set up', async () => {
    const desk = await openDesk(backend, { connects: false })
    const { provider, server } = desk
    const { jobs } = server.services
    let answer = (): void => undefined
    provider.hooksWait = new Promise((resolve) => {
      answer = resolve
    })
    await desk.connect('acme-1')
    await expect.poll(() => provider.asked, { timeout: 20_000 }).toContain('POST /hooks')
    await reviewInbound(server.services)
    const asking = () => jobs.list({ environments: ['default'], name: 'inbound.provision', limit: 10 })
    await expect.poll(async () => (await asking()).length, { timeout: 20_000 }).toBe(2)
    answer()
    await expect.poll(async () => (await asking()).length, { timeout: 20_000 }).toBe(0)
    await settled(desk, 'acme-1', 'provisioned')
    expect(provider.asked.filter((one) => one.includes('/hooks'))).toEqual(['POST /hooks'])
  })

  it('a hook that is gone at the provider is made anew', async () => {
    const desk = await openDesk(backend)
    desk.provider.hooks.clear()
    await desk.call('POST', '/integrated-account/acme-1/webhook', {})
    await expect.poll(() => desk.provider.hooks.size, { timeout: 20_000 }).toBe(1)
    await settled(desk, 'acme-1', 'provisioned')
    const [hook] = [...desk.provider.hooks.keys()]
    expect(await desk.deliver([desk.provider.change('cus_1', T, 'Ada')], hook)).toBe(200)
    expect(await inEvents(desk, 1)).toHaveLength(1)
  })

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

  it('without an address that the provider reaches, its feed is polled', async () => {
    const desk = await openDesk(backend, { connects: false })
    const { stores, clock } = desk.server.services
    await desk.connect('acme-1')
    await settled(desk, 'acme-1', 'provisioned')
    const webhook = { state: 'polling', url: null, reason: null, at: clock.now() } as const
    await stores.accounts.update('default', 'acme-1', { webhook }, { now: clock.now() })
    await stores.inbound.seen.startPolling('default', 'acme-1', clock.now())
    await polled(desk)
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

  it('accounts of one platform share an address, whose secret a person brings', async () => {
    const desk = await openDesk(backend, { connects: false })
    await desk.connect('acme-1', 'shared')
    await settled(desk, 'acme-1', 'manual')
    const { webhook } = await desk.account()
    expect(webhook.reason).toContain('bring its secret')
    const event = { ...desk.provider.change('cus_1', T, 'Ada'), account: 'acct_1' }
    const { body, headers } = delivery([event], 'brought-secret', T)
    expect((await desk.post(webhook.url, body, headers)).status).toBe(401)
    await desk.call('POST', '/integrated-account/acme-1/webhook', { secret: 'brought-secret' })
    await expect
      .poll(async () => (await desk.account()).webhook, { timeout: 20_000 })
      .toMatchObject({ state: 'manual', reason: null })
    expect((await desk.post(webhook.url, body, headers)).status).toBe(200)
    const nobody = delivery([{ ...event, id: 'evt_x', account: 'acct_9' }], 'brought-secret', T)
    expect((await desk.post(webhook.url, nobody.body, nobody.headers)).status).toBe(200)
    const platform = delivery([desk.provider.change('cus_2', T, 'Of the platform')], 'brought-secret', T)
    expect((await desk.post(webhook.url, platform.body, platform.headers)).status).toBe(200)
    expect(await desk.told()).toMatchObject([{ resource_id: 'cus_1' }])
    await desk.call('POST', '/integrated-account/acme-1/webhook', { secret: 'next-secret' })
    const next = delivery([event], 'next-secret', T)
    expect((await desk.post(webhook.url, next.body, next.headers)).status).toBe(200)
    expect((await desk.post(webhook.url, body, headers)).status).toBe(200)
    await desk.clock.advance(86_400_000)
    const later = delivery([event], 'brought-secret', T + 86_400)
    expect((await desk.post(webhook.url, later.body, later.headers)).status).toBe(401)
  })

  it('providers are asked for nothing where an environment says so, until somebody asks for an account', async () => {
    const desk = await openDesk(backend, { connects: false })
    const { provider } = desk
    const set = async (webhook_setup: string) => {
      const { status, body } = await desk.call('PATCH', '/environment/default', { webhook_setup })
      expect([status, body.webhook_setup]).toEqual([200, webhook_setup])
    }
    expect((await desk.call('PATCH', '/environment/default', { webhook_setup: 'never' })).status).toBe(422)
    await set('on_request')
    for (const id of ['acme-1', 'acme-2']) await desk.connect(id)
    await desk.call('POST', '/integrated-account', {
      ...{ id: 'h-1', integration: 'hearsay', tenant_id: 't', credentials: { key: 'ak_test_inbound' } },
      settings: { base_url: provider.origin },
    })
    for (const id of ['acme-1', 'acme-2']) await settled(desk, id, 'polling')
    await settled(desk, 'h-1', 'off')
    expect((await desk.account()).webhook).toMatchObject({ url: null, reason: expect.stringMatching(/^off: /) })
    expect(provider.asked.filter((one) => one.includes('/hooks'))).toEqual([])
    await desk.call('POST', '/integrated-account/acme-1/webhook', {})
    await settled(desk, 'acme-1', 'provisioned')
    expect(provider.hooks.size).toBe(1)
    await set('automatic')
    await settled(desk, 'h-1', 'manual')
    await settled(desk, 'acme-2', 'provisioned')
    expect(provider.hooks.size).toBe(2)
  })

  it('what nobody signs is believed nothing but an id, and so much of it', async () => {
    const desk = await openDesk(backend, { connects: false })
    const { provider } = desk
    const connected = await desk.call('POST', '/integrated-account', {
      ...{ id: 'h-1', integration: 'hearsay', tenant_id: 't', credentials: { key: 'ak_test_inbound' } },
      settings: { base_url: provider.origin },
    })
    expect(connected.status).toBe(201)
    await settled(desk, 'h-1', 'manual')
    const { url } = (await desk.account('h-1')).webhook
    provider.change('cus_1', T, 'Ada')
    const say = (id: string) =>
      desk.post(url, `customer=${id}&name=Mallory`, { 'content-type': 'application/x-www-form-urlencoded' })
    expect((await say('cus_1')).status).toBe(200)
    expect(await inEvents(desk, 1)).toMatchObject([{ type: 'record:created', data: { name: 'Ada' } }])
    await say('cus_1')
    expect(await desk.told()).toHaveLength(1)
    provider.change('cus_1', T + 1, 'Ada Reyes')
    await say('cus_1')
    expect((await inEvents(desk, 2))[1]).toMatchObject({ type: 'record:updated', data: { name: 'Ada Reyes' } })
    const answers = await Promise.all(Array.from({ length: 120 }, () => say('../account')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]))
    await desk.told()
    expect(provider.asked).not.toContain('GET /customers/../account')
  })
})
