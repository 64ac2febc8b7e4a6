import { html } from 'hono/html'
import type { CompiledAuthMethod, Integration } from '../../../engine/index.ts'
import type { Access } from '../access.ts'
import { brandTile, type Frame, icon, layout, type Markup, tile } from './layout.ts'

/** What a person agrees to. */
export interface Consent {
  readonly integration: Integration
  readonly methods: readonly CompiledAuthMethod[]
  readonly access: readonly Access[]
  readonly scopes: readonly string[] | null
  /** Whether an account is connected again. */
  readonly isAgain: boolean
  /** What went wrong before, as a box. */
  readonly failure: Markup | string
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
  const { integration, methods, access, isAgain, failure, formOf, back } = consent
  const { label } = integration
  const { brand } = frame
  const heading = isAgain ? `Connect ${label} again` : `Connect ${label} to ${brand.name}`
  const lead = isAgain
    ? `The connection to ${label} has stopped working. Connect the same account again, and ${brand.name} goes on where it was.`
    : `${brand.name} asks for access to your ${label} account.`
  const [first] = methods
  const main = html`<div class="pair">${brandTile(brand)}<span class="dots" aria-hidden="true"></span>${tile(label)}</div>
<h1 id="heading" tabindex="-1">${heading}</h1>
<p class="lead">${lead}</p>
${failure}
<section aria-labelledby="access-title">
<h2 class="small" id="access-title">${brand.name} will be able to</h2>
<ul class="access">${access.map(accessRow)}</ul>
${scopesRow(consent.scopes)}
<p class="note">What you do not allow at ${label} stays closed. You can end the access there at any time.</p>
</section>
${methods.length > 1 ? methodList(methods, formOf) : html`<a class="button" href="${formOf(first?.name ?? '')}">Continue</a>`}`
  return layout({ ...frame, screen: 'consent', title: heading, back }, main)
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
