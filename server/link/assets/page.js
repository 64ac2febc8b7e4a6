/**
 * The script of Link's pages. It trades the token in the address for a session, holds forms against their rules, and tells
 * the window that opened the page how it ended. It never makes markup: all it writes is text.
 */
const facts = document.body.dataset
const here = `/link/${facts.link}`

/** An element that is on this screen. */
const at = (id) => document.getElementById(id)

// --- Telling the opener ------------------------------------------------------------------------------------------------

/** The window that opened or frames this page. */
const host = () => window.opener ?? (window.parent === window ? null : window.parent)

/** Tells the host, and only on the origin that the link names. */
function tell(type, more = {}) {
  if (!facts.origin || host() === null) return false
  host().postMessage({ source: 'onefold-link', version: 1, link: facts.link, type, ...more }, facts.origin)
  return true
}

/** Where the browser goes at the end, with how it ended. */
function redirectWith(parameters) {
  const url = new URL(facts.redirect)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

function closeWith(error) {
  if (tell('closed', { error })) return
  if (facts.redirect) location.assign(redirectWith({ error }))
  else window.close()
}

function prepareClose() {
  const button = at('close')
  const canLeave = (facts.origin && host() !== null) || facts.redirect || window.opener !== null
  if (button === null || !canLeave || facts.screen === 'done') return
  button.hidden = false
  button.addEventListener('click', () => closeWith('closed'))
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && window.parent !== window) closeWith('closed')
  })
}

// --- Calls -------------------------------------------------------------------------------------------------------------

async function call(path, body) {
  const headers = { 'content-type': 'application/json', 'x-onefold-link': facts.proof ?? '' }
  const response = await fetch(path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    credentials: 'same-origin',
  })
  const text = await response.text()
  return { isOk: response.ok, status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

async function state() {
  const response = await fetch(`${here}/session`, { credentials: 'same-origin' })
  return response.ok ? (await response.json()).status : 'none'
}

// --- Opening -----------------------------------------------------------------------------------------------------------

const ENDS = {
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
  unreachable: ['This page cannot be reached', 'Check your connection, then reload the page.'],
}
const INVALID = [
  'This link does not work',
  'It is not complete, or not valid. Open it again as you received it, or ask for a new one.',
  'invalid',
]

function showEnd([title, text, error], url) {
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

async function open() {
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

// --- Choosing ----------------------------------------------------------------------------------------------------------

const FEW = 6

function choose() {
  const search = at('search')
  const rows = [...at('choices').children]
  search.closest('.search').hidden = rows.length <= FEW
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word))
    const found = rows.filter((row) => !row.hidden).length
    at('none').hidden = found > 0
    at('count').textContent = found === 1 ? '1 fits' : `${found} fit`
  })
  search.addEventListener('keydown', (event) => {
    const first = rows.find((row) => !row.hidden)
    if (event.key === 'Enter' && search.value !== '' && first) first.querySelector('a').click()
  })
}

// --- The form ----------------------------------------------------------------------------------------------------------

const small = (text) => (/^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text)

const fields = () => [...document.querySelectorAll('.field')].filter((field) => !field.hidden)
const inputOf = (field) => field.querySelector('input, select')

/** What is wrong with a field, or an empty text. */
function complaint(field) {
  const { label, pattern, example } = field.dataset
  const input = inputOf(field)
  const value = input.value.trim()
  if (value === '') return input.required ? `Enter the ${small(label)}.` : ''
  if (pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value)) return ''
  return `This does not look like the ${small(label)}.${example ? ` It looks like ${example}` : ''}`
}

function mark(field, text) {
  const input = inputOf(field)
  const error = field.querySelector('.error')
  error.textContent = text
  error.hidden = text === ''
  field.classList.toggle('wrong', text !== '')
  if (text === '') input.removeAttribute('aria-invalid')
  else input.setAttribute('aria-invalid', 'true')
}

