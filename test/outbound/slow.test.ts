import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, openDesk } from './desk.ts'
import { openReceiver, type Receiver, status } from './receiver.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

/** Never answers; tells how many it holds at once. */
function hold(receiver: Receiver): { most: number; open: ServerResponse[] } {
  const held = { most: 0, open: [] as ServerResponse[] }
  receiver.answer = (_received, response) => {
    held.open.push(response)
    const now = held.open.filter(({ writableEnded, destroyed }) => !writableEnded && !destroyed).length
    held.most = Math.max(held.most, now)
  }
  return held
}

/** Lets time go, second by second, while sockets of this machine do what they do. */
async function pass(desk: Desk, ms: number, isDone: () => boolean = () => false): Promise<void> {
  for (let gone = 0; gone < ms && !isDone(); gone += 1_000) {
    await desk.clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

onBothDatabases((backend) => {
  describe('receivers that never answer', () => {
    it('do not keep one waiting that does, however many they are and whatever waits for them', async () => {
      const desk = await openDesk(backend)
      const dead = await openReceiver()
      const held = hold(dead)
      const good = await openReceiver()
      for (let n = 0; n < 30; n++) await desk.webhook({ url: dead.url, eventTypes: ['refund.*'] })
      const webhook = await desk.webhook({ url: good.url, eventTypes: ['payment.*'] })
      for (let n = 0; n < 10; n++) await desk.happen({ type: 'refund.created' })
      await expect.poll(() => held.open.length).toBeGreaterThanOrEqual(16)
      for (let n = 0; n < 40; n++) await desk.happen({ type: 'payment.failed' })
      // Not a millisecond of the clock has gone: nobody waited for a timeout.
      const before = desk.clock.now()
      await expect.poll(() => new Set(good.ids()).size, { timeout: 20_000 }).toBe(40)
      expect(desk.clock.now()).toBe(before)
      await expect
        .poll(async () => (await desk.deliveries(webhook)).filter((one) => one.status === 'delivered').length)
        .toBe(40)
      expect(held.most).toBeLessThanOrEqual(30)
    }, 60_000)

    it('are held to a few places once they are known to be slow', async () => {
      const desk = await openDesk(backend)
      const dead = await openReceiver()
      const held = hold(dead)
      for (let n = 0; n < 40; n++) await desk.webhook({ url: dead.url })
      await desk.happen({})
      await expect.poll(() => held.open.length, { timeout: 20_000 }).toBe(40)
      await pass(desk, 21_000)
      await expect
        .poll(async () => {
          const { result } = await desk.stores.webhooks.list('default', { limit: 100 })
          return result.filter(({ failures }) => failures === 1).length
        })
        .toBe(40)
      const first = held.open.length
      const waiting = hold(dead)
      await pass(desk, 10_000, () => waiting.open.length >= 16)
      await expect.poll(() => waiting.open.length).toBeGreaterThan(0)
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(first).toBe(40)
      expect(waiting.most).toBeLessThanOrEqual(16)
    }, 60_000)
  })

  describe('a receiver that fails and fails', () => {
    it('is left alone more and more, tells of it once, and is switched off after five days', async () => {
      const desk = await openDesk(backend)
      const dead = await openReceiver()
      dead.answer = status(503)
      const watcher = await openReceiver()
      const webhook = await desk.webhook({ url: dead.url, eventTypes: ['payment.*'] })
      await desk.webhook({ url: watcher.url, eventTypes: ['webhook.*'] })
      const health = async () => (await desk.stores.webhooks.get('default', webhook.id)) ?? webhook
      await desk.happen(...Array.from({ length: 200 }, () => ({ type: 'payment.failed' })))
      // An attempt is noted when the destination is left alone again; a step of time may cut one off before it arrives.
      const isLeftAlone = async () => {
        const { isEnabled, pausedUntil } = await health()
        const isUnderWay = (await desk.deliveries(webhook)).some(({ lease }) => lease !== null)
        return !isUnderWay && (!isEnabled || (pausedUntil ?? 0) > desk.clock.now())
      }
      for (let day = 0; day < 6 && (await health()).isEnabled; day += 1 / 12) {
        await desk.clock.leap(DAY / 12)
        desk.outbound.wake()
        await expect.poll(isLeftAlone).toBe(true)
      }
      expect(await health()).toMatchObject({ isEnabled: false, disabledReason: 'failing' })
      // One probe each time it was due: 200 deliveries waited, and none burned its attempts meanwhile.
      expect(dead.received.length).toBeGreaterThan(30)
      expect(dead.received.length).toBeLessThan(80)
      await expect.poll(() => watcher.received).toHaveLength(2)
      expect(watcher.received.map(({ body }) => JSON.parse(body).type)).toEqual(['webhook.failing', 'webhook.disabled'])
      const dead1 = (await desk.deliveries(webhook)).filter((one) => one.status === 'dead')
      expect(dead1).toHaveLength(200)
      dead.answer = status(200)
      await desk.stores.webhooks.update('default', webhook.id, { isEnabled: true }, desk.clock.now())
      const range = { statuses: ['dead'], since: 0 } as const
      expect(await desk.stores.deliveries.redeliver('default', webhook.id, range, desk.clock.now())).toBe(200)
      desk.outbound.wake()
      await expect
        .poll(async () => (await desk.deliveries(webhook)).filter((one) => one.status === 'delivered').length, {
          timeout: 20_000,
        })
        .toBe(200)
    }, 120_000)

    it('is well again after one success', async () => {
      const desk = await openDesk(backend)
      const receiver = await openReceiver()
      receiver.answer = status(500)
      const webhook = await desk.webhook({ url: receiver.url })
      await desk.happen({}, {}, {}, {}, {}, {})
      await expect
        .poll(async () => (await desk.stores.webhooks.get('default', webhook.id))?.failures)
        .toBeGreaterThanOrEqual(5)
      receiver.answer = status(200)
      await pass(desk, 15 * MINUTE, () => receiver.received.length > 12)
      const well = { failures: 0, failingSince: null, pausedUntil: null, isEnabled: true }
      await expect.poll(() => desk.stores.webhooks.get('default', webhook.id)).toMatchObject(well)
    }, 60_000)
  })
})
