import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { bytesOf, closed, facts, head, request, transport, upstream, wireServer } from './upstream.ts'

describe('a streamed answer', () => {
  it('keeps names, order, repetition and bytes of the headers', async () => {
    const { origin } = await wireServer((socket) =>
      socket.write(
        Buffer.from(head('X-Zed: 1', 'aBc: é', 'Set-Cookie: a', 'set-cookie: b', 'Content-Length: 0'), 'latin1'),
      ),
    )
    const { status, headers, body } = await transport().stream(request(`${origin}/`))
    expect([status, (await bytesOf(body)).length]).toEqual([200, 0])
    expect(headers).toEqual([
      ['X-Zed', '1'],
      ['aBc', 'é'],
      ['Set-Cookie', 'a'],
      ['set-cookie', 'b'],
      ['Content-Length', '0'],
    ])
  })

  it('is not decompressed, and asks for what the caller asked for only', async () => {
    const bytes = zlib.gzipSync('text')
    const seen: unknown[] = []
    const { origin } = await upstream((incoming, response) => {
      seen.push(incoming.rawHeaders.map((each) => each.toLowerCase()).sort())
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes)
    })
    const net = transport()
    expect(await bytesOf((await net.stream(request(`${origin}/`))).body)).toEqual(bytes)
    const headers = [['accept-encoding', 'br']] as const
    await bytesOf((await net.stream(request(`${origin}/`, { headers }))).body)
    expect(seen[0]).toEqual(expect.not.arrayContaining(['accept-encoding', 'user-agent']))
    expect(seen[1]).toEqual(expect.arrayContaining(['accept-encoding', 'br']))
  })

  it('hands on headers and first bytes before the rest is there', async () => {
    let finish: () => void = () => undefined
    const { origin } = await upstream((_, response) => {
      response.write('first')
      finish = () => response.end('last')
    })
    const { body } = await transport().stream(request(`${origin}/`))
    const reader = body[Symbol.asyncIterator]()
    expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('first')
    finish()
    expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('last')
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  it('moves a large body whole, in order', async () => {
    const sent = Buffer.from(Uint32Array.from({ length: 1 << 20 }, (_, index) => index).buffer)
    const { origin } = await upstream((_, response) => response.end(sent))
    const { body } = await transport().stream(request(`${origin}/`))
    expect((await bytesOf(body)).equals(sent)).toBe(true)
  })

  it('does not take more than its reader does', async () => {
    let written = 0
    let wasFull: () => void = () => undefined
    const full = new Promise<void>((resolve) => {
      wasFull = resolve
    })
    const { origin } = await upstream((_, response) => {
      const more = (): void => {
        while (written < 64 << 20) {
          written += 65_536
          if (response.write(Buffer.alloc(65_536))) continue
          const timer = setTimeout(wasFull, 300)
          response.once('drain', () => {
            clearTimeout(timer)
            more()
          })
          return
        }
        response.end()
      }
      more()
    })
    const { body } = await transport().stream(request(`${origin}/`))
    await full
    expect(written).toBeLessThan(32 << 20)
    expect((await bytesOf(body)).length).toBe(64 << 20)
  })

  it('is not limited in size', async () => {
    const { origin } = await upstream((_, response) => response.end('x'.repeat(5000)))
    const { body } = await transport().stream(request(`${origin}/`, { maxBytes: 10 }))
    expect((await bytesOf(body)).length).toBe(5000)
  })

  it('leaving it closes the socket', async () => {
    const { origin, sockets } = await upstream((_, response) => response.write('first'))
    for await (const _ of (await transport().stream(request(`${origin}/`))).body) break
    await closed(sockets)
  })

  it('leaving it after its end keeps the socket', async () => {
    const { origin, sockets } = await upstream((_, response) => response.end('all'))
    const net = transport({ connections: 1 })
    for (let round = 0; round < 3; round += 1) {
      const reader = (await net.stream(request(`${origin}/`))).body[Symbol.asyncIterator]()
      while ((await reader.next()).done !== true);
      await reader.return?.()
    }
    expect(sockets.size).toBe(1)
  })
})

describe('a streamed answer that breaks', () => {
  it.each([
    ['ends early', 'Content-Length: 10', (socket: Socket) => socket.end()],
    ['is reset', 'Content-Length: 10', (socket: Socket) => socket.resetAndDestroy()],
    ['is reset without a length', 'Connection: close', (socket: Socket) => socket.resetAndDestroy()],
    ['ends within chunks', 'Transfer-Encoding: chunked', (socket: Socket) => socket.end()],
  ])('%s: the reader gets connection_failed after what came', async (_, header, breakIt) => {
    const chunked = header.startsWith('Transfer')
    const { origin, sockets } = await wireServer((socket) => {
      socket.write(head(header) + (chunked ? '5\r\nhello\r\n' : 'hello'))
    })
    const { body } = await transport().stream(request(`${origin}/`))
    const reader = body[Symbol.asyncIterator]()
    expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('hello')
    const next = failureOf(reader.next())
    for (const socket of sockets) breakIt(socket)
    expect(facts(await next)).toEqual(['connection_failed', true])
    expect(facts(await failureOf(reader.next()))).toEqual(['connection_failed', true])
  })

  it('no headers in time is timeout; a body that stops is timeout, too', async () => {
    const silent = await wireServer(() => undefined)
    const failure = await failureOf(transport().stream(request(`${silent.origin}/`, { timeoutMs: 1_000 })))
    expect(facts(failure)).toEqual(['timeout', true])
    await closed(silent.sockets)
    const stopping = await wireServer((socket) => socket.write(`${head('Content-Length: 10')}hello`))
    const { body } = await transport().stream(request(`${stopping.origin}/`, { timeoutMs: 1_500 }))
    expect(facts(await failureOf(bytesOf(body)))).toEqual(['timeout', true])
    await closed(stopping.sockets)
  })

  it('a caller that leaves closes the socket and ends the body with canceled', async () => {
    const controller = new AbortController()
    const { origin, sockets } = await upstream((_, response) => response.write('first'))
    const { body } = await transport().stream(request(`${origin}/`, { signal: controller.signal }))
    const rest = failureOf(bytesOf(body))
    controller.abort()
    expect(facts(await rest)).toEqual(['canceled', true])
    await closed(sockets)
  })
})

describe('a streamed request', () => {
  async function* parts(count: number): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index += 1) yield await Promise.resolve(Buffer.from(`part${index} `))
  }

  it('is sent in chunks, or with the length that was given', async () => {
    const seen: unknown[] = []
    const { origin } = await upstream(async (incoming, response) => {
      const bytes = await bytesOf(incoming)
      seen.push(incoming.headers['transfer-encoding'], incoming.headers['content-length'], bytes.toString())
      response.end()
    })
    const net = transport()
    const send = async (body: AsyncIterable<Uint8Array>, headers: [string, string][] = []) =>
      bytesOf((await net.stream(request(`${origin}/`, { verb: 'POST', body, headers }))).body)
    await send(parts(3))
    await send(parts(3), [['Content-Length', '18']])
    await send(Readable.from(parts(2)), [['content-length', '12']])
    expect(seen).toEqual([
      ...['chunked', undefined, 'part0 part1 part2 '],
      ...[undefined, '18', 'part0 part1 part2 '],
      ...[undefined, '12', 'part0 part1 '],
    ])
  })

  it('that is shorter or longer than its length fails and never passes for whole', async () => {
    const whole: boolean[] = []
    const { origin } = await upstream((incoming, response) => {
      incoming.on('error', () => whole.push(false))
      incoming.on('end', () => whole.push(true))
      incoming.resume()
      incoming.on('close', () => response.end())
    })
    for (const length of ['19', '12']) {
      const sent = request(`${origin}/`, { verb: 'POST', body: parts(3), headers: [['Content-Length', length]] })
      expect((await failureOf(transport().stream(sent))).code).toBe('invalid_request')
    }
    expect(whole).not.toContain(true)
  })

  it('that fails in the middle closes the socket', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('first'))
      throw new Error('the caller broke off')
    }
    const { origin, sockets } = await upstream((incoming) => incoming.on('error', () => undefined).resume())
    const failure = await failureOf(transport().stream(request(`${origin}/`, { verb: 'POST', body: failing() })))
    expect(facts(failure)).toEqual(['connection_failed', true])
    await closed(sockets)
  })
})
