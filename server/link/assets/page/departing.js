/** The way to a provider and back. */
import { call, state } from './calls.js'
import { at, facts, here } from './facts.js'
import { failure, refuse, setBusy, showFailure, UNREACHED } from './fields.js'
import { ENDS, showEnd } from './opening.js'

const LEFT = failure('The window was closed', 'Nothing was connected. You can try again now.')
const BLOCKED = { title: 'Your browser blocked a window', text: 'Allow this page to open windows, then try again.' }
const ALONE = ['There is nothing to do here', 'Close this window, and go on where you came from.']
const POLL_MS = 1_000

/** Goes to the provider: from a frame in a window of its own, because providers let nobody frame them. */
export async function authorize(body) {
  const isFramed = window.parent !== window
  const popup = isFramed ? window.open('/oauth/start', '_blank', 'popup,width=520,height=720') : null
  if (isFramed && popup === null) return showFailure(BLOCKED)
  setBusy(true, isFramed ? `Go on in the window of ${facts.label}…` : `Going to ${facts.label}…`)
  const ready = popup === null ? null : untilReady(popup)
  try {
    const answer = await call(`${here}/connect`, { ...body, window: popup === null ? 'page' : 'popup' })
    if (!answer.isOk) {
      popup?.close()
      return answer.status === 401 ? location.reload() : refuse(answer)
    }
    if (popup === null) return await depart(answer.body.ticket, (url) => location.assign(url))
    await ready
    popup.postMessage({ source: 'onefold-ticket', ticket: answer.body.ticket }, location.origin)
    await untilReturned(popup)
  } catch {
    popup?.close()
    refuse(UNREACHED)
  }
}

/** Trades the ticket for the address at the provider, in the window that goes there. */
async function depart(ticket, go) {
  const answer = await call('/oauth/start', { ticket })
  if (answer.isOk) go(answer.body.url)
  else refuse(answer)
}

function untilReady(popup) {
  return new Promise((resolve) => {
    window.addEventListener('message', (event) => {
      if (event.source === popup && event.origin === location.origin && event.data?.source === 'onefold-window')
        resolve()
    })
  })
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks how it went until it is known; a window that was closed is waited for once more. */
async function untilReturned(popup) {
  for (let isClosed = false; ; ) {
    await wait(POLL_MS)
    const status = await state().catch(() => 'open')
    if (status === 'connected') return location.replace(here)
    if (status !== 'open') return location.replace(`${here}?integration=${encodeURIComponent(facts.integration)}`)
    if (isClosed) return refuse(LEFT)
    isClosed = popup.closed
  }
}

/** The window from a frame: it takes its ticket from our own page only. */
export function departing() {
  const opener = window.opener
  if (opener === null) return showEnd(ALONE)
  window.addEventListener('message', async (event) => {
    if (event.source !== opener || event.origin !== location.origin || event.data?.source !== 'onefold-ticket') return
    const answer = await call('/oauth/start', { ticket: event.data.ticket })
    if (answer.isOk) location.replace(answer.body.url)
    else showEnd(answer.body.shown ? [answer.body.shown.title, answer.body.shown.text] : ENDS.refused)
  })
  opener.postMessage({ source: 'onefold-window' }, location.origin)
}

export function returned() {
  at('heading').focus()
  window.close()
}
