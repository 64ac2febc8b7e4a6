import type { Stores } from '../stores/index.ts'
import type { Outcome, SendMeans } from './contract.ts'
import { escapedForHtml, type Mailer, page } from './email.ts'
import { chatMessage, escapedForChat, postToChat } from './slack.ts'
import { checkedRecipients } from './target.ts'
import { cleanWords } from './texts.ts'

/** Something to be said to people once, in words that were made elsewhere. */
export interface Saying {
  readonly environmentId: string
  /** The same id is the same message. */
  readonly id: string
  readonly kind: 'slack' | 'email'
  /** Name of a destination of the kind slack, or a mail address. */
  readonly to: string
  /** Of mails. */
  readonly subject?: string | undefined
  /** For Slack in its own markup, with the values of others escaped by `ESCAPES`. */
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** What values of others become within a text of each channel: no line, link, mention, markup or header of their own. */
export const ESCAPES = Object.freeze({
  slack: (value: string) => escapedForChat(cleanWords(value)),
  email: cleanWords,
  webhook: cleanWords,
  note: cleanWords,
})

const LONGEST_MS = 20_000

/** What saying works with. */
interface SayMeans extends SendMeans {
  readonly stores: Pick<Stores, 'webhooks'>
  readonly mail: Mailer
}

/** Says it, for at most 20 seconds. Never rejects for what a destination does. */
export async function say(means: SayMeans, saying: Saying, stop: AbortSignal): Promise<Outcome> {
  const over = new AbortController()
  const timer = new AbortController()
  means.clock.sleep(LONGEST_MS, timer.signal).then(
    () => over.abort(),
    () => undefined,
  )
  const signal = AbortSignal.any([stop, over.signal])
  const sent = saying.kind === 'slack' ? post(means, saying, signal) : mailed(means, saying, signal)
  return await sent.finally(() => timer.abort())
}

async function post(means: SayMeans, { environmentId, to, text }: Saying, signal: AbortSignal): Promise<Outcome> {
  const webhook = await means.stores.webhooks.named(environmentId, to)
  if (webhook === null || webhook.kind !== 'slack' || !webhook.isEnabled) {
    const error = `no_destination: there is no webhook ${to} of the kind slack that is switched on`
    return { result: 'failed', error }
  }
  const { url = '' } = (await means.stores.webhooks.secrets(environmentId, webhook.id)).reveal()
  const [title = ''] = text.split('\n')
  return postToChat(means, url, chatMessage(title, text), signal)
}

async function mailed({ mail }: SayMeans, saying: Saying, signal: AbortSignal): Promise<Outcome> {
  const { id, to, subject = '', text, at } = saying
  const html = page(`<p>${escapedForHtml(text).replaceAll('\n', '<br>\n')}</p>`)
  const written = { id, to: checkedRecipients([to]), subject: cleanWords(subject), text: `${text}\n`, html, at }
  return await mail({ ...written, headers: {} }, signal)
}
