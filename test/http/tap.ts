import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer as it went over the wire. */
export interface Tapped {
  readonly verb: string
  readonly target: string
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** Stands before an origin, passes everything on and remembers what came back, byte for byte. */
export interface Tap {
  readonly origin: string
  readonly answers: Tapped[]
  close(): Promise<void>
}

export async function openTap(to: string): Promise<Tap> {
  const answers: Tapped[] = []
  const server = createServer((request, response) => {
    const { method: verb = '', url: target = '', rawHeaders } = request
    const outgoing = httpRequest(
      `${to}${target}`,
      { method: verb, headers: pairsOf(rawHeaders) as never },
      (incoming) => {
        const chunks: Buffer[] = []
        const { statusCode: status = 0, rawHeaders: answered } = incoming
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('end', () => {
          const body = Buffer.concat(chunks)
          answers.push({ verb, target, status, rawHeaders: answered, body })
          response.writeHead(status, [...answered])
          response.end(body)
        })
      },
    )
    outgoing.on('error', () => response.destroy())
    request.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-authenticate',
])

/** The headers of an answer that a proxy must pass on, in their order; those that we add stand apart. */
export function endToEnd(
  rawHeaders: readonly string[],
  without: readonly string[] = [],
): readonly (readonly string[])[] {
  return pairs(rawHeaders).filter(([name = '']) => {
    const lower = name.toLowerCase()
    return !HOP_BY_HOP.has(lower) && lower !== 'set-cookie' && !without.includes(lower)
  })
}

const pairs = (raw: readonly string[]): string[][] =>
  raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))

function pairsOf(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name = '', value = ''] of pairs(raw)) {
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
