import { createHash, timingSafeEqual } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import type { LinkSession, LinkToken } from '../stores/index.ts'

/** How long a browser that has opened a link may take. */
export const SESSION_MS = 3_600_000
/** Carries the proof that a script of our own page sends the request. */
export const PROOF_HEADER = 'x-onefold-link'

/** A session with the value of its cookie. */
export interface OpenSession {
  readonly session: LinkSession
  /** What the page shows in PROOF_HEADER: other origins can neither read nor send it. */
  readonly proof: string
}

/** The cookie of a link: one for each, so that several can be open in one browser. */
export const linkCookie = (linkId: string): string => `__Host-onefold_${linkId}`

/**
 * A Set-Cookie line. `embedded` cookies work in a frame of another site too and are kept apart for each site that frames
 * (CHIPS). Browsers take Secure cookies over plain http from loopback addresses, so development needs no other name.
 */
export function cookieLine(name: string, value: string, ms: number, isEmbedded: boolean): string {
  const site = isEmbedded ? 'SameSite=None; Partitioned' : 'SameSite=Lax'
  return `${name}=${value}; Path=/; Secure; HttpOnly; ${site}; Max-Age=${Math.floor(ms / 1000)}`
}

/** The value of a cookie, where it has the form of ours. */
export function readCookie(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/)
  const found = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
  return found !== undefined && /^[\w-]{43}$/.test(found) ? found : undefined
}

/** The session of this browser for a link, or null. */
export async function sessionOf(
  { stores, clock }: Pick<Services, 'stores' | 'clock'>,
  request: Request,
  link: LinkToken,
): Promise<OpenSession | null> {
  const value = readCookie(request, linkCookie(link.id))
  const session = value === undefined ? null : await stores.links.session(value, clock.now())
  if (value === undefined || session === null || session.link.id !== link.id) return null
  return { session, proof: createHash('sha256').update(`onefold/link/proof ${value}`).digest('base64url') }
}

/**
 * The session of a request that changes something. Throws unauthorized without one, forbidden when the request comes from
 * another origin or lacks the proof.
 */
export async function provenSession(services: Services, request: Request, link: LinkToken): Promise<LinkSession> {
  checkSameOrigin(services, request)
  const open = await sessionOf(services, request, link)
  if (open === null) throw new EngineError('unauthorized', 'The link is not open in this browser', { where: 'Cookie' })
  const shown = Buffer.from(request.headers.get(PROOF_HEADER) ?? '')
  const wanted = Buffer.from(open.proof)
  if (shown.length === wanted.length && timingSafeEqual(shown, wanted)) return open.session
  throw new EngineError('forbidden', 'The request does not come from the open page', { where: PROOF_HEADER })
}

/** Throws forbidden for a request that a page of another origin makes, or that no page makes. */
export function checkSameOrigin({ settings }: Pick<Services, 'settings'>, request: Request): void {
  const { headers, url } = request
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site') ?? 'same-origin'
  if (origin !== null && site === 'same-origin' && isOwn(origin, headers.get('host') ?? new URL(url).host, settings)) {
    return
  }
  throw new EngineError('forbidden', 'The request comes from another origin', { where: 'Origin' })
}

/** Behind a proxy the public URL is ours; else the host that was asked, which the server has checked. */
function isOwn(origin: string, host: string, { publicUrl }: Services['settings']): boolean {
  if (publicUrl !== null && origin === publicUrl.origin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
