import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { closed, facts, head, raw, request, transport, upstream, wireServer } from './upstream.ts'

describe('time and cancellation', () => {
  it.each([
    ['no headers', ''],
    ['half the headers', 'HTTP/1.1 200 OK\r\nX: 1\r\n'],
    ['no body', head('Content-Length: 5')],
    ['a body that stops', `${head('Content-Length: 5')}ab`],
  ])('%s in time is timeout, and closes the socket', async (_, bytes) => {
    const { origin, sockets } = await raw(bytes, 'keep')
    const failure = await failureOf(transport().send(request(`${origin}/`, { timeoutMs: 1_000 })))
    expect(facts(failure)).toEqual(['timeout', true])
    await closed(sockets)
  })

  it('a body that drips does not get more time than all of the answer has', async () => {
    const { origin, sockets } = await wireServer((socket) => {
      socket.write(head('Content-Length: 100000'))
      const drip = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(drip))
    })
    expect(facts(await failureOf(transport().send(request(`${origin}/`, { timeoutMs: 1_000 }))))).toEqual([
      'timeout',
      true,
    ])
    await closed(sockets)
  })

  it('a request that waits for a socket was not sent when its time is up', async () => {
    const { origin } = await wireServer(() => undefined)
    const net = transport({ connections: 1 })
    const first = failureOf(net.send(request(`${origin}/1`, { timeoutMs: 3_000 })))
    const second = failureOf(net.send(request(`${origin}/2`, { timeoutMs: 500 })))
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
