import { describe, expect, it } from 'vitest'
import { forward } from '../../engine/execute/forward.ts'
import { callOptions, type Definition } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { call, desk, pass, tap } from './forwarding.ts'

describe('the budget', () => {
  const limits = (kind: 'concurrency' | 'window'): Partial<Definition> => ({
    rate_limits: {
      buckets: {
        all: { kind, limit: 1, ...(kind === 'window' ? { window_ms: 1000 } : {}) },
        reads: { kind: 'concurrency', limit: 1, effects: ['read'] },
      },
      feedback: { retry_after: { header: 'Retry-After' } },
    },
  })
  const fail = { onLimit: 'fail' } as const

  it('is held until the answer has come, failed or was left; undeclared requests share it', async () => {
    const { url, sockets } = await tap('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1')
    const at = desk(url, limits('concurrency'))
    const open = () => forward(at.context, at.account, call('/undeclared'), callOptions(fail))
    const first = await open()
    expect((await failureOf(open())).code).toBe('rate_limited')
    for (const socket of sockets) socket.write('2')
    for await (const _ of first.body);
    const second = await open()
    await second.body[Symbol.asyncIterator]().return?.()
    const third = await open()
    expect((await failureOf(pass(at, call('/customers/c'), fail))).code).toBe('rate_limited')
    for (const socket of sockets) socket.destroy()
    expect(
      (
        await failureOf(
          third.body[Symbol.asyncIterator]()
            .next()
            .then(() => third.body[Symbol.asyncIterator]().next()),
        )
      ).code,
    ).toBe('connection_failed')
    await (await open()).body[Symbol.asyncIterator]().return?.()
  })

  it.each([
    ['a refused connection', async () => 'http://127.0.0.1:1', 'connection_failed'],
    [
      'a broken body',
      async () => (await tap('HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx')).url,
      'timeout',
    ],
  ])('is given back after %s', async (_, upstream, code) => {
    const at = desk(await upstream(), limits('concurrency'))
    for (let round = 0; round < 2; round += 1)
      expect((await failureOf(pass(at, call('/undeclared', { timeoutMs: 200 }), fail))).code).toBe(code)
  })

  it('is given back at once where there is no body to read', async () => {
    const { url } = await tap('HTTP/1.1 204 No Content\r\n\r\n')
    const at = desk(url, limits('concurrency'))
    for (let round = 0; round < 2; round += 1)
      await forward(at.context, at.account, call('/undeclared'), callOptions(fail))
  })

  it('learns from a 429 how long to wait', async () => {
    const { url, received } = await tap('HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n')
    const at = desk(url, limits('concurrency'))
    expect((await pass(at, call('/customers/c'), fail)).status).toBe(429)
    const failure = await failureOf(pass(at, call('/customers/c'), fail))
    expect([failure.code, failure.details.waitMs, received.length]).toEqual(['rate_limited', 7000, 1])
  })

  it('waits for the window like every other caller of the account', async () => {
    const { url, received } = await tap()
    const at = desk(url, limits('window'))
    await pass(at, call('/customers/c'))
    const waiting = pass(at, call('/undeclared'))
    await at.clock.advance(500)
    expect(received).toHaveLength(1)
    await at.clock.advance(1000)
    expect((await waiting).status).toBe(200)
  })
})

it('a caller that leaves while it waits for the budget sends nothing', async () => {
  const { url, sockets } = await tap()
  const at = desk(url, { rate_limits: { buckets: { all: { kind: 'concurrency', limit: 1 } } } })
  const held = await at.budget.acquire({
    ...callOptions(),
    buckets: [{ key: 'env_1/acc_1/all', kind: 'concurrency', limit: 1, windowMs: 0 }],
  })
  const controller = new AbortController()
  const leaving = failureOf(pass(at, call('/customers/c'), { signal: controller.signal }))
  await at.clock.advance(1)
  controller.abort()
  expect([(await leaving).code, sockets.size]).toEqual(['canceled', 0])
  held.done()
})
