/** The form of a way to connect, held against its rules before it is sent. */
import { call } from './calls.js'
import { authorize } from './departing.js'
import { at, facts, here } from './facts.js'
import { arrange, complaint, fields, inputOf, mark, refuse, setBusy, UNREACHED } from './fields.js'

async function submit() {
  at('failure').hidden = true
  const wrong = fields().filter((field) => {
    const text = complaint(field)
    mark(field, text)
    return text !== ''
  })
  if (wrong.length > 0) return inputOf(wrong[0]).focus()
  const values = fields().map((field) => [inputOf(field).name, inputOf(field).value])
  const body = { integration: facts.integration, method: facts.method, fields: Object.fromEntries(values) }
  if (facts.way === 'oauth') return authorize(body)
  setBusy(true, `Checking with ${facts.label}…`)
  try {
    const answer = await call(`${here}/connect`, body)
    if (answer.isOk) location.replace(here)
    else if (answer.status === 401) location.reload()
    else refuse(answer)
  } catch {
    refuse(UNREACHED)
  }
}

export function form() {
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
  at('submit').disabled = false
  fields()
    .find((field) => inputOf(field).value === '')
    ?.querySelector('input, select')
    .focus()
}
