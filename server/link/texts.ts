import type { EngineError, Integration } from '../../engine/index.ts'

/** A failure as a person reads it: what happened, and the way forward. */
export interface FailureText {
  readonly title: string
  readonly text: string
  /** What the provider said, word for word. */
  readonly said: string | null
}

type Words = (label: string) => readonly [title: string, text: string]

const AGAIN = 'Nothing was connected. You can try again now.'
const LATER = 'Nothing was connected, and what you entered may well be right. Try again in a moment.'

const WORDS: Readonly<Record<string, Words>> = {
  invalid_credentials: (label) => [
    `${label} did not accept this`,
    'Check that you copied the whole value, that it has not been revoked, and that it is of the right account.',
  ],
  another_account: (label) => [
    `This is another ${label} account`,
    'It is not the account that was connected before. Use that account, or ask for a new link to connect another one.',
  ],
  post_install_failed: (label) => [
    `${label} accepted this, but setting it up failed`,
    'What you entered is right. Try again in a moment; if it stays so, tell whoever sent you the link.',
  ],
  missing_scope: (label) => [
    `${label} accepted this, but it may do too little`,
    'It lacks a permission that is needed to read the account. Add the permission, or use one that has it.',
  ],
  invalid_body: () => ['Something is missing or does not look right', 'Look at the fields that are marked.'],
  rate_limited: (label) => [
    `${label} asks to wait`,
    'It takes no more requests for this account now. Try again in a minute.',
  ],
  provider_unavailable: (label) => [`${label} cannot be reached`, LATER],
  provider_error: (label) => [`${label} has a problem`, LATER],
  timeout: (label) => [`${label} did not answer in time`, LATER],
  connection_failed: (label) => [`${label} cannot be reached`, LATER],
  authorization_denied: (label) => [`You did not allow access at ${label}`, AGAIN],
  authorization_failed: (label) => [`${label} did not complete the sign-in`, AGAIN],
  oauth_state_refused: () => [
    'This sign-in is over',
    'It was begun in another browser, took too long or was used. Start again.',
  ],
  oauth_app_missing: (label) => [
    `${label} cannot be connected here yet`,
    'It is not set up for this application. Tell whoever sent you the link.',
  ],
  oauth_app_refused: (label) => [
    `${label} does not know this application`,
    'It is not set up correctly. Tell whoever sent you the link.',
  ],
  conflict: () => [
    'This is being connected in another window',
    'Finish there, or wait until it has ended and try again.',
  ],
  unknown_account: () => ['This account is gone', 'It was disconnected in the meantime. Ask for a new link.'],
  account_not_active: () => [
    'This account is switched off',
    'It cannot be connected again now. Ask whoever sent you the link.',
  ],
  link_token_spent: () => [
    'This link has been used',
    'It connects one account only. Ask for a new link to connect another.',
  ],
  expired_token: () => ['This link has expired', 'For your safety it works for a limited time. Ask for a new one.'],
  unauthorized: () => [
    'This link does not work',
    'It is not complete, or not valid. Open it again as you received it, or ask for a new one.',
  ],
  forbidden: () => ['This page was open for too long', 'Reload it to go on.'],
}

const UNFORESEEN: Words = () => [
  'This did not work',
  'Something went wrong on our side and nothing was connected. Try again in a moment.',
]

/** The text of a failure by its code. */
export function failureText(code: string, label: string, said: string | null): FailureText {
  const [title, text] = (WORDS[code] ?? UNFORESEEN)(label)
  return { title, text, said }
}

/** What the provider said about a failure, cut to a length that fits a page; null when it said nothing. */
export function saidBy({ details }: EngineError): string | null {
  const message = details.provider?.message
  if (message === undefined || message.trim() === '') return null
  return message.length <= 300 ? message : `${message.slice(0, 299)}…`
}

/** What is wrong with each field, by its name, from the faults of a form. */
export function fieldTexts({ details }: EngineError, integration: Integration, method: string): Record<string, string> {
  const fields = { ...integration.settings, ...integration.auth.methods.get(method)?.fields }
  const texts: Record<string, string> = {}
  for (const { code, pointer } of details.faults ?? []) {
    const name = pointer.split('/').at(-1) ?? ''
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field !== undefined) texts[name] = fieldText(code, field)
  }
  return texts
}

function fieldText(code: string, { label, example }: { readonly label: string; readonly example?: string }): string {
  if (code === 'missing') return `Enter the ${lowerFirst(label)}.`
  if (code === 'option') return 'Choose one of the options.'
  const like = example === undefined ? '' : ` It looks like ${example}`
  return `This does not look like the ${lowerFirst(label)}.${like}`
}

/** Only words that are written small inside a sentence; `API key` stays. */
const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
