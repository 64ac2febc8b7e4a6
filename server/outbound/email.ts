import MailComposer from 'nodemailer/lib/mail-composer'
import type { SmtpSetting } from '../config.ts'
import type { StoredEvent, Webhook } from '../stores/index.ts'
import type { Outcome, Sender, Shipment } from './contract.ts'
import { cutSecrets } from './post.ts'
import { deliverMail, type MailOutcome, type SmtpMeans } from './smtp.ts'
import { tell } from './texts.ts'

/** A mail to be written. The same id has the same Message-ID. */
export interface WrittenMail {
  readonly id: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
}

/** Hands a mail over. Never rejects for what a server does. */
export type Mailer = (mail: WrittenMail, signal: AbortSignal) => Promise<Outcome>

/** Mails over the SMTP server of the settings; without one every mail fails and says so. */
export function createMailer(means: SmtpMeans, smtp: SmtpSetting | null): Mailer {
  return async (mail, signal) => {
    if (smtp === null)
      return { result: 'failed', error: 'not_configured: ONEFOLD_SMTP_URL and ONEFOLD_SMTP_FROM are not set' }
    const message = await new MailComposer(composed(mail, smtp.from)).compile().build()
    const outcome = await deliverMail(means, smtp, { from: smtp.address, to: mail.to, message, signal })
    return told(outcome, smtp)
  }
}

/** Mails events. */
export function createEmailSender(mail: Mailer): Sender {
  return ({ webhook, event, signal }: Shipment) => mail(mailOf(event, webhook), signal)
}

function told({ result, code, response, error }: MailOutcome, { url }: SmtpSetting) {
  const { password } = new URL(url.reveal())
  const secrets = password === '' ? [] : [password, decodeURIComponent(password)]
  return {
    result,
    responseStatus: code,
    response: response === undefined ? undefined : cutSecrets(response, secrets),
    error: error === undefined ? undefined : cutSecrets(error, secrets),
  }
}

function composed({ id, to, subject, text, html, at, headers }: WrittenMail, from: string) {
  const domain = /@([A-Za-z0-9.-]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return {
    from,
    to: [...to],
    subject,
    text,
    html,
    messageId: `<${id}@${domain}>`,
    date: new Date(at),
    headers: { 'Auto-Submitted': 'auto-generated', ...headers },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  }
}

/** The mail of an event, as text and as HTML. */
function mailOf(event: StoredEvent, webhook: Pick<Webhook, 'id' | 'recipients'>): WrittenMail {
  const { title, lines } = tell(event)
  const text = [title, '', ...lines.map(({ label, value }) => `${label}: ${value}`), ''].join('\n')
  const rows = lines.map(
    ({ label, value }) => `<tr><th align="left">${escapedForHtml(label)}</th><td>${escapedForHtml(value)}</td></tr>`,
  )
  return {
    id: `${event.id}.${webhook.id}`,
    to: webhook.recipients ?? [],
    subject: title,
    text,
    html: page(`<h1>${escapedForHtml(title)}</h1><table>${rows.join('')}</table>`),
    at: event.createdAt,
    headers: { 'X-Onefold-Event': event.type },
  }
}

/** A page of HTML around a body. */
export const page = (body: string): string => `<!doctype html><meta charset="utf-8">${body}`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as HTML that is no more than text. */
export const escapedForHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found)
