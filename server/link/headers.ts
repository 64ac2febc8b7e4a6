/** What a page may load and who may frame it. */
export interface PagePolicy {
  /** The one origin that may frame it, or null for none. */
  readonly origin: string | null
  /** The logo that it shows. */
  readonly logo: string | null
}

/**
 * Headers of a page: scripts and styles of ours only, none within the page; nothing is sent elsewhere, no request tells
 * where it comes from, nothing is kept.
 */
export function pageHeaders({ origin, logo }: PagePolicy): Record<string, string> {
  const images = logo?.startsWith('https:') === true ? ` ${new URL(logo).origin}` : ''
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data:${images}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origin ?? "'none'"}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    ...(origin === null ? { 'x-frame-options': 'DENY' } : {}),
    'cache-control': 'no-store',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-resource-policy': 'same-origin',
  }
}
