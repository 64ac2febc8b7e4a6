import type { Clock, EngineError, Transport, WireRequest, WireResponse } from '../../engine/index.ts'

/** A request as it was sent, and what became of it. */
export interface Exchange {
  readonly request: WireRequest
  readonly response?: WireResponse
  readonly error?: EngineError
  /** How long it took, in milliseconds. */
  readonly durationMs: number
}

/** A transport that remembers what goes over it, in the order in which answers came. */
export function recorded(
  transport: Pick<Transport, 'send'>,
  clock: Clock,
): { transport: Transport; exchanges: Exchange[] } {
  const exchanges: Exchange[] = []
  const send = async (request: WireRequest): Promise<WireResponse> => {
    const begun = clock.now()
    const keep = (became: Pick<Exchange, 'response' | 'error'>): void => {
      exchanges.push({ request, ...became, durationMs: Math.round(clock.now() - begun) })
    }
    try {
      const response = await transport.send(request)
      keep({ response })
      return response
    } catch (thrown) {
      keep({ error: thrown as EngineError })
      throw thrown
    }
  }
  return { exchanges, transport: { send, stream: () => Promise.reject(new Error('The kit makes no streams')) } }
}

/** A body as text; undefined when it is no UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

/** The JSON value of a body, its text, or its size where it is neither. */
export function bodyOf(body: Uint8Array): unknown {
  const text = textOf(body)
  if (text === undefined) return `(${body.length} bytes)`
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
