import { connect, isIP, type Socket } from 'node:net'
import { EngineError } from '../../engine/index.ts'
import { checkedLookup, refusal } from './connect.ts'
import type { EgressPolicy } from './egress.ts'

/** Where a plain socket goes. */
interface SocketTarget {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Opens a socket under the egress policy, for protocols other than HTTP. Throws egress_refused, connection_failed, timeout or canceled. */
export function connectChecked(policy: EgressPolicy, { host, port, timeoutMs, signal }: SocketTarget): Promise<Socket> {
  const isOpen = policy.allowsHost(host)
  if (!isOpen && isIP(host) !== 0 && !policy.allowsAddress(host)) return Promise.reject(refusal(host))
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(isOpen ? {} : { lookup: checkedLookup(policy) }) })
    const end = (error: EngineError): void => {
      socket.destroy()
      reject(error)
    }
    const leave = (): void => end(new EngineError('canceled', `Connecting to ${host} was ended`, { sent: false }))
    socket.setTimeout(timeoutMs, () =>
      end(new EngineError('timeout', `${host} did not answer in time`, { sent: false })),
    )
    signal.addEventListener('abort', leave, { once: true })
    socket.once('error', (cause) => {
      signal.removeEventListener('abort', leave)
      if (cause instanceof EngineError) return end(cause)
      end(new EngineError('connection_failed', `The connection to ${host} failed`, { sent: false, cause }))
    })
    socket.once('connect', () => {
      signal.removeEventListener('abort', leave)
      socket.setTimeout(0)
      socket.removeAllListeners('error')
      socket.removeAllListeners('timeout')
      resolve(socket)
    })
    if (signal.aborted) leave()
  })
}
