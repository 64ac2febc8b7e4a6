import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { html, raw } from 'hono/html'
import type { Brand } from '../../stores/index.ts'

/** A piece of a page; whatever stands in it was escaped. */
export type Markup = ReturnType<typeof html>

/** What every page of Link has around its own. */
export interface Frame {
  readonly title: string
  /** Which of the screens it is; the script acts by it. */
  readonly screen: string
  /** Null where no link is known. */
  readonly link: { readonly id: string; readonly origin: string | null; readonly redirectUri: string | null } | null
  /** Name of the brand, its logo and its privacy notice. */
  readonly brand: Pick<Brand, 'logo' | 'privacyUrl'> & { readonly name: string }
  /** Shown by the script with every call. */
  readonly proof: string | null
  /** Facts for the script, by name: `data-...` of the body. */
  readonly facts?: Readonly<Record<string, string>>
  /** Where the way back leads, or null. */
  readonly back: string | null
}

/** Modules of the script of the pages, below `/link/`. */
export const SCRIPT_PARTS: readonly string[] = readdirSync(join(import.meta.dirname, '../assets/page')).map(
  (name) => `page/${name}`,
)

/** All modules are asked for at once, and not each when the one before it has come. */
const PRELOADS = SCRIPT_PARTS.map((part) => html`<link rel="modulepreload" href="/link/${part}">`)

const ICONS = {
  both: '<path d="M5 9h14l-3.5-3.5M19 15H5l3.5 3.5"/>',
  back: '<path d="M15 5l-7 7 7 7"/>',
  close: '<path d="M6 6l12 12M18 6L6 18"/>',
  lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
  check: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  alert: '<path d="M12 8v5M12 16.5v.1"/><circle cx="12" cy="12" r="9"/>',
  read: '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
  write: '<path d="M4 20l1-4L16.5 4.5l3 3L8 19l-4 1zM14 7l3 3"/>',
  money:
    '<rect x="3" y="6" width="18" height="12" rx="2"/><circle cx="12" cy="12" r="2.6"/><path d="M6.5 12h.1M17.4 12h.1"/>',
  next: '<path d="M9 5l7 7-7 7"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
} as const

/** A picture beside words; it says nothing to a screen reader. */
export function icon(name: keyof typeof ICONS): Markup {
  return html`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${raw(ICONS[name])}</svg>`
}

/** The tile of a provider: its initials, so that nothing is fetched from anywhere. */
export function tile(label: string): Markup {
  const words = label.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const initials = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0] ?? '') : [...label].slice(0, 2)
  return html`<span class="tile" aria-hidden="true">${initials.join('').toUpperCase()}</span>`
}

/** The tile of the brand: its logo, or its initials. */
export function brandTile({ name, logo }: Pick<Frame['brand'], 'name' | 'logo'>): Markup {
  if (logo === null) return tile(name)
  return html`<span class="tile logo"><img src="${logo}" alt="" width="48" height="48"></span>`
}

/** A whole page. */
export async function layout(frame: Frame, main: Markup): Promise<string> {
  const { title, screen, link, brand, proof, facts = {}, back } = frame
  const data = {
    screen,
    ...(link === null ? {} : { link: link.id, origin: link.origin ?? '', redirect: link.redirectUri ?? '' }),
    ...(proof === null ? {} : { proof }),
    ...facts,
  }
  const attributes = Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`)
  const theme = link === null ? '' : html`<link rel="stylesheet" href="/link/${link.id}/theme.css">`
  const way =
    back === null
      ? html`<span class="bar-space"></span>`
      : html`<a class="round" href="${back}" aria-label="Back">${icon('back')}</a>`
  const close =
    link === null
      ? html`<span class="bar-space"></span>`
      : html`<button class="round" type="button" id="close" aria-label="Cancel and close" hidden>${icon('close')}</button>`
  const privacy =
    brand.privacyUrl === null
      ? ''
      : html` <a href="${brand.privacyUrl}" target="_blank" rel="noopener noreferrer">Privacy at ${brand.name}<span class="unseen"> (opens a new window)</span></a>`
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/link/page.css">
${theme}
${PRELOADS}
<script src="/link/page.js" type="module"></script>
</head>
<body${attributes}>
<div class="card">
<header class="bar">${way}<span class="bar-name">${brand.name}</span>${close}</header>
<main id="main" tabindex="-1">
${main}
</main>
<footer class="foot">${icon('lock')}<span>What you enter is encrypted before it is stored.${privacy}</span></footer>
</div>
</body>
</html>
`,
  )
}
