import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { onTestFinished } from 'vitest'

/** A mail as a real SMTP server took it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly id: string
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly mails: Mail[]
  /** Called with each mail before it is taken. */
  before: (mail: Mail) => void
}

/** A real SMTP server on this machine. */
export async function openMailServer(): Promise<MailServer> {
  const held: MailServer = { url: '', mails: [], before: () => undefined }
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const head = (text.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ')
        const headerOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? ''
        const to = session.envelope.rcptTo.map(({ address }) => address).join()
        const mail = { to, subject: headerOf('subject'), id: headerOf('message-id'), text }
        held.before(mail)
        held.mails.push(mail)
        callback()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return Object.assign(held, { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` })
}
