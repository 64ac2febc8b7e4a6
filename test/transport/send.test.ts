import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { EngineError } from '../../engine/index.ts'
import { failureOf } from '../support/code-of.ts'
import { closed, request, transport, upstream, wireServer } from './upstream.ts'

const facts = ({ code, details }: EngineError) => [code, details.sent]

/** A server that answers these bytes and then ends, resets or keeps the connection. */
const raw = (bytes: string | Buffer, then: 'end' | 'reset' | 'keep') =>
  wireServer((socket) => {
    socket.write(bytes, () => {
      if (then === 'end') socket.end()
      if (then === 'reset') setImmediate(() => socket.resetAndDestroy())
    })
  })

const head = (...headers: string[]) => `HTTP/1.1 200 OK\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`

describe('a whole answer', () => {
  it('has status, headers by lower-case name and body; headers and body were sent as given', async () => {
    const seen: unknown[] = []
    const { origin } = await upstream(async (incoming, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      seen.push(incoming.method, incoming.url, incoming.headers['x-a'], Buffer.concat(chunks).toString())
      response.writeHead(201, [
        ['X-One', 'a'],
        ['x-one', 'b'],
        ['Request-Id', 'r1'],
      ] as unknown as string[])
      response.end('{"é":1}')
    })
    const body = Buffer.from('{"a":1}')
    const answer = await transport().send(
      request(`${origin}/v1/x?y=%20`, { verb: 'POST', headers: [['X-A', '1']], body }),
    )
    expect(seen).toEqual(['POST', '/v1/x?y=%20', '1', '{"a":1}'])
    expect([answer.status, answer.headers['x-one'], answer.headers['request-id']]).toEqual([201, 'a, b', 'r1'])
    expect(Buffer.from(answer.body).toString()).toBe('{"é":1}')
  })

  it('uses one connection again and again, one request at a time', async () => {
    let under = 0
    let most = 0
    const { origin, sockets } = await upstream((_, response) => {
      under += 1
      most = Math.max(most, under)
      setImmediate(() => {
        under -= 1
        response.end('x')
      })
    })
    const net = transport({ connections: 1 })
    await Promise.all(Array.from({ length: 20 }, () => net.send(request(`${origin}/`))))
    expect([sockets.size, most]).toEqual([1, 1])
  })

  it('opens no more connections than allowed', async () => {
    const { origin, sockets } = await upstream((_, response) => setImmediate(() => response.end('x')))
    const net = transport({ connections: 3 })
    await Promise.all(Array.from({ length: 30 }, () => net.send(request(`${origin}/`))))
    expect(sockets.size).toBe(3)
  })

  it('skips interim answers', async () => {
    const { origin } = await raw(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
      'keep',
    )
    expect(await transport().send(request(`${origin}/`))).toMatchObject({ status: 200 })
  })

  it('without a length and an end of the connection is whole', async () => {
    const { origin } = await raw(`${head()}all of it`, 'end')
    expect(Buffer.from((await transport().send(request(`${origin}/`))).body).toString()).toBe('all of it')
  })

  it('HEAD and 204 have no body', async () => {
    const { origin } = await upstream((incoming, response) => {
      if (incoming.method === 'HEAD')
        response.writeHead(200, { 'content-length': 9e9, 'content-encoding': 'gzip' }).end()
      else response.writeHead(204).end()
    })
    const net = transport()
    for (const verb of ['HEAD', 'GET']) expect((await net.send(request(`${origin}/`, { verb }))).body).toHaveLength(0)
  })

  it.each([4, 500])('status %i is an answer like any other', async (status) => {
    const { origin } = await upstream((_, response) => response.writeHead(status === 4 ? 404 : status).end('{}'))
    expect((await transport().send(request(`${origin}/`))).status).toBe(status === 4 ? 404 : status)
  })
})

