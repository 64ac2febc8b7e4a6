import { createHmac, timingSafeEqual } from 'node:crypto'
import { Webhook as Standard } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { eventOut } from '../../server/api/wire.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { EVENT, openDesk, SECRET } from './desk.ts'
import { openReceiver, type Received, status } from './receiver.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const isSettled = { lease: null }

/** As clients of Truto do it. */
function isTrutos(secret: string, { headers, body }: Received): boolean {
  const given = Buffer.from(String(headers['x-truto-signature']).split('v=')[1] ?? '', 'base64')
  return timingSafeEqual(given, createHmac('sha256', secret).update(body).digest())
}

onBothDatabases((backend) => {
  describe('a delivery', () => {
    it('is the event as it is pulled, signed as the official library and clients of Truto judge', async () => {
      const receiver = await openReceiver()
      const desk = await openDesk(backend, { now: Date.now() })
      const webhook = await desk.webhook({ url: receiver.url })
      const [event] = await desk.happen({})
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 1 }])
      const [got] = receiver.received as [Received]
      expect(got.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': event!.id })
      const verified = new Standard(SECRET).verify(got.body, got.headers as Record<string, string>)
      expect(verified).toEqual(eventOut(event!))
      expect(Object.keys(verified as object)).toEqual(
        expect.arrayContaining(['id', 'type', 'created_at', 'integrated_account_id', 'tenant_id', 'integration']),
      )
      expect(isTrutos(SECRET, got)).toBe(true)
      const another = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
      expect(isTrutos(another, got)).toBe(false)
      const judge = (secret: string, body: string) => () =>
        new Standard(secret).verify(body, got.headers as Record<string, string>)
      expect(judge(another, got.body)).toThrow('No matching signature')
      expect(judge(SECRET, `${got.body} `)).toThrow('No matching signature')
    })

    it('is signed with the secret before, too, until its time is over', async () => {
      const receiver = await openReceiver()
      const now = Date.now()
      const desk = await openDesk(backend, { now })
      const fresh = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
      const webhook = await desk.webhook({ url: receiver.url })
      const secrets = new Secret({ signing: [fresh, SECRET] })
      await desk.stores.webhooks.update('default', webhook.id, { secrets, previousUntil: now + HOUR }, now)
      await desk.happen({})
      await expect.poll(() => receiver.received).toHaveLength(1)
      await desk.clock.leap(HOUR)
      await desk.happen({})
      await expect.poll(() => receiver.received).toHaveLength(2)
      const passes = (secret: string, at: number) => {
        const { body, headers } = receiver.received[at] as Received
        // The library goes by the time of this machine; only the stamp of the second one is an hour ahead.
        const signed = new Standard(secret).sign(
          String(headers['webhook-id']),
          new Date(Number(headers['webhook-timestamp']) * 1_000),
          body,
        )
        return String(headers['webhook-signature']).split(' ').includes(signed)
      }
      expect([passes(fresh, 0), passes(SECRET, 0), passes(fresh, 1), passes(SECRET, 1)]).toEqual([
        true,
        true,
        true,
        false,
      ])
      expect(isTrutos(fresh, receiver.received[0] as Received)).toBe(true)
    })

    it('goes to those that want the event, and to no other', async () => {
      const receiver = await openReceiver()
      const desk = await openDesk(backend)
      const at = (name: string) => receiver.url.replace('/hook', `/${name}`)
      await desk.webhook({ url: at('all') })
      await desk.webhook({ url: at('types'), eventTypes: ['refund.created', 'payment.*'] })
      await desk.webhook({ url: at('other-type'), eventTypes: ['refund.*'] })
      await desk.webhook({ url: at('tenant'), tenantId: 'tenant-1', integratedAccountId: 'ia_1', integration: 'acme' })
      await desk.webhook({ url: at('other-tenant'), tenantId: 'tenant-2' })
      await desk.webhook({ url: at('other-account'), integratedAccountId: 'ia_2' })
      await desk.webhook({ url: at('other-integration'), integration: 'bolt' })
      await desk.webhook({ url: at('off'), isEnabled: false })
      await desk.stores.webhooks.create(
        'other',
        {
          ...(await desk.webhook({ url: at('x'), isEnabled: false })),
          url: at('foreign'),
          isEnabled: true,
          secrets: new Secret({ signing: [SECRET] }),
        },
        desk.clock.now(),
      )
      await desk.happen({})
      const paths = () => receiver.received.map(({ path }) => path).sort()
      await expect.poll(paths).toEqual(['/all', '/tenant', '/types'])
    })

    it('does not exist when its event does not', async () => {
      const receiver = await openReceiver()
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ url: receiver.url })
      const undone = desk.stores.database.db.transaction().execute(async (trx) => {
        await desk.stores.events.append(trx, 'default', [EVENT], desk.clock.now())
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')
      await desk.happen({ type: 'payment.succeeded' })
      await expect.poll(() => receiver.received).toHaveLength(1)
      expect(await desk.deliveries(webhook)).toMatchObject([{ eventType: 'payment.succeeded' }])
    })
  })

  describe('a delivery that fails', () => {
    it('is tried ten times within about three days, under one id with one body, and is dead then', async () => {
      const receiver = await openReceiver()
      receiver.answer = status(500, {}, 'broken')
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ url: receiver.url })
      const [event] = await desk.happen({})
      const at: number[] = []
      for (let n = 1; n <= 10; n++) {
        await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(n)
        await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ attempts: n, ...isSettled }])
        at.push(desk.clock.now() - event!.createdAt)
        const [{ nextAt, status: now }] = (await desk.deliveries(webhook)) as unknown as [
          { nextAt: number; status: string },
        ]
        expect(now).toBe(n < 10 ? 'waiting' : 'dead')
        const [health] = (await desk.stores.webhooks.list('default')).result
        await desk.clock.leap(Math.max(0, nextAt - desk.clock.now(), (health?.pausedUntil ?? 0) - desk.clock.now()))
      }
      expect(at.at(-1)).toBeGreaterThan(70 * HOUR)
      expect(at.at(-1)).toBeLessThan(80 * HOUR)
      expect(new Set(receiver.ids())).toEqual(new Set([event!.id]))
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
      expect(await desk.deliveries(webhook)).toMatchObject([
        { responseStatus: 500, response: 'broken', error: 'status_500', deliveredAt: null },
      ])
      receiver.answer = status(204)
      expect(
        await desk.stores.deliveries.redeliver('default', webhook.id, { statuses: ['dead'] }, desk.clock.now()),
      ).toBe(1)
      await desk.clock.leap(HOUR)
      desk.outbound.wake()
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 1 }])
      expect(receiver.ids().at(-1)).toBe(event!.id)
    }, 60_000)

    it('waits as long as the receiver asks for', async () => {
      const receiver = await openReceiver()
      receiver.answer = status(429, { 'retry-after': '7200' })
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ url: receiver.url })
      await desk.happen({})
      const due = desk.clock.now() + 2 * HOUR
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ attempts: 1, nextAt: due, ...isSettled }])
    })

    it('switches the webhook off when it is gone for good', async () => {
      const receiver = await openReceiver()
      receiver.answer = status(410)
      const desk = await openDesk(backend)
      const watcher = await openReceiver()
      const webhook = await desk.webhook({ url: receiver.url, eventTypes: ['payment.*'] })
      await desk.webhook({ url: watcher.url, eventTypes: ['webhook.*'] })
      await desk.happen({})
      await expect.poll(() => watcher.received).toHaveLength(1)
      expect(JSON.parse(watcher.received[0]!.body)).toMatchObject({
        type: 'webhook.disabled',
        reason: 'gone',
        data: { id: webhook.id, is_enabled: false, status: 'disabled' },
      })
      expect(watcher.received[0]!.body).not.toContain('whsec_')
      expect(await desk.stores.webhooks.get('default', webhook.id)).toMatchObject({
        isEnabled: false,
        disabledReason: 'gone',
      })
      expect(await desk.deliveries(webhook)).toMatchObject([{ status: 'dead', responseStatus: 410 }])
      await desk.happen({})
      expect(await desk.deliveries(webhook)).toHaveLength(1)
    })

    it.each([
      ['a redirect, which is not followed', status(302, { location: 'http://127.0.0.1:1/' }), { error: 'status_302' }],
      ['an answer that never comes', () => undefined, { error: expect.stringMatching(/^timeout|^canceled/) }],
      [
        'a closed connection',
        (_: Received, response: { destroy(): void }) => void response.destroy(),
        { error: expect.stringMatching(/^connection_failed/) },
      ],
    ] as const)('by %s is tried again', async (_name, answer, told) => {
      const receiver = await openReceiver()
      receiver.answer = answer as typeof receiver.answer
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ url: receiver.url })
      await desk.happen({})
      await expect.poll(() => receiver.received).toHaveLength(1)
      await desk.clock.advance(20_000)
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'waiting', ...told, ...isSettled }])
    })

    it('is not even begun where the egress policy says no', async () => {
      const receiver = await openReceiver()
      const desk = await openDesk(backend, { egressAllow: [] })
      const webhook = await desk.webhook({ url: receiver.url.replace('127.0.0.1', 'localhost') })
      await desk.happen({})
      await expect
        .poll(() => desk.deliveries(webhook))
        .toMatchObject([{ status: 'waiting', error: expect.stringMatching(/^egress_refused/) }])
      expect(receiver.received).toEqual([])
    })

    it('shows the first bytes of a long answer, without secrets', async () => {
      const receiver = await openReceiver()
      const leak = `no: ${SECRET} Bearer abcdef123456 key=AKIAABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 <b>${'x y '.repeat(100_000)}`
      receiver.answer = status(400, {}, leak)
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ url: receiver.url })
      await desk.happen({})
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ error: 'status_400', ...isSettled }])
      const [{ response }] = (await desk.deliveries(webhook)) as unknown as [{ response: string }]
      expect(response).toMatch(/^no: \[secret\] Bearer \[secret\] key=\[secret\] <b>x y/)
      expect(response.length).toBeLessThanOrEqual(500)
    })
  })

  describe('an account that is deleted', () => {
    it('takes what was still to be told of it along, and is told of as gone', async () => {
      const receiver = await openReceiver()
      receiver.answer = status(500)
      const desk = await openDesk(backend)
      const { stores, clock } = desk
      const webhook = await desk.webhook({ url: receiver.url })
      const now = clock.now()
      const account = await stores.accounts.create('default', { integration: 'acme', tenantId: 't' }, now)
      await expect.poll(() => receiver.received).toHaveLength(1)
      receiver.answer = status(200)
      await stores.accounts.delete('default', account.id, { now })
      await expect
        .poll(() => desk.deliveries(webhook))
        .toMatchObject([{ eventType: 'integrated_account.deleted', status: 'delivered' }])
    })
  })
})
