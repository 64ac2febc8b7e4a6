import { html } from 'hono/html'
import type { CompiledAuthMethod, Integration } from '../../../engine/index.ts'
import type { Access } from '../access.ts'
import type { FailureText } from '../texts.ts'
import { failureBox } from './ended.ts'
import { formFacts, submitButton } from './form.ts'
import { brandTile, type Frame, icon, layout, type Markup, tile } from './layout.ts'

/** What a person agrees to. */
export interface Consent {
  readonly integration: Integration
  readonly methods: readonly CompiledAuthMethod[]
  readonly access: readonly Access[]
  readonly scopes: readonly string[] | null
  /** The account that is connected again, by whether it still works; null for a new one. */
  readonly again: 'works' | 'broken' | null
  /** What went wrong before. */
  readonly failure: { readonly code: string; readonly text: FailureText } | null
  /** Whether the only method leads to the provider without a form. */
  readonly isDirect: boolean
  /** The address of the form of a method. */
  readonly formOf: (method: string) => string
  readonly back: string | null
}

const KINDS: Readonly<Record<Access['kind'], { readonly title: string; readonly icon: 'read' | 'write' | 'money' }>> = {
  read: { title: 'See', icon: 'read' },
  write: { title: 'Create and change', icon: 'write' },
  money: { title: 'Move money through', icon: 'money' },
}
const SHOWN = 6

/** Who gets access, to what, and in which way. */
export function consentPage(frame: Omit<Frame, 'screen' | 'title' | 'back'>, consent: Consent): Promise<string> {
  const { integration, methods, access, again, failure, back } = consent
  const { label } = integration
  const { brand } = frame
  const heading = again === null ? `Connect ${label} to ${brand.name}` : `Connect ${label} again`
  const lead = {
    works: `Renew the access of ${brand.name} to your ${label} account. It must be the same account.`,
    broken: `${brand.name} lost its access to ${label}. Connect the same account again, and it goes on where it was.`,
    none: `${brand.name} asks for access to your ${label} account.`,
  }[again ?? 'none']
  const main = html`<div class="pair">${brandTile(brand)}${icon('both')}${tile(label)}</div>
<h1 id="heading" tabindex="-1">${heading}</h1>
<p class="lead">${lead}</p>
${failureBox(failure?.text ?? NONE, failure === null)}
<section aria-labelledby="access-title">
<h2 class="small" id="access-title">${brand.name} will be able to</h2>
<ul class="access">${access.map(accessRow)}</ul>
${scopesRow(consent.scopes)}
<p class="note">What you do not allow at ${label} stays closed. You can end the access there at any time.</p>
</section>
${wayOn(consent)}`
  const [only] = methods
  const direct = consent.isDirect && only !== undefined ? formFacts(integration, only, 'oauth') : {}
  const facts = { ...direct, ...(failure === null ? {} : { failure: failure.code }) }
  return layout({ ...frame, screen: consent.isDirect ? 'form' : 'consent', title: heading, back, facts }, main)
}

const NONE: FailureText = { title: '', text: '', said: null }

/** The choice of a method, or the one button that leads on. */
function wayOn({ methods, isDirect, formOf, integration }: Consent): Markup | string {
  const [first] = methods
  if (first === undefined) return ''
  if (methods.length > 1) return methodList(methods, formOf)
  if (!isDirect) return html`<div class="actions"><a class="button" href="${formOf(first.name)}">Continue</a></div>`
  return html`<form id="form" novalidate>${submitButton(`Continue to ${integration.label}`)}</form>`
}

function accessRow({ kind, things }: Access): Markup {
  const { title, icon: picture } = KINDS[kind]
  const more = things.slice(SHOWN)
  const rest =
    more.length === 0
      ? ''
      : html`<details><summary>and ${more.length} more</summary><p>${more.join(', ')}</p></details>`
  return html`<li class="${kind}">${icon(picture)}<div><strong>${title}</strong> <span>${things.slice(0, SHOWN).join(', ')}</span>${rest}</div></li>`
}

function scopesRow(scopes: readonly string[] | null): Markup | string {
  if (scopes === null || scopes.length === 0) return ''
  return html`<p class="note">It asks for the permissions ${scopes.map((scope) => html`<code>${scope}</code> `)}</p>`
}

function methodList(methods: readonly CompiledAuthMethod[], formOf: Consent['formOf']): Markup {
  const rows = methods.map(
    ({ name, label, description }) =>
      html`<li><a class="choice" href="${formOf(name)}"><span class="choice-text"><span class="choice-name">${label}</span>${description === undefined ? '' : html`<span class="choice-about">${description}</span>`}</span>${icon('next')}</a></li>`,
  )
  return html`<section aria-labelledby="ways-title"><h2 class="small" id="ways-title">Continue with</h2><ul class="choices">${rows}</ul></section>`
}
