import { html } from 'hono/html'
import type { CompiledAuthMethod, Integration } from '../../../engine/index.ts'
import type { FormField } from '../../api/form.ts'
import { failureBox } from './ended.ts'
import { type Frame, layout, type Markup, tile } from './layout.ts'

/** The form of an auth method. */
export interface FormScreen {
  readonly integration: Integration
  readonly method: CompiledAuthMethod
  readonly fields: Readonly<Record<string, FormField>>
  /** Settings of an account that is connected again; never a secret. */
  readonly values: Readonly<Record<string, string>>
  /** Whether the provider asks the person itself, in a window of its own. */
  readonly isOAuth: boolean
  readonly back: string
}

/** A form made of what the definition says; the script holds it against the same rules as the server. */
export function formPage(frame: Omit<Frame, 'screen' | 'title' | 'back'>, screen: FormScreen): Promise<string> {
  const { integration, method, fields, values, isOAuth, back } = screen
  const { label, docs } = integration
  const heading = isOAuth ? `Sign in to ${label}` : `Enter your ${label} details`
  const facts = {
    integration: integration.name,
    method: method.name,
    label,
    way: isOAuth ? 'oauth' : 'form',
  }
  const guide =
    docs === undefined || !docs.startsWith('https:')
      ? ''
      : html`<p class="note"><a href="${docs}" target="_blank" rel="noopener noreferrer">Where to find this in ${label}<span class="unseen"> (opens a new window)</span></a></p>`
  const rows = Object.entries(fields).map(([name, field]) => fieldRow(name, field, values[name] ?? field.default ?? ''))
  const main = html`<div class="form-head">${tile(label)}<div><h1 id="heading" tabindex="-1">${heading}</h1><p class="lead">${method.description ?? method.label}</p></div></div>
${failureBox({ title: '', text: '', said: null }, true)}
<form id="form" novalidate autocomplete="off" aria-labelledby="heading">
${rows}
${isOAuth ? '' : guide}
<button class="button" type="submit" id="submit"><span class="spinner" aria-hidden="true"></span><span id="submit-text">${isOAuth ? `Continue to ${label}` : 'Connect'}</span></button>
<p class="unseen" role="status" id="progress"></p>
</form>`
  return layout({ ...frame, screen: 'form', title: heading, back, facts }, main)
}

function fieldRow(name: string, field: FormField, value: string): Markup {
  const { label, help, example, pattern, required, visible_when: when, options } = field
  const ids = { input: `field-${name}`, help: `help-${name}`, error: `error-${name}` }
  const rule = pattern === undefined ? '' : html` data-pattern="${pattern}"`
  const shownWhen = when === undefined ? '' : html` data-when="${when.field}" data-equals="${when.equals}"`
  const like = example === undefined ? '' : html` <span class="like">For example <code>${example}</code></span>`
  const hint =
    help === undefined && example === undefined ? '' : html`<p class="help" id="${ids.help}">${help ?? ''}${like}</p>`
  const optional = required === false ? html` <span class="optional">optional</span>` : ''
  return html`<div class="field" data-field="${name}" data-label="${label}" data-example="${example ?? ''}"${rule}${shownWhen}>
<label for="${ids.input}">${label}${optional}</label>
${hint}
${options === undefined ? textInput(name, field, value, ids) : selectInput(name, field, value, ids)}
<p class="error" id="${ids.error}" hidden></p>
</div>`
}

interface Ids {
  readonly input: string
  readonly help: string
  readonly error: string
}

const describedBy = ({ help, example }: FormField, ids: Ids): string =>
  help === undefined && example === undefined ? ids.error : `${ids.help} ${ids.error}`

function textInput(name: string, field: FormField, value: string, ids: Ids): Markup {
  const isSecret = field.secret === true
  const required = field.required === false ? '' : html` required aria-required="true"`
  const input = html`<input id="${ids.input}" name="${name}" type="${isSecret ? 'password' : 'text'}" value="${isSecret ? '' : value}" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" data-1p-ignore data-lpignore="true"${isSecret ? html` data-secret` : ''} aria-describedby="${describedBy(field, ids)}"${required}>`
  if (!isSecret) return input
  return html`<div class="with-button">${input}<button type="button" class="reveal" aria-controls="${ids.input}" aria-label="Show ${field.label}">Show</button></div>`
}

function selectInput(name: string, field: FormField, value: string, ids: Ids): Markup {
  const none = value === '' ? html`<option value="">Choose</option>` : ''
  const rows = (field.options ?? []).map(
    (option) => html`<option value="${option}"${option === value ? html` selected` : ''}>${option}</option>`,
  )
  return html`<div class="select"><select id="${ids.input}" name="${name}" aria-describedby="${describedBy(field, ids)}">${none}${rows}</select></div>`
}