/** Shows the fields that fit what other fields say. */
function arrange() {
  for (const field of document.querySelectorAll('.field[data-when]')) {
    const other = document.querySelector(`.field[data-field="${CSS.escape(field.dataset.when)}"]`)
    field.hidden = other === null || other.hidden || inputOf(other).value !== field.dataset.equals
  }
}

function showFailure({ title, text, said }) {
  const box = at('failure')
  box.querySelector('h2').textContent = title
  box.querySelector('.alert-text').textContent = text
  let quote = box.querySelector('.said')
  if (quote === null) {
    quote = document.createElement('p')
    quote.className = 'said'
    box.querySelector('.alert-text').after(quote)
  }
  quote.textContent = said ? `${facts.label} said: “${said}”` : ''
  quote.hidden = !said
  box.hidden = false
}

function setBusy(isBusy, text = '') {
  const button = at('submit')
  at('form').setAttribute('aria-busy', String(isBusy))
  button.classList.toggle('busy', isBusy)
  button.setAttribute('aria-disabled', String(isBusy))
  button.dataset.text ??= at('submit-text').textContent
  at('submit-text').textContent = isBusy ? text : button.dataset.text
  at('progress').textContent = text
}

function refuse(answer) {
  setBusy(false)
  const shown = answer.body.shown ?? { title: 'This did not work', text: 'Reload the page and try again.', fields: {} }
  const wrong = fields().filter((field) => shown.fields[field.dataset.field])
  for (const field of fields()) mark(field, shown.fields[field.dataset.field] ?? '')
  // What the provider refused is typed anew; everything else stays as it was.
  if (wrong.length === 0) for (const input of document.querySelectorAll('input[data-secret]')) input.value = ''
  showFailure(shown)
  if (wrong.length > 0) inputOf(wrong[0]).focus()
  else at('failure').focus()
}

async function submit() {
  at('failure').hidden = true
  const wrong = fields().filter((field) => {
    const text = complaint(field)
    mark(field, text)
    return text !== ''
  })
  if (wrong.length > 0) return inputOf(wrong[0]).focus()
  const values = fields().map((field) => [inputOf(field).name, inputOf(field).value])
  setBusy(true, `Checking with ${facts.label}…`)
  const form = { integration: facts.integration, method: facts.method, fields: Object.fromEntries(values) }
  try {
    const answer = await call(`${here}/connect`, form)
    if (answer.isOk) location.replace(here)
    else if (answer.status === 401) location.reload()
    else refuse(answer)
  } catch {
    refuse({
      body: { shown: { title: ENDS.unreachable[0], text: 'Check your connection, then try again.', fields: {} } },
    })
  }
}

function form() {
  arrange()
  for (const field of document.querySelectorAll('.field')) {
    const input = inputOf(field)
    input.addEventListener('input', () => {
      arrange()
      if (field.classList.contains('wrong') && complaint(field) === '') mark(field, '')
    })
    input.addEventListener('change', () => {
      if (input.value.trim() !== '') mark(field, complaint(field))
    })
  }
  for (const button of document.querySelectorAll('.reveal')) {
    button.addEventListener('click', () => {
      const input = at(button.getAttribute('aria-controls'))
      const isShown = input.type === 'text'
      input.type = isShown ? 'password' : 'text'
      button.textContent = isShown ? 'Show' : 'Hide'
      button.setAttribute('aria-label', `${button.textContent} ${input.labels[0].textContent}`)
    })
  }
  at('form').addEventListener('submit', (event) => {
    event.preventDefault()
    if (at('form').getAttribute('aria-busy') !== 'true') void submit()
  })
  fields()
    .find((field) => inputOf(field).value === '')
    ?.querySelector('input, select')
    .focus()
}

// --- The end -----------------------------------------------------------------------------------------------------------

const LEAVE_MS = 1_500

function done() {
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

const SCREENS = { open, choose, form, done }

prepareClose()
SCREENS[facts.screen]?.()
if (facts.link && facts.screen !== 'open') tell('ready')
