import type { StoredEvent } from '../stores/index.ts'
import type { Sender, SendMeans } from './contract.ts'
import { post } from './post.ts'
import { tell } from './texts.ts'

/** Posts events as messages to an incoming webhook of Slack, or of a chat that takes the same. */
export function createSlackSender(means: SendMeans): Sender {
  return ({ event, secrets, signal }) => {
    const url = secrets.reveal().url ?? ''
    const headers = [
      ['content-type', 'application/json'],
      ['user-agent', 'onefold'],
    ] as const
    return post(means, { url, headers, body: JSON.stringify(slackMessage(event)), signal, secrets: [url] })
  }
}

/** The message of an event: a text for notifications and a block for the channel, without links, mentions or previews. */
export function slackMessage(event: StoredEvent) {
  const { title, lines } = tell(event)
  const rows = lines.map(({ label, value }) => `*${label}:* ${escaped(value)}`)
  return {
    text: escaped(title),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: [`*${escaped(title)}*`, ...rows].join('\n'), verbatim: true } },
    ],
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Slack's three control characters as entities; what else would format a text is taken out of its meaning by a joiner. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (found) => ENTITIES[found] ?? found).replaceAll(/[*_~`]/g, '\u2060$&')
}
