import { EngineError } from '../../engine/index.ts'
import { isLoopbackHost } from '../config.ts'
import type { Brand } from '../stores/index.ts'

/** A brand as it is given; what is not named stays, null takes it away. */
export interface GivenBrand {
  readonly name?: string | null
  readonly logo?: string | null
  readonly color?: string | null
  readonly privacy_url?: string | null
}

/** Longest data URL of a logo: it is part of every page. */
export const MOST_LOGO_CHARACTERS = 65_536

const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/

/** The brand after a change. Throws invalid_body for what could not stand safely on a page. */
export function changedBrand(given: GivenBrand, before: Brand): Brand {
  const { name = before.name, logo = before.logo, color = before.color, privacy_url = before.privacyUrl } = given
  if (name !== null && (name.trim() === '' || /\p{Cc}|\p{Cf}/u.test(name))) {
    throw refused('name', 'the name is empty or holds characters that do not print')
  }
  if (logo !== null && !DATA_IMAGE.test(logo) && !isHttps(logo)) {
    throw refused('logo', 'the logo is neither an https URL nor a base64 data URL of a PNG, JPEG, GIF, WebP or SVG')
  }
  if (logo !== null && logo.length > MOST_LOGO_CHARACTERS) {
    throw refused('logo', `the logo has more than ${MOST_LOGO_CHARACTERS} characters`)
  }
  if (color !== null && !/^#[0-9a-f]{6}$/i.test(color)) throw refused('color', 'the colour is not of the form #rrggbb')
  if (privacy_url !== null && !isHttps(privacy_url)) throw refused('privacy_url', 'it is not an https URL')
  return { name, logo, color: color?.toLowerCase() ?? null, privacyUrl: privacy_url }
}

/** Throws invalid_body for a redirect URI that no browser should be sent to: https, or http to this machine only. */
export function checkRedirectUris(uris: readonly string[]): void {
  const wrong = uris.find((uri) => !isHttps(uri) && !isLocal(uri))
  if (wrong === undefined) return
  throw new EngineError('invalid_body', `${wrong.slice(0, 200)} is no redirect URI`, {
    where: '/redirect_uris',
    hint: 'Give https URLs without a fragment; http only for this machine, such as http://localhost:3000/done.',
  })
}

function refused(field: string, what: string): EngineError {
  return new EngineError('invalid_body', `brand.${field}: ${what}`, { where: `/brand/${field}` })
}

const isHttps = (text: string): boolean => parsed(text)?.protocol === 'https:'

function isLocal(text: string): boolean {
  const url = parsed(text)
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname)
}

/** A URL without user information, fragment or blanks. */
function parsed(text: string): URL | null {
  if (/[\s<>"'\\#]/.test(text) || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.username === '' && url.password === '' ? url : null
}
