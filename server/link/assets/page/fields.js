/** The fields of a form, and what is wrong with them. */
import { at, facts } from './facts.js'

export const failure = (title, text) => ({ body: { shown: { title, text, fields: {} } } })
export const UNREACHED = failure('This page cannot be reached', 'Check your connection, then try again.')

const small = (text) => (/^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text)

export const fields = () => [...document.querySelectorAll('.field')].filter((field) => !field.hidden)
export const inputOf = (field) => field.querySelector('input, select')

/** What is wrong with a field, or an empty text. */
export function complaint(field) {
  const { label, pattern, example } = field.dataset
  const input = inputOf(field)
  const value = input.value.trim()
  if (value === '') return input.required ? `Enter the ${small(label)}.` : ''
  if (pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value)) return ''
  return `This does not look like the ${small(label)}.${example ? ` It looks like ${example}` : ''}`
}

export function mark(field, text) {
  const input = inputOf(field)
  const error = field.querySelector('.error')
  error.textContent = text
  error.hidden = text === ''
  field.classList.toggle('wrong', text !== '')
  if (text === '') input.removeAttribute('aria-invalid')
  else input.setAttribute('aria-invalid', 'true')
}

/** Shows the fields that fit what other fields say. */
export function arrange() {
  for (const field of document.querySelectorAll('.field[data-when]')) {
    const other = document.querySelector(`.field[data-field="${CSS.escape(field.dataset.when)}"]`)
    field.hidden = other === null || other.hidden || inputOf(other).value !== field.dataset.equals
  }
}

export function showFailure({ title, text, said }) {
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

export function setBusy(isBusy, text = '') {
  const button = at('submit')
  at('form').setAttribute('aria-busy', String(isBusy))
  button.classList.toggle('busy', isBusy)
  button.setAttribute('aria-disabled', String(isBusy))
  button.dataset.text ??= at('submit-text').textContent
  at('submit-text').textContent = isBusy ? text : button.dataset.text
  at('progress').textContent = text
}

export function refuse(answer) {
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
