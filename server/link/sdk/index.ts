/** Opens Onefold's Link from a web page: as a popup, inside a dialog of the page, or by going there. */

/** How Link is shown. `popup` works for every provider and is the default. */
export type ConnectMode = 'popup' | 'iframe' | 'redirect'

/** What `connect` is given: the `url` that POST /link-token answered, or its `link_token`. */
export interface ConnectOptions {
  readonly url?: string
  readonly linkToken?: string
  /** Address of the Onefold server, needed beside `linkToken` unless this script was loaded from it. */
  readonly baseUrl?: string
  readonly mode?: ConnectMode
  /** Ends the attempt from outside; the promise is rejected with `canceled`. */
  readonly signal?: AbortSignal
}

/** A connected account. Your back end should ask for it before it relies on it. */
export interface Connected {
  readonly integrated_account_id: string
  readonly integration: string
}

/**
 * Why nothing was connected: `closed` by the person, `denied` at the provider, the link `expired`, was `used` or is
 * `invalid`, the browser `blocked` the popup, the page is `unreachable`, or `canceled` by the signal.
 */
export type OnefoldErrorCode =
  | 'closed'
  | 'denied'
  | 'expired'
  | 'used'
  | 'invalid'
  | 'blocked'
  | 'unreachable'
  | 'canceled'

const MESSAGES: Readonly<Record<OnefoldErrorCode, string>> = {
  closed: 'The person closed Link before an account was connected',
  denied: 'The person did not allow access at the provider',
  expired: 'The link has expired; make a new link token',
  used: 'The link has connected an account already; make a new link token',
  invalid: 'The link is not valid',
  blocked: 'The browser blocked the popup; call connect() from a click',
  unreachable: 'The page did not load; is its origin given in the link token and listed by the environment?',
  canceled: 'The attempt was canceled',
}

/** The one way in which `connect` fails. */
export class OnefoldError extends Error {
  readonly code: OnefoldErrorCode

  constructor(code: OnefoldErrorCode) {
    super(MESSAGES[code])
    this.name = 'OnefoldError'
    this.code = code
  }
}

const CLOSED_CHECK_MS = 250
const READY_MS = 20_000
const POPUP = { width: 480, height: 720 }
/** Where this script was loaded from, when a page loaded it as `/link.js`. */
const scriptUrl =
  typeof document === 'undefined' ? undefined : (document.currentScript as HTMLScriptElement | null)?.src

/**
 * Opens Link and resolves with the connected account. Call it from a click, or the browser blocks the popup. Rejects with
 * an OnefoldError. With mode `redirect` the page is left, and `result()` on the redirect URI has the outcome.
 */
export function connect(options: ConnectOptions): Promise<Connected> {
  const url = addressOf(options)
  if (url === null) return Promise.reject(new OnefoldError('invalid'))
  if (options.signal?.aborted === true) return Promise.reject(new OnefoldError('canceled'))
  const { mode = 'popup', signal } = options
  if (mode === 'redirect') {
    location.assign(url.href)
    return new Promise(() => undefined)
  }
  const view = mode === 'iframe' ? openDialog(url) : openPopup(url)
  return view === null ? Promise.reject(new OnefoldError('blocked')) : outcomeOf(view, url, signal)
}

/**
 * On the page of a redirect URI: the account that was connected, or null where the address tells of none. Throws an
 * OnefoldError when the address tells of a failure.
 */
export function result(address: string = location.href): Connected | null {
  const parameters = new URL(address).searchParams
  const error = parameters.get('error')
  if (error !== null) throw new OnefoldError(isCode(error) ? error : 'closed')
  const id = parameters.get('integrated_account_id')
  return id === null ? null : { integrated_account_id: id, integration: parameters.get('integration') ?? '' }
}

/** A window or frame in which Link is shown. */
interface View {
  /** The window that messages must come from. */
  readonly source: () => Window | null
  readonly isClosed: () => boolean
  readonly close: () => void
  /** Calls back when the person closes it on this side; null where nothing tells. */
  readonly onClose: ((tell: () => void) => void) | null
  /** Whether a page that does not answer is told as unreachable. */
  readonly mustBeReady: boolean
}

interface Message {
  readonly source: 'onefold-link'
  readonly link: string
  readonly type: 'ready' | 'connected' | 'closed' | 'failed'
  readonly error?: string
  readonly integrated_account_id?: string
  readonly integration?: string
}

