import type { Services } from '../api/context.ts'
import { isLoopbackHost } from '../config.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { INBOUND_PATH } from './names.ts'

/**
 * Where the provider of an account reaches this server: the public URL; without one, this machine for a provider that runs on
 * it. Null where it reaches nothing.
 */
export function reachableAt(
  { settings, lifecycle }: Pick<Services, 'settings' | 'lifecycle'>,
  { settings: { base_url: base } }: Pick<IntegratedAccount, 'settings'>,
): string | null {
  if (settings.publicUrl !== null) return settings.publicUrl.href.replace(/\/$/, '')
  const isHere = typeof base === 'string' && URL.canParse(base) && isLoopbackHost(new URL(base).hostname)
  return isHere && settings.isLoopback ? lifecycle.url : null
}

/** Whether an account is delivered to, so far as anybody knows: its feed, where it has one, is only read to catch up. */
export const isDeliveredTo = ({ webhook }: Pick<IntegratedAccount, 'webhook'>): boolean =>
  webhook?.state === 'provisioned' || (webhook?.state === 'manual' && webhook.reason === null)

/** The address of an endpoint. */
export const addressOf = (base: string, urlId: string): string => `${base}${INBOUND_PATH}/${urlId}`
