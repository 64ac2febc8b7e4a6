import { html } from 'hono/html'
import { icon, layout } from './layout.ts'

const FRAME = {
  link: null,
  brand: { name: 'Connect an account', logo: null, privacyUrl: null },
  proof: null,
  back: null,
}

/** The window on its way to a provider. */
export function departingPage(): Promise<string> {
  const main = html`<div class="end" id="opening">
<span class="spinner" aria-hidden="true"></span>
<h1>Going to the provider</h1>
<p class="lead" role="status">One moment, please.</p>
</div>
<div class="end" id="not-open" hidden>
<span class="medal warn">${icon('alert')}</span>
<h1 tabindex="-1"></h1>
<p class="lead"></p>
</div>`
  return layout({ ...FRAME, screen: 'departing', title: 'Going to the provider' }, main)
}

/** The window that came back; the page that opened it goes on. */
export function returnedPage(): Promise<string> {
  const main = html`<div class="end">
<span class="medal good">${icon('check')}</span>
<h1 tabindex="-1" id="heading">You can close this window</h1>
<p class="lead" role="status">The window that you came from goes on.</p>
</div>`
  return layout({ ...FRAME, screen: 'returned', title: 'You can close this window' }, main)
}
