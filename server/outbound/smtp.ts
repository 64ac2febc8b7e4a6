import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { EngineError } from '../../engine/index.ts'
import { isLoopbackHost, type SmtpSetting } from '../config.ts'
import { connectChecked, type EgressPolicy } from '../transport/index.ts'
import { TIMEOUT_MS } from './post.ts'

/** What mail is sent with. */
export interface SmtpMeans {
  readonly egress: EgressPolicy
}

/** A mail, built whole. */
interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly message: Buffer
  readonly signal: AbortSignal
}

/** What became of a mail. `unknown`: it was handed over and no answer came. */
export interface MailOutcome {
  readonly result: 'delivered' | 'failed' | 'unknown'
  /** The server's reply code. */
  readonly code?: number | undefined
  readonly response?: string | undefined
  readonly error?: string | undefined
}

interface SmtpFailure extends Error {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
}

/** Hands a mail to an SMTP server on a connection of its own, under the egress policy; credentials go over TLS only. */
export async function deliverMail({ egress }: SmtpMeans, smtp: SmtpSetting, mail: Mail): Promise<MailOutcome> {
  const { hostname, port, username, password, protocol } = new URL(smtp.url.reveal())
  const secure = protocol === 'smtps:'
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  let isHandedOver = false
  const message = lazily(mail.message, () => {
    isHandedOver = true
  })
  let connection: SMTPConnection | undefined
  const leave = (): void => connection?.close()
  try {
    const target = { host, port: Number(port) || (secure ? 465 : 587), timeoutMs: TIMEOUT_MS, signal: mail.signal }
    const socket = await connectChecked(egress, target)
    const user = decodeURIComponent(username)
    const needsTls = user !== '' && !isLoopbackHost(host)
    const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS }
    connection = new SMTPConnection({ connection: socket, host, secure, requireTLS: !secure && needsTls, ...timeouts })
    mail.signal.addEventListener('abort', leave, { once: true })
    const info = await converse(
      connection,
      user === '' ? null : { user, pass: decodeURIComponent(password) },
      mail,
      message,
    )
    return { result: 'delivered', ...info }
  } catch (thrown) {
    return failureOf(thrown, isHandedOver)
  } finally {
    mail.signal.removeEventListener('abort', leave)
    leave()
  }
}

function failureOf(thrown: unknown, isHandedOver: boolean): MailOutcome {
  if (thrown instanceof EngineError) return { result: 'failed', error: `${thrown.code}: ${thrown.message}` }
  const { code = 'failed', message, responseCode, response } = thrown as SmtpFailure
  const isRefused = responseCode !== undefined
  return {
    result: isHandedOver && !isRefused ? 'unknown' : 'failed',
    code: responseCode,
    response,
    error: `smtp_${code.toLowerCase()}: ${message}`,
  }
}

/** A stream that tells when the server is ready for the message and its bytes begin to go out. */
function lazily(message: Buffer, begun: () => void): Readable {
  return new Readable({
    highWaterMark: 0,
    read() {
      begun()
      this.push(message)
      this.push(null)
    },
  })
}

/** Who of several recipients was refused: the others have the mail, so it is not sent again. */
function refusedOf(info: SMTPConnection.SentMessageInfo | undefined, { to }: Mail): Pick<MailOutcome, 'error'> {
  const refused = info?.rejected ?? []
  if (refused.length === 0) return {}
  const why = info?.rejectedErrors?.[0]?.response ?? ''
  return {
    error: `smtp_recipients: ${refused.length} of ${to.length} were refused: ${refused.join(', ')} ${why}`.trim(),
  }
}

/** Greets, logs in, and sends; rejects as the library fails. */
function converse(
  connection: SMTPConnection,
  credentials: { readonly user: string; readonly pass: string } | null,
  mail: Mail,
  message: Readable,
): Promise<Pick<MailOutcome, 'code' | 'response' | 'error'>> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject)
    connection.once('end', () => reject(new Error('The connection ended')))
    const send = (): void => {
      const envelope = { from: mail.from, to: [...mail.to], size: mail.message.length }
      connection.send(envelope, message, (error, info) => {
        if (error) reject(error)
        else resolve({ code: Number(info?.response.slice(0, 3)), response: info?.response, ...refusedOf(info, mail) })
      })
    }
    connection.connect((failed) => {
      if (failed) return reject(failed)
      if (credentials === null) return send()
      connection.login({ credentials }, (error) => (error ? reject(error) : send()))
    })
  })
}