function addressOf({ url, linkToken, baseUrl = scriptUrl }: ConnectOptions): URL | null {
  if (url !== undefined) return URL.canParse(url) ? new URL(url) : null
  const [, id, secret] = /^(lnk_[0-9a-f]{32})_([\w-]+)$/.exec(linkToken ?? '') ?? []
  if (id === undefined || baseUrl === undefined || !URL.canParse(baseUrl)) return null
  const base = new URL(baseUrl).href.replace(/\/(link\.js([?#].*)?)?$/, '')
  return new URL(`${base}/link/${id}#${secret}`)
}

/** Waits for the page's own word. Only messages of this window, of its origin and about this link count. */
function outcomeOf(view: View, url: URL, signal: AbortSignal | undefined): Promise<Connected> {
  const link = url.pathname.split('/').at(-1)
  return new Promise((resolve, reject) => {
    let isReady = false
    const fail = (code: OnefoldErrorCode): void => end(() => reject(new OnefoldError(code)))
    const listen = (event: MessageEvent): void => {
      const message = event.data as Message | null
      if (event.origin !== url.origin || event.source !== view.source() || event.source === null) return
      if (message?.source !== 'onefold-link' || message.link !== link) return
      isReady = true
      if (message.type === 'connected') end(() => resolve(connectedOf(message)))
      else if (message.type !== 'ready') fail(isCode(message.error) ? message.error : 'closed')
    }
    const cancel = (): void => fail('canceled')
    const closed = setInterval(() => {
      // A message that was sent before the window closed arrives first.
      if (view.isClosed()) setTimeout(() => fail('closed'), CLOSED_CHECK_MS)
    }, CLOSED_CHECK_MS)
    const late = setTimeout(() => {
      if (view.mustBeReady && !isReady) fail('unreachable')
    }, READY_MS)
    const end = (settle: () => void): void => {
      clearInterval(closed)
      clearTimeout(late)
      window.removeEventListener('message', listen)
      signal?.removeEventListener('abort', cancel)
      view.close()
      settle()
    }
    window.addEventListener('message', listen)
    signal?.addEventListener('abort', cancel)
    view.onClose?.(() => fail('closed'))
  })
}

const connectedOf = ({ integrated_account_id: id = '', integration = '' }: Message): Connected => ({
  integrated_account_id: id,
  integration,
})

const isCode = (text: string | undefined): text is OnefoldErrorCode =>
  text !== undefined && Object.hasOwn(MESSAGES, text)

function openPopup(url: URL): View | null {
  const left = Math.round(window.screenX + (window.outerWidth - POPUP.width) / 2)
  const top = Math.round(window.screenY + (window.outerHeight - POPUP.height) / 2)
  const place = `popup,width=${POPUP.width},height=${POPUP.height},left=${left},top=${top}`
  const opened = window.open(url.href, '_blank', place)
  if (opened === null) return null
  return {
    source: () => opened,
    isClosed: () => opened.closed,
    close: () => opened.close(),
    onClose: null,
    mustBeReady: false,
  }
}

/** A modal dialog of this page with Link in a frame; Escape closes it and the focus goes back to where it was. */
function openDialog(url: URL): View {
  const dialog = document.createElement('dialog')
  const frame = document.createElement('iframe')
  dialog.setAttribute('aria-label', 'Connect an account')
  frame.title = 'Connect an account'
  frame.referrerPolicy = 'no-referrer'
  frame.src = url.href
  Object.assign(dialog.style, {
    ...{ width: 'min(480px, 100vw)', height: 'min(720px, 100dvh)', maxWidth: '100vw', maxHeight: '100dvh' },
    ...{ padding: '0', border: '0', borderRadius: '18px', overflow: 'hidden', background: 'transparent' },
    boxShadow: '0 20px 70px rgb(0 0 0 / 35%)',
  })
  Object.assign(frame.style, { display: 'block', width: '100%', height: '100%', border: '0', colorScheme: 'normal' })
  dialog.append(frame)
  document.body.append(dialog)
  dialog.showModal()
  frame.focus()
  return {
    source: () => frame.contentWindow,
    isClosed: () => !dialog.isConnected,
    close: () => {
      dialog.close()
      dialog.remove()
    },
    onClose: (tell) => dialog.addEventListener('cancel', tell),
    mustBeReady: true,
  }
}
