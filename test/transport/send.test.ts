import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { facts, head, raw, request, transport, upstream } from './upstream.ts'

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
