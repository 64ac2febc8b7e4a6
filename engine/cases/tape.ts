import { EngineError } from '../errors.ts'
import type { Ports, WireRequest } from '../ports.ts'
import type { Case } from '../schema/generated.ts'
import { requestDifferences, responseOf } from './wire.ts'

/** The provider of a case: answers the requests that it expects, each once, and remembers what else was asked. */
export interface Tape {
  readonly transport: Ports['transport']
  /** What does not fit: requests that nobody expects, and exchanges that no request uses. */
  problems(): string[]
}

/** Plays the exchanges of a case. Requests under way together may come in any order; each must be one of them whole. */
export function playTape(exchanges: Case['exchanges']): Tape {
  const left = exchanges.map((exchange, index) => ({ exchange, number: index + 1 }))
  const unexpected: string[] = []

  const answer = (request: WireRequest) => {
    const at = left.findIndex(({ exchange }) => requestDifferences(exchange.request, request).length === 0)
    const [found] = at === -1 ? [] : left.splice(at, 1)
    if (found !== undefined) return Promise.resolve(responseOf(found.exchange.response))
    unexpected.push(describe(request, left))
    return Promise.reject(new EngineError('internal', 'The case does not expect this request', { sent: false }))
  }
  return {
    transport: {
      send: answer,
      stream: () => Promise.reject(new EngineError('internal', 'A case has no streams')),
    },
    problems: () => [
      ...unexpected,
      ...left.map(
        ({ number, exchange: { request } }) => `exchange ${number} is not used: ${request.verb} ${request.path}`,
      ),
    ],
  }
}

/** An unexpected request, held against the exchange that it comes closest to. */
function describe(
  request: WireRequest,
  left: readonly { exchange: Case['exchanges'][number]; number: number }[],
): string {
  const { pathname, search } = new URL(request.url)
  const named = `${request.verb} ${pathname}${search}`
  const compared = left.map(({ exchange, number }) => ({
    number,
    found: requestDifferences(exchange.request, request),
  }))
  const [closest] = compared.sort((a, b) => a.found.length - b.found.length)
  if (closest === undefined) return `no exchange is left for ${named}`
  return `no exchange expects ${named}; exchange ${closest.number} differs: ${closest.found.join('; ')}`
}
