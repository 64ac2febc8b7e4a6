import MailComposer from 'nodemailer/lib/mail-composer'
import type { SmtpSetting } from '../config.ts'
import type { StoredEvent, Webhook } from '../stores/index.ts'
import type { Sender, Shipment } from './contract.ts'
import { cutSecrets } from './post.ts'
import { deliverMail, type MailOutcome, type SmtpMeans } from './smtp.ts'
import { tell } from './texts.ts'

/** Mails events over the SMTP server of the settings; without one every mail fails and says so. */
export function createEmailSender(means: SmtpMeans, smtp: SmtpSetting | null): Sender {
  return async ({ webhook, event, signal }: Shipment) => {
    if (smtp === null)
      return { result: 'failed', error: 'not_configured: ONEFOLD_SMTP_URL and ONEFOLD_SMTP_FROM are not set' }
    const to = webhook.recipients ?? []
    const message = await new MailComposer(mailOf(event, webhook, smtp.from)).compile().build()
    const outcome = await deliverMail(means, smtp, { from: smtp.address, to, message, signal })
    return told(outcome, smtp)
  }
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

/** The mail of an event, as text and as HTML. The same event to the same destination has the same Message-ID. */
export function mailOf(event: StoredEvent, webhook: Pick<Webhook, 'id' | 'recipients'>, from: string) {
  const { title, lines } = tell(event)
  const text = [title, '', ...lines.map(({ label, value }) => `${label}: ${value}`), ''].join('\n')
  const rows = lines.map(
    ({ label, value }) => `<tr><th align="left">${escaped(label)}</th><td>${escaped(value)}</td></tr>`,
  )
  const domain = /@([A-Za-z0-9.-]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return {
    from,
    to: [...(webhook.recipients ?? [])],
    subject: title,
    text,
    html: `<!doctype html><meta charset="utf-8"><h1>${escaped(title)}</h1><table>${rows.join('')}</table>`,
    messageId: `<${event.id}.${webhook.id}@${domain}>`,
    date: new Date(event.createdAt),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Onefold-Event': event.type },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found)