describe('a broken answer', () => {
  it.each([
    ['no answer', '', 'end'],
    ['a reset before the answer', '', 'reset'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'end'],
    ['no HTTP', 'SSH-2.0-x\r\n\r\n', 'end'],
    ['a shorter body than announced', `${head('Content-Length: 10')}{"a":1}`, 'end'],
    ['a shorter body than announced, reset', `${head('Content-Length: 10')}{"a":1}`, 'reset'],
    ['truncated chunks', `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`, 'end'],
    ['a truncated chunk', `${head('Transfer-Encoding: chunked')}ff\r\nhello`, 'end'],
    ['truncated chunks, reset', `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`, 'reset'],
    ['a broken chunk size', `${head('Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`, 'keep'],
    ['two lengths', `${head('Content-Length: 2', 'Content-Length: 3')}abc`, 'end'],
    ['a length and chunks', `${head('Content-Length: 3', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, 'end'],
  ] as const)('is connection_failed, sent: %s', async (_, bytes, then) => {
    const { origin } = await raw(bytes, then)
    expect(facts(await failureOf(transport().send(request(`${origin}/`))))).toEqual(['connection_failed', true])
  })

  it('bytes after the announced length are no part of it and end the connection', async () => {
    const { origin, sockets } = await raw(
      `${head('Content-Length: 2')}abHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
      'keep',
    )
    const net = transport()
    const bodies = [await net.send(request(`${origin}/1`)), await net.send(request(`${origin}/2`))]
    expect(bodies.map(({ body }) => Buffer.from(body).toString())).toEqual(['ab', 'ab'])
    expect(sockets.size).toBe(2)
  })
})

describe('the size limit', () => {
  it('refuses an announced length without reading it', async () => {
    const { origin, sockets } = await upstream((_, response) =>
      response.writeHead(200, { 'content-length': 5000 }).write('x'),
    )
    const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 4999 })))
    expect(facts(failure)).toEqual(['response_too_large', true])
    await closed(sockets)
  })

  it('stops reading an endless body', async () => {
    let written = 0
    const { origin, sockets } = await upstream((_, response) => {
      const more = (): void => {
        written += 1
        if (!response.destroyed) response.write(Buffer.alloc(65_536), more)
      }
      more()
    })
    const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 1 << 20 })))
    expect(facts(failure)).toEqual(['response_too_large', true])
    await closed(sockets)
    expect(written).toBeLessThan(1000)
  })

  it('takes a body of exactly the limit', async () => {
    const { origin } = await upstream((_, response) => response.end('x'.repeat(1000)))
    expect((await transport().send(request(`${origin}/`, { maxBytes: 1000 }))).body).toHaveLength(1000)
    expect((await failureOf(transport().send(request(`${origin}/`, { maxBytes: 999 })))).code).toBe(
      'response_too_large',
    )
  })

  it.each(['gzip', 'br', 'deflate', 'gzip, gzip'])(
    'stops a %s bomb at the limit of what it grows to',
    async (coding) => {
      const encode = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync }
      const names = coding.split(', ') as (keyof typeof encode)[]
      const bomb = names.reduce<Buffer>((bytes, name) => encode[name](bytes), Buffer.alloc(64 << 20))
      const { origin } = await upstream((_, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(bomb),
      )
      const before = process.memoryUsage().arrayBuffers
      const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 1 << 20 })))
      expect(facts(failure)).toEqual(['response_too_large', true])
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20)
    },
  )
})

