/** The window that opened or frames this page, and how it is told. */
import { at, facts } from './facts.js'

/** The window that opened or frames this page. */
const host = () => window.opener ?? (window.parent === window ? null : window.parent)

/** Tells the host, and only on the origin that the link names. */
export function tell(type, more = {}) {
  if (!facts.origin || host() === null) return false
  host().postMessage({ source: 'onefold-link', version: 1, link: facts.link, type, ...more }, facts.origin)
  return true
}

/** Where the browser goes at the end, with how it ended. */
export function redirectWith(parameters) {
  const url = new URL(facts.redirect)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

function closeWith(error) {
  if (tell('closed', { error })) return
  if (facts.redirect) location.assign(redirectWith({ error }))
  else window.close()
}

export function prepareClose() {
  const button = at('close')
  const canLeave = (facts.origin && host() !== null) || facts.redirect || window.opener !== null
  if (button === null || !canLeave || facts.screen === 'done') return
  button.hidden = false
  const why = facts.failure === 'authorization_denied' ? 'denied' : 'closed'
  button.addEventListener('click', () => closeWith(why))
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && window.parent !== window) closeWith(why)
  })
}
