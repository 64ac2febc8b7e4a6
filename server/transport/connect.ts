import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { EngineError } from '../../engine/index.ts'
import type { EgressPolicy } from './egress.ts'

/** Why a socket was not opened. */
export const refusal = (hostname: string): EngineError =>
  new EngineError('egress_refused', `The egress policy forbids connecting to '${hostname}'`, {
    sent: false,
    hint: 'ONEFOLD_EGRESS_ALLOW names further hosts and networks that requests may reach.',
  })

/** Names are resolved as ever; addresses that the policy forbids are left out. The socket connects to what was checked. */
export function checkedLookup(policy: EgressPolicy): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (failure, addresses) => {
      if (failure !== null) return callback(failure, '', 0)
      const allowed: LookupAddress[] = addresses.filter(({ address }) => policy.allowsAddress(address))
      const [first] = allowed
      if (first === undefined) return callback(refusal(hostname), '', 0)
      if (options.all) return callback(null, allowed)
      return callback(null, first.address, first.family)
    })
  }
}

/**
 * A reset in the middle of an answer without a length must not pass for its end: the HTTP client takes ECONNRESET there
 * as a normal close, so the error gets another code before the client sees it.
 */
function nameResets(socket: Socket): void {
  socket.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') error.code = 'CONNECTION_RESET'
  })
}

/** Opens sockets under the egress policy, checked when connecting: also literal addresses, with no moment between. */
export function createConnector(policy: EgressPolicy, timeoutMs: number): buildConnector.connector {
  const open = buildConnector({ timeout: timeoutMs })
  const checked = buildConnector({ timeout: timeoutMs, lookup: checkedLookup(policy) })
  return (target, callback) => {
    const { protocol, hostname, port } = target
    const origin = new URL(`${protocol}//${target.host ?? (port === '' ? hostname : `${hostname}:${port}`)}`).origin
    const isOpen = policy.isReserved(origin) || policy.allowsHost(hostname)
    if (!isOpen && isIP(hostname) !== 0 && !policy.allowsAddress(hostname)) return callback(refusal(hostname), null)
    const connect = isOpen ? open : checked
    return connect(target, (...result: Parameters<buildConnector.Callback>) => {
      if (result[0] === null) nameResets(result[1])
      callback(...result)
    })
  }
}