describe('a compressed answer', () => {
  const text = JSON.stringify({ data: Array.from({ length: 500 }, (_, id) => ({ id })) })
  const coded = {
    gzip: zlib.gzipSync(text),
    'x-gzip': zlib.gzipSync(text),
    GZIP: zlib.gzipSync(text),
    br: zlib.brotliCompressSync(text),
    deflate: zlib.deflateSync(text),
    identity: Buffer.from(text),
    'gzip, br': zlib.brotliCompressSync(zlib.gzipSync(text)),
  }

  it.each(Object.entries(coded))('in %s is read', async (coding, bytes) => {
    const { origin } = await upstream((incoming, response) => {
      expect(incoming.headers['accept-encoding']).toBe('gzip, br, deflate')
      response.writeHead(200, { 'content-encoding': coding }).end(bytes)
    })
    expect(Buffer.from((await transport().send(request(`${origin}/`))).body).toString()).toBe(text)
  })

  it('in bare deflate is read', async () => {
    const { origin } = await upstream((_, response) =>
      response.writeHead(200, { 'content-encoding': 'deflate' }).end(zlib.deflateRawSync(text)),
    )
    expect(Buffer.from((await transport().send(request(`${origin}/`))).body).toString()).toBe(text)
  })

  it.each(['gzip', 'br', 'deflate'] as const)('in %s that is cut short is connection_failed', async (coding) => {
    for (const length of [1, 5, coded[coding].length >> 1, coded[coding].length - 1]) {
      const { origin } = await upstream((_, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(coded[coding].subarray(0, length)),
      )
      expect(facts(await failureOf(transport().send(request(`${origin}/`))))).toEqual(['connection_failed', true])
    }
  })

  it.each([
    ['gzip', text],
    ['zstd-unknown', text],
    ['gzip, gzip, gzip', 'x'],
  ])('in %s that is none is connection_failed', async (coding, body) => {
    const { origin } = await upstream((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    )
    expect((await failureOf(transport().send(request(`${origin}/`)))).code).toBe('connection_failed')
  })
})

describe('time and cancellation', () => {
  it.each([
    ['no headers', ''],
    ['half the headers', 'HTTP/1.1 200 OK\r\nX: 1\r\n'],
    ['no body', head('Content-Length: 5')],
    ['a body that stops', `${head('Content-Length: 5')}ab`],
  ])('%s in time is timeout, and closes the socket', async (_, bytes) => {
    const { origin, sockets } = await raw(bytes, 'keep')
    const failure = await failureOf(transport().send(request(`${origin}/`, { timeoutMs: 50 })))
    expect(facts(failure)).toEqual(['timeout', true])
    await closed(sockets)
  })

  it('a body that drips does not get more time than all of the answer has', async () => {
    const { origin, sockets } = await wireServer((socket) => {
      socket.write(head('Content-Length: 100000'))
      const drip = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(drip))
    })
    expect(facts(await failureOf(transport().send(request(`${origin}/`, { timeoutMs: 80 }))))).toEqual([
      'timeout',
      true,
    ])
    await closed(sockets)
  })

  it('a request that waits for a socket was not sent when its time is up', async () => {
    const { origin } = await wireServer(() => undefined)
    const net = transport({ connections: 1 })
    const first = failureOf(net.send(request(`${origin}/1`, { timeoutMs: 400 })))
    const second = failureOf(net.send(request(`${origin}/2`, { timeoutMs: 50 })))
    expect(facts(await second)).toEqual(['timeout', false])
    expect(facts(await first)).toEqual(['timeout', true])
  })

  it('a caller that leaves closes the socket', async () => {
    const controller = new AbortController()
    const { origin, sockets } = await wireServer(() => controller.abort(new Error('left')))
    const failure = await failureOf(transport().send(request(`${origin}/`, { signal: controller.signal })))
    expect(facts(failure)).toEqual(['canceled', true])
    await closed(sockets)
  })

  it('a caller that leaves while the body arrives closes the socket', async () => {
    const controller = new AbortController()
    const { origin, sockets } = await wireServer((socket) =>
      socket.write(`${head('Content-Length: 9')}abc`, () => setTimeout(() => controller.abort(), 20)),
    )
    const failure = await failureOf(transport().send(request(`${origin}/`, { signal: controller.signal })))
    expect(facts(failure)).toEqual(['canceled', true])
    await closed(sockets)
  })

  it('a caller that left before sends nothing', async () => {
    const { origin, sockets } = await upstream((_, response) => response.end())
    const failure = await failureOf(transport().send(request(`${origin}/`, { signal: AbortSignal.abort() })))
    expect([...facts(failure), sockets.size]).toEqual(['canceled', false, 0])
  })

  it('leaves no listener on the signal', async () => {
    const controller = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = controller.signal
    Object.assign(controller.signal, {
      addEventListener: (...given: Parameters<typeof addEventListener>) => {
        listeners += 1
        addEventListener.apply(controller.signal, given)
      },
      removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
        listeners -= 1
        removeEventListener.apply(controller.signal, given)
      },
    })
    const { origin } = await upstream((_, response) => response.end('x'))
    await transport().send(request(`${origin}/`, { signal: controller.signal }))
    expect(listeners).toBe(0)
  })

  it('a closed transport refuses: nothing is sent', async () => {
    const { origin } = await upstream((_, response) => response.end('x'))
    const net = transport()
    await net.close()
    expect(facts(await failureOf(net.send(request(`${origin}/`))))).toEqual(['overloaded', false])
  })

  it('what is no HTTP is refused before it is sent', async () => {
    const { origin, sockets } = await upstream((_, response) => response.end('x'))
    const bad = request(`${origin}/`, { headers: [['X-A', 'a\r\nX-B: b']] })
    expect(facts(await failureOf(transport().send(bad)))).toEqual(['invalid_request', false])
    expect(facts(await failureOf(transport().send(request(`${origin}/a b`))))).toEqual(['invalid_request', false])
    expect(sockets.size).toBe(0)
  })
})
