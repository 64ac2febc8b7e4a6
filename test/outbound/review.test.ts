import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { cutSecrets } from '../../server/outbound/post.ts'
import { FAILING_AFTER } from '../../server/stores/webhook-health.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { openDesk } from './desk.ts'
import { openReceiver } from './receiver.ts'

onBothDatabases((backend) => {
  it('failures that come at once are counted each, and one event tells that a destination is failing', async () => {
    const { stores, clock, ...desk } = await openDesk(backend, { isIdle: true })
    const webhook = await desk.webhook({ url: 'https://example.com/hook', eventTypes: ['nothing'] })
    const failing = Array.from({ length: FAILING_AFTER + 3 }, () =>
      stores.webhooks.failed('default', webhook.id, clock.now(), false),
    )
    await Promise.all(failing)
    expect(await stores.webhooks.get('default', webhook.id)).toMatchObject({ failures: FAILING_AFTER + 3 })
    const { result } = await stores.events.pull('default', { limit: 100 })
    expect(result.filter(({ type }) => type === 'webhook.failing')).toHaveLength(1)
  })

  it('what is being sent when a destination is switched off is delivered when it is taken, and dead when it is not', async () => {
    const { stores, clock, ...desk } = await openDesk(backend, { isIdle: true })
    const webhook = await desk.webhook({ url: 'https://example.com/hook', eventTypes: ['payment.*'] })
    await desk.happen({}, {}, {})
    const now = clock.now()
    const [gone, taken, failed] = await stores.deliveries.claim(webhook, 3, now, now + 60_000)
    const told = { responseStatus: null, response: null, error: null, durationMs: 1 }
    await stores.deliveries.settle(gone!, { ...told, status: 'dead', nextAt: now }, now)
    await stores.webhooks.failed('default', webhook.id, now, true)
    await stores.deliveries.settle(taken!, { ...told, status: 'delivered', nextAt: now }, now)
    await stores.deliveries.settle(failed!, { ...told, status: 'waiting', nextAt: now + 5_000 }, now)
    await stores.webhooks.failed('default', webhook.id, now, false)
    const statuses = new Map((await desk.deliveries(webhook)).map(({ id, status }) => [id, status]))
    expect([gone, taken, failed].map((each) => statuses.get(each!.id))).toEqual(['dead', 'delivered', 'dead'])
  })

  it('an event is stored though a destination that wants it is deleted meanwhile', async () => {
    const { stores, ...desk } = await openDesk(backend, { isIdle: true })
    const webhook = await desk.webhook({ url: 'https://example.com/hook' })
    const enabled = stores.webhooks.enabled.bind(stores.webhooks)
    let deleting: Promise<boolean> | undefined
    stores.webhooks.enabled = async (...named) => {
      const found = await enabled(...named)
      deleting ??= stores.webhooks.delete('default', webhook.id)
      await Promise.race([deleting, sleep(300)])
      return found
    }
    const [event] = await desk.happen({})
    expect(await deleting).toBe(true)
    expect(await stores.events.get('default', event!.id)).not.toBeNull()
  })

  it('a message that could not be prepared is sent later, since nothing of it went out', async () => {
    const receiver = await openReceiver()
    const desk = await openDesk(backend, { isIdle: true })
    const secrets = new Secret({ url: receiver.url })
    const webhook = await desk.webhook({ kind: 'slack', url: null, secrets })
    const read = desk.stores.webhooks.secrets.bind(desk.stores.webhooks)
    let refused = 0
    desk.stores.webhooks.secrets = (...named) =>
      refused++ === 0 ? Promise.reject(new Error('the database is away')) : read(...named)
    await desk.happen({})
    await desk.outbound.start()
    await expect
      .poll(() => desk.deliveries(webhook))
      .toMatchObject([{ status: 'waiting', lease: null, error: 'store_failed' }])
    expect(await desk.stores.webhooks.get('default', webhook.id)).toMatchObject({ failures: 0 })
    await desk.clock.advance(6_000)
    await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered' }])
    expect(receiver.received).toHaveLength(1)
  })

  it('when deliveries could not be looked for, they are within seconds', async () => {
    const receiver = await openReceiver()
    const desk = await openDesk(backend, { isIdle: true })
    const webhook = await desk.webhook({ url: receiver.url })
    await desk.happen({})
    const look = desk.stores.deliveries.ready.bind(desk.stores.deliveries)
    let isAway = true
    desk.stores.deliveries.ready = () => (isAway ? Promise.reject(new Error('the database is away')) : look())
    await desk.outbound.start()
    await expect.poll(() => desk.log.told.some(({ message }) => message.includes('could not be looked for'))).toBe(true)
    isAway = false
    await desk.clock.advance(6_000)
    await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered' }])
  })
})

it('a secret that is empty cuts nothing', () => {
  expect(cutSecrets('refused: no address', [''])).toBe('refused: no address')
})
