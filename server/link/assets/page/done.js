/** The last screen. */
import { at, facts } from './facts.js'
import { redirectWith, tell } from './host.js'

const LEAVE_MS = 1_500

export function done() {
  const result = { integrated_account_id: facts.account, integration: facts.integration }
  const leave = at('leave')
  at('heading').focus()
  if (tell('connected', result)) {
    at('farewell').hidden = true
  } else if (facts.redirect) {
    leave.href = redirectWith({ ...result, status: 'connected' })
    at('farewell').textContent = 'You are taken back now.'
    setTimeout(() => location.replace(leave.href), LEAVE_MS)
  }
  if (leave.tagName === 'BUTTON' && window.opener !== null) {
    leave.hidden = false
    leave.addEventListener('click', () => window.close())
  }
}
