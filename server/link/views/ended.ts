import { html } from 'hono/html'
import type { FailureText } from '../texts.ts'
import { type Frame, icon, layout, type Markup } from './layout.ts'

const NOBODY: Frame = {
  title: 'Connect an account',
  screen: 'ended',
  link: null,
  brand: { name: 'Connect an account', logo: null, privacyUrl: null },
  proof: null,
  back: null,
}

/** A failure in a box that is read out at once. */
export function failureBox({ title, text, said }: FailureText, isHidden = false): Markup {
  const quote = said === null ? '' : html`<p class="said">The provider said: “${said}”</p>`
  return html`<div class="alert" id="failure" role="alert" tabindex="-1"${isHidden ? html` hidden` : ''}>${icon('alert')}<div><h2>${title}</h2><p class="alert-text">${text}</p>${quote}</div></div>`
}

/** The end of a way that leads no further: a link that is spent, over or none. */
export function endedPage(text: FailureText, frame: Partial<Frame> = {}): Promise<string> {
  const main = html`<div class="end">
<span class="medal warn">${icon('alert')}</span>
<h1>${text.title}</h1>
<p class="lead">${text.text}</p>
</div>`
  return layout({ ...NOBODY, ...frame, title: text.title }, main)
}

/** What is seen while the script opens the link. */
export function openingPage(frame: Omit<Frame, 'screen' | 'title' | 'back'>): Promise<string> {
  const main = html`<div class="end" id="opening">
<span class="spinner" aria-hidden="true"></span>
<h1>Opening the link</h1>
<p class="lead" role="status">One moment, please.</p>
<noscript><p class="lead">This page needs JavaScript, so that the secret in the link stays out of every log.</p></noscript>
</div>
<div class="end" id="not-open" hidden>
<span class="medal warn">${icon('alert')}</span>
<h1 tabindex="-1"></h1>
<p class="lead"></p>
<a class="button" id="elsewhere" target="_blank" rel="opener" hidden>Open in a new window</a>
</div>`
  return layout({ ...frame, screen: 'open', title: `Connect an account to ${frame.brand.name}`, back: null }, main)
}

/** The good end. */
export function donePage(
  frame: Omit<Frame, 'screen' | 'title' | 'back'>,
  { label, isAgain }: { readonly label: string; readonly isAgain: boolean },
): Promise<string> {
  const { brand, link } = frame
  const title = isAgain ? `${label} is connected again` : `${label} is connected`
  const leave =
    link?.redirectUri == null
      ? html`<button class="button" type="button" id="leave" hidden>Done</button>`
      : html`<a class="button" id="leave" href="${link.redirectUri}">Return to ${brand.name}</a>`
  const main = html`<div class="end">
<span class="medal good">${icon('check')}</span>
<h1 tabindex="-1" id="heading">${title}</h1>
<p class="lead" role="status">${brand.name} has access now. <span id="farewell">You can close this window.</span></p>
${leave}
</div>`
  return layout({ ...frame, screen: 'done', title, back: null }, main)
}
