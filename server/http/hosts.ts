import { isIP } from 'node:net'
import { EngineError } from '../../engine/index.ts'
import { isLoopbackHost, type Settings } from '../config.ts'

/** Whether the Host header names this server. A name that only resolves here (DNS rebinding) is refused. */
export type HostCheck = (host: string | undefined) => boolean

/**
 * Accepts loopback names, the address listened on, the host of ONEFOLD_PUBLIC_URL and, when listening on every address,
 * any literal address: a page of another site cannot make a browser send one of those.
 */
export function createHostCheck(settings: Pick<Settings, 'host' | 'publicUrl'>): HostCheck {
  const named = new Set([settings.host.toLowerCase(), ...(settings.publicUrl ? [settings.publicUrl.hostname] : [])])
  const isEverywhere = settings.host === '0.0.0.0' || settings.host === '::'
  return (host) => {
    if (host === undefined || !/^[a-z0-9.:[\]_-]+$/i.test(host)) return false
    const name = host.replace(/:\d+$/, '').toLowerCase()
    const bare = name.replace(/^\[|\]$/g, '')
    return isLoopbackHost(name) || named.has(name) || named.has(bare) || (isEverywhere && isIP(bare) !== 0)
  }
}

/** The refusal of a Host that is not served here. */
export function hostRefused(host: string | undefined): EngineError {
  return new EngineError('origin_refused', `The host ${host?.slice(0, 128) ?? '(none)'} is not served here`, {
    where: 'Host',
    hint: 'Call the listening address, or name the host in ONEFOLD_PUBLIC_URL.',
  })
}
