import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { forward } from '../../engine/execute/forward.ts'
import type { Account, CallOptions, ForwardCall } from '../../engine/index.ts'
import { callOptions, type Definition, type Desk, openDesk } from '../support/calls.ts'

const definition = (extra: Partial<Definition> = {}): Definition => ({
  resources: {
    customers: {
      methods: {
        get: { verb: 'GET', path: '/customers/{{ $path.id }}', effect: 'read', description: 'Reads one.' },
        create: { verb: 'POST', path: '/customers', effect: 'write', description: 'Makes one.' },
      },
    },
    keys: { methods: { create: { verb: 'POST', path: '/keys', effect: 'credential', description: 'Makes a key.' } } },
    files: {
      methods: {
        create: { verb: 'POST', path: '/files', host: 'files', effect: 'write', description: 'Uploads.' },
      },
    },
    media: {
      methods: {
        create: { verb: 'POST', path: '/media', host: 'media', effect: 'write', description: 'Uploads.' },
      },
    },
    sites: {
      methods: {
        get: {
          verb: 'GET',
          path: '/sites/{{ $connection.site }}/info/{{ $path.id }}',
          effect: 'read',
          description: 'Reads one.',
        },
      },
    },
  },
  settings: { site: { label: 'Site', pattern: '^[a-z]+$', required: false } },
  hosts: {
    default: { url: 'https://api.acme.test/v1' },
    files: { url: 'https://files.acme.test/upload' },
    media: { url: 'https://media.acme.test/v1' },
  },
  owned: { headers: ['Acme-Account'], query: ['account'], paths: ['/oauth'] },
  ...extra,
})

/** A tap: answers each request with these bytes and keeps what came, byte for byte. */
export async function tap(
  answer: string | Buffer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  complete = /\r\n\r\n/,
) {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (!complete.test(text)) return
      received.push(text)
      text = ''
      socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, received, sockets }
}

/** A desk whose account has the tap as its base URL. */
export function desk(url: string, extra: Partial<Definition> = {}): Desk {
  const opened = openDesk(definition(extra), url)
  onTestFinished(() => opened.close())
  return opened
}

/** A call of forward that everything is allowed to. */
export const call = (target: string, extra: Partial<ForwardCall> = {}): ForwardCall => ({
  verb: 'GET',
  target,
  headers: [],
  authorize: () => undefined,
  ...extra,
})

/** Passes a call on and reads the answer to its end. */
export async function pass(
  at: Desk,
  given: ForwardCall,
  { account, ...options }: Partial<CallOptions> & { account?: Partial<Account> } = {},
) {
  const answer = await forward(at.context, { ...at.account, ...account }, given, callOptions(options))
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body) chunks.push(chunk)
  return { ...answer, bytes: Buffer.concat(chunks) }
}
