/**
 * The script of Link's pages. It trades the token in the address for a session, holds forms against their rules, and tells
 * the window that opened the page how it ended. It never makes markup: all it writes is text.
 */
import { choose } from './page/choose.js'
import { departing, returned } from './page/departing.js'
import { done } from './page/done.js'
import { facts } from './page/facts.js'
import { form } from './page/form.js'
import { prepareClose, tell } from './page/host.js'
import { openLink } from './page/opening.js'

const SCREENS = { open: openLink, choose, form, done, departing, returned }

window.addEventListener('pageshow', (event) => {
  // The way back from a provider may lead to this page as it was left.
  if (event.persisted) location.reload()
})
prepareClose()
SCREENS[facts.screen]?.()
if (facts.link && facts.screen !== 'open') tell('ready')
