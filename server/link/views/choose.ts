import { html } from 'hono/html'
import type { Integration } from '../../../engine/index.ts'
import { type Frame, icon, layout, tile } from './layout.ts'

/** The choice of a provider, with a search where there are many. */
export function choosePage(
  frame: Omit<Frame, 'screen' | 'title' | 'back'>,
  offered: readonly Integration[],
): Promise<string> {
  const { brand, link } = frame
  const title = `Connect an account to ${brand.name}`
  const rows = offered.map(
    ({ name, label, description }) => html`<li data-words="${`${label} ${name} ${description}`.toLowerCase()}">
<a class="choice" href="/link/${link?.id ?? ''}?integration=${encodeURIComponent(name)}">${tile(label)}<span class="choice-text"><span class="choice-name">${label}</span><span class="choice-about">${description}</span></span>${icon('next')}</a>
</li>`,
  )
  const main = html`<h1 id="heading">Choose what to connect</h1>
<p class="lead">${brand.name} asks for access to one of these accounts of yours.</p>
<div class="search" role="search">${icon('search')}<label class="unseen" for="search">Search</label><input id="search" type="search" placeholder="Search" autocomplete="off" spellcheck="false" aria-controls="choices"></div>
<ul class="choices" id="choices">${rows}</ul>
<p class="none" id="none" hidden>Nothing fits. Try another word.</p>
<p class="unseen" role="status" id="count"></p>`
  return layout({ ...frame, screen: 'choose', title, back: null }, main)
}
