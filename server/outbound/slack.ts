import type { StoredEvent } from '../stores/index.ts'
import type { Outcome, Sender, SendMeans } from './contract.ts'
import { post } from './post.ts'
import { tell } from './texts.ts'

/** Posts a message to an incoming webhook of Slack, or of a chat that takes the same. */
export function postToChat(means: SendMeans, url: string, message: ChatMessage, signal: AbortSignal): Promise<Outcome> {
  const headers = [
    ['content-type', 'application/json'],
    ['user-agent', 'onefold'],
  ] as const
  return post(means, { url, headers, body: JSON.stringify(message), signal, secrets: [url] })
}

/** Posts events as messages to a chat. */
export function createSlackSender(means: SendMeans): Sender {
  return ({ event, secrets, signal }) => postToChat(means, secrets.reveal().url ?? '', slackMessage(event), signal)
}

type ChatMessage = ReturnType<typeof chatMessage>

/** Longest text of a section that chats take. */
const LONGEST_SECTION = 2_900

/** A text for notifications and sections for the channel, without previews. */
export function chatMessage(title: string, block: string) {
  return {
    text: title,
    unfurl_links: false,
    unfurl_media: false,
    blocks: sectionsOf(block).map((text) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })),
  }
}

const sectionsOf = (text: string): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(text.length / LONGEST_SECTION)) }, (_, at) =>
    text.slice(at * LONGEST_SECTION, (at + 1) * LONGEST_SECTION),
  )

/** The message of an event, without links, mentions or previews. */
function slackMessage(event: StoredEvent): ChatMessage {
  const { title, lines } = tell(event)
  const rows = lines.map(({ label, value }) => `*${label}:* ${escapedForChat(value)}`)
  return chatMessage(escapedForChat(title), [`*${escapedForChat(title)}*`, ...rows].join('\n'))
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Slack's three control characters as entities; what else would format a text is taken out of its meaning by a joiner. */
export function escapedForChat(text: string): string {
  return text.replaceAll(/[&<>]/g, (found) => ENTITIES[found] ?? found).replaceAll(/[*_~`]/g, '\u2060$&')
}
