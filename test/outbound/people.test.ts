import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../engine/index.ts'
import type { NewEvent } from '../../server/stores/index.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { openDesk } from './desk.ts'
import { openReceiver, status } from './receiver.ts'

/** A mail as a real SMTP server took it. */
interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
}

async function openMailServer(more: SMTPServerOptions = {}): Promise<{ url: string; mails: Mail[] }> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        mails.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() })
        callback()
      })
    },
    ...more,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails }
}

const smtpOf = (url: string) => ({
  url: new Secret(url),
  from: 'Acme <alerts@example.com>',
  address: 'alerts@example.com',
})

/** What somebody puts into a record to be read by people elsewhere. */
const HOSTILE: Partial<NewEvent> = {
  data: {
    id: 'pay_1',
    object: 'payment',
    amount: 1999,
    currency: 'EUR',
    customer: { name: '<!channel> <https://evil.example|Click> & <b>"Ada"</b>\r\nBcc: victim@example.com' },
    failure: { message: "<script>alert('x')</script>" },
  },
}

const EMAIL = { kind: 'email', recipients: ['ada@example.com', 'bo@example.com'], secrets: null } as const

onBothDatabases((backend) => {
  describe('a chat', () => {
    it('gets an event in words, with what could be a command escaped', async () => {
      const receiver = await openReceiver()
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ kind: 'slack', secrets: new Secret({ url: receiver.url }) })
      await desk.happen(HOSTILE)
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered' }])
      const message = JSON.parse(receiver.received[0]?.body ?? '')
      expect(message.text).toBe('Payment failed')
      const shown = message.blocks[0].text.text as string
      expect(shown).toMatch(/^\*Payment failed\*\n\*Amount:\* 19\.99 EUR\n/)
      expect(shown).toContain('&lt;!channel&gt; &lt;https://evil.example|Click&gt; &amp; &lt;b&gt;')
      expect(shown).not.toMatch(/[<>]/)
      expect(shown.split('\n').filter((line) => line.startsWith('Bcc'))).toEqual([])
    })

    it('that may have got it is not asked again, one that refused is', async () => {
      const receiver = await openReceiver()
      receiver.answer = (_received, response) => void response.destroy()
      const desk = await openDesk(backend)
      const webhook = await desk.webhook({ kind: 'slack', secrets: new Secret({ url: receiver.url }) })
      await desk.happen({})
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'unknown', attempts: 1 }])
      receiver.answer = status(503)
      await desk.happen({})
      await expect
        .poll(async () => (await desk.deliveries(webhook)).filter((one) => one.error === 'status_503'))
        .toMatchObject([{ status: 'waiting' }])
    })
  })

  describe('a mail', () => {
    it('that one of several mailboxes refuses says so, and is not sent to the others again', async () => {
      const server = await openMailServer({
        onRcptTo: ({ address }, _session, callback) =>
          callback(
            address === 'bo@example.com' ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null,
          ),
      })
      const desk = await openDesk(backend, { smtp: smtpOf(server.url) })
      const webhook = await desk.webhook(EMAIL)
      await desk.happen({})
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 1 }])
      const [delivery] = await desk.deliveries(webhook)
      expect(delivery?.error).toContain('smtp_recipients: 1 of 2 were refused: bo@example.com')
      expect(server.mails.map(({ to }) => to)).toEqual([['ada@example.com']])
    })

    it('has the event as text and as HTML, escaped, and no header that somebody else wrote', async () => {
      const server = await openMailServer()
      const desk = await openDesk(backend, { smtp: smtpOf(server.url) })
      const webhook = await desk.webhook(EMAIL)
      const [event] = await desk.happen(HOSTILE)
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'delivered', responseStatus: 250 }])
      const [mail] = server.mails as [Mail]
      expect(mail).toMatchObject({ from: 'alerts@example.com', to: EMAIL.recipients })
      const head = (mail.text.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ')
      expect(head).toMatch(/^Subject: Payment failed$/m)
      expect(head).toMatch(/^From: Acme <alerts@example\.com>$/m)
      expect(head).toContain(`Message-ID: <${event?.id}.${webhook.id}@example.com>`)
      expect(head).not.toMatch(/^Bcc/im)
      const plain = mail.text.replaceAll('=\r\n', '').replaceAll('=3D', '=')
      expect(plain).toContain('Amount: 19.99 EUR')
      expect(plain).toContain('&lt;b&gt;&quot;Ada&quot;&lt;/b&gt;')
      expect(plain.slice(plain.indexOf('<!doctype'))).not.toMatch(/<script|<b>/)
    })

    it('that was refused is tried again, with what the server said', async () => {
      const server = await openMailServer({
        onRcptTo: (_address, _session, callback) =>
          callback(Object.assign(new Error('greylisted'), { responseCode: 451 })),
      })
      const desk = await openDesk(backend, { smtp: smtpOf(server.url) })
      const webhook = await desk.webhook(EMAIL)
      await desk.happen({})
      await expect
        .poll(() => desk.deliveries(webhook))
        .toMatchObject([
          { status: 'waiting', attempts: 1, responseStatus: 451, response: expect.stringContaining('greylisted') },
        ])
    })

    it('that was handed over without an answer is unknown, and not sent again by itself', async () => {
      const server = await openMailServer({
        onData(stream, session) {
          stream.on('data', () => undefined)
          stream.on('end', () => server.cut(session.id))
        },
      }).then((made) => ({ ...made, cut: (_id: string) => undefined as unknown }))
      const sockets: { destroy(): void }[] = []
      server.cut = () => sockets.map((socket) => socket.destroy())
      const relay = await openRelay(server.url, sockets)
      const desk = await openDesk(backend, { smtp: smtpOf(relay) })
      const webhook = await desk.webhook(EMAIL)
      await desk.happen({})
      await expect.poll(() => desk.deliveries(webhook)).toMatchObject([{ status: 'unknown', attempts: 1 }])
    })

    it('does not go where the egress policy says no, and no password goes without TLS', async () => {
      const server = await openMailServer()
      const closed = await openDesk(backend, { smtp: smtpOf(server.url), egressAllow: [] })
      const webhook = await closed.webhook(EMAIL)
      await closed.happen({})
      await expect
        .poll(() => closed.deliveries(webhook))
        .toMatchObject([{ status: 'waiting', error: expect.stringMatching(/^egress_refused/) }])
      const named = server.url.replace('127.0.0.1', 'mail.internal')
      const missing = await openDesk(backend, { smtp: smtpOf(named.replace('//', '//ada:hush-hush@')) })
      const another = await missing.webhook(EMAIL)
      await missing.happen({})
      await expect
        .poll(() => missing.deliveries(another))
        .toMatchObject([{ status: 'waiting', attempts: 1, lease: null }])
      expect(JSON.stringify([await missing.deliveries(another), missing.log.told])).not.toContain('hush')
      expect(server.mails).toEqual([])
    })
  })

  describe('a process that was killed while it told somebody', () => {
    it('sends a webhook again under the same id, and a message to people never', async () => {
      const receiver = await openReceiver()
      const masterKeys = [Buffer.alloc(32, 5).toString('base64')]
      const desk = await openDesk(backend, { isIdle: true, masterKeys })
      const { stores, clock } = desk
      const webhook = await desk.webhook({ url: receiver.url })
      const chat = await desk.webhook({ kind: 'slack', secrets: new Secret({ url: receiver.url }) })
      const [event] = await desk.happen({})
      for (const one of [webhook, chat]) {
        expect(await stores.deliveries.claim(one, 9, clock.now(), clock.now() + 60_000)).toHaveLength(1)
      }
      await stores.close()
      const again = await openDesk(backend, { place: desk.place, masterKeys, now: clock.now() + 60_001 })
      await expect.poll(() => again.deliveries(webhook)).toMatchObject([{ status: 'delivered', attempts: 2 }])
      await expect.poll(() => again.deliveries(chat)).toMatchObject([{ status: 'unknown', error: 'outcome_unknown' }])
      expect(receiver.ids()).toEqual([event?.id])
    })
  })
})

/** A wire between, that can be cut. */
async function openRelay(url: string, sockets: { destroy(): void }[]): Promise<string> {
  const { connect, createServer } = await import('node:net')
  const relay = createServer((socket) => {
    const beyond = connect(Number(new URL(url).port), '127.0.0.1')
    sockets.push(socket, beyond)
    for (const one of [socket, beyond]) one.on('error', () => undefined)
    socket.pipe(beyond).pipe(socket)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void relay.close())
  return `smtp://127.0.0.1:${(relay.address() as AddressInfo).port}`
}
