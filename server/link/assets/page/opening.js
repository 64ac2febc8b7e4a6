/** Trades the token in the address for a session, or says why there is none. */
import { call, state } from './calls.js'
import { at, facts, here } from './facts.js'
import { tell } from './host.js'

export const ENDS = {
  expired_token: [
    'This link has expired',
    'For your safety it works for a limited time. Ask for a new one.',
    'expired',
  ],
  link_token_spent: [
    'This link has been used',
    'It connects one account only. Ask for a new link to connect another.',
    'used',
  ],
  blocked: [
    'Your browser keeps this page from working here',
    'It does not let a page inside another one remember anything.',
  ],
  refused: ['This did not work', 'Close this window and try again.'],
  unreachable: ['This page cannot be reached', 'Check your connection, then reload the page.'],
}
const INVALID = [
  'This link does not work',
  'It is not complete, or not valid. Open it again as you received it, or ask for a new one.',
  'invalid',
]

export function showEnd([title, text, error], url) {
  const end = at('not-open')
  at('opening').hidden = true
  end.hidden = false
  end.querySelector('h1').textContent = title
  end.querySelector('.lead').textContent = text
  end.querySelector('h1').focus()
  if (url !== undefined) {
    at('elsewhere').href = url
    at('elsewhere').hidden = false
  }
  if (error !== undefined) tell('failed', { error })
}

export async function openLink() {
  const secret = location.hash.slice(1)
  history.replaceState(null, '', here)
  if (secret === '') return showEnd(INVALID)
  try {
    const answer = await call(`${here}/session`, { token: `${facts.link}_${secret}` })
    if (!answer.isOk) return showEnd(ENDS[answer.body.code] ?? INVALID)
    if ((await state()) === 'none') return showEnd(ENDS.blocked, `${here}#${secret}`)
    location.replace(here)
  } catch {
    showEnd(ENDS.unreachable)
  }
}
